#include "registry/model/value_pool.h"

#include <algorithm>
#include <cstdint>
#include <functional>

namespace rollcall::model {
namespace {

// A small pool is never swept.
constexpr size_t kSmall = 4096;
// A sweep looks at each value, and so comes at most once for so many questions per value, or when
// the pool has grown to twice its size.
constexpr size_t kQuestionsPerValue = 8;
// Of a check. Longer ones are mostly its own.
constexpr size_t kShortOutput = 32;
bool IsCommonOutput(std::string_view output) { return output.size() <= kShortOutput; }

constexpr uint64_t kMixer = 0x9e3779b97f4a7c15;

void Mix(uint64_t value, uint64_t* hash) {
  *hash = (*hash ^ value) * kMixer;
  *hash ^= *hash >> 32;
}
void Mix(std::string_view text, uint64_t* hash) { Mix(std::hash<std::string_view>()(text), hash); }
template <typename Characters>
void Mix(const std::pair<Characters, Characters>& pair, uint64_t* hash) {
  Mix(std::string_view(pair.first), hash);
  Mix(std::string_view(pair.second), hash);
}

template <typename A, typename B>
bool IsEqual(const A& a, const B& b) {
  return a == b;
}
template <typename A, typename B>
bool IsEqual(const std::pair<A, A>& a, const std::pair<B, B>& b) {
  return a.first == b.first && a.second == b.second;
}

// The element of an array as the pool shares it.
Text ShareElement(const Text& text, ValuePool* pool) { return pool->Share(text); }
Text ShareElement(std::string_view text, ValuePool* pool) { return pool->Share(text); }
template <typename Characters>
std::pair<Text, Text> ShareElement(const std::pair<Characters, Characters>& pair, ValuePool* pool) {
  return {pool->Share(pair.first), pool->Share(pair.second)};
}

// `*value` becomes a reference to `other` when it says the same.
template <typename Value>
void ShareIfEqual(Value* value, const Value& other) {
  if (*value == other) *value = other;
}

// The names of the addresses are common, their values at most the record's own address again.
StringMap WithSharedNames(const StringMap& map, const Text& own, ValuePool* pool) {
  std::vector<std::pair<Text, Text>> entries;
  entries.reserve(map.size());
  for (const auto& [name, address] : map) {
    entries.emplace_back(pool->Share(name), address);
    ShareIfEqual(&entries.back().second, own);
  }
  return entries;
}

FlatMap<ServiceAddress> WithSharedNames(const FlatMap<ServiceAddress>& map, const Text& own,
                                        ValuePool* pool) {
  std::vector<std::pair<Text, ServiceAddress>> entries;
  entries.reserve(map.size());
  for (const auto& [name, address] : map) {
    entries.emplace_back(pool->Share(name), address);
    ShareIfEqual(&entries.back().second.address, own);
  }
  return entries;
}

}  // namespace

template <typename Array>
size_t ValuePool::ArrayHash::operator()(const Array& array) const {
  uint64_t hash = array.size();
  for (const auto& element : array) Mix(element, &hash);
  return hash;
}

template <typename A, typename B>
bool ValuePool::ArrayEqual::operator()(const A& a, const B& b) const {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return IsEqual(x, y); });
}

size_t ValuePool::DefinitionHash::operator()(const SharedValue<CheckDefinition>& definition) const {
  const std::hash<std::string_view> hash_of;
  uint64_t hash = definition->tls_skip_verify ? 1 : 0;
  for (const Text* text :
       {&definition->http, &definition->method, &definition->body, &definition->tcp}) {
    Mix(hash_of(*text), &hash);
  }
  for (const auto& [name, values] : definition->header) {
    Mix(hash_of(name), &hash);
    for (const Text& value : values) Mix(hash_of(value), &hash);
  }
  for (const auto duration : {definition->interval, definition->timeout, definition->ttl,
                              definition->deregister_critical_service_after}) {
    Mix(static_cast<uint64_t>(duration.count()), &hash);
  }
  return hash;
}

template <typename Value>
auto ValuePool::FromBehind(const Value& value) {
  const std::lock_guard lock(*mutex_);
  return behind_->Share(value);
}

template <typename Characters>
Text ValuePool::ShareText(const Characters& text) {
  if (text.empty()) return {};
  SweepIfDue();
  if (const auto known = texts_.find(text); known != texts_.end()) return *known;
  return *texts_.insert(behind_ == nullptr ? Text(text) : FromBehind(text)).first;
}

Text ValuePool::Share(const Text& text) { return ShareText(text); }
Text ValuePool::Share(std::string_view text) { return ShareText(text); }

template <typename Set, typename Array>
typename Set::value_type ValuePool::ShareArray(Set* set, const Array& array) {
  if (array.empty()) return {};
  SweepIfDue();
  if (const auto known = set->find(array); known != set->end()) return *known;
  if (behind_ != nullptr) return *set->insert(FromBehind(array)).first;
  using Element = typename Set::value_type::value_type;
  std::vector<Element> shared;
  shared.reserve(array.size());
  for (const auto& element : array) shared.push_back(ShareElement(element, this));
  return *set->insert(typename Set::value_type(std::move(shared))).first;
}

TextList ValuePool::Share(const TextList& list) { return ShareArray(&lists_, list); }
TextList ValuePool::Share(std::span<const std::string_view> list) {
  return ShareArray(&lists_, list);
}
StringMap ValuePool::Share(const StringMap& map) { return ShareArray(&maps_, map); }
StringMap ValuePool::Share(std::span<const std::pair<std::string_view, std::string_view>> map) {
  return ShareArray(&maps_, map);
}

SharedValue<CheckDefinition> ValuePool::Share(const SharedValue<CheckDefinition>& definition) {
  if (definition == nullptr) return nullptr;
  SweepIfDue();
  if (const auto known = definitions_.find(definition); known != definitions_.end()) return *known;
  return *definitions_.insert(behind_ == nullptr ? definition : FromBehind(definition)).first;
}

Text ValuePool::ShareOutput(std::string_view output) {
  return IsCommonOutput(output) ? Share(output) : Text(output);
}

void ValuePool::Share(Node* node, const Node* before) {
  if (before != nullptr) {
    ShareIfEqual(&node->name, before->name);
    ShareIfEqual(&node->id, before->id);
    ShareIfEqual(&node->address, before->address);
  }
  node->tagged_addresses = WithSharedNames(node->tagged_addresses, node->address, this);
  node->meta = Share(node->meta);
}

void ValuePool::Share(Instance* instance, const Node& node, const Instance* before) {
  if (before != nullptr) ShareIfEqual(&instance->id, before->id);
  ShareIfEqual(&instance->node, node.name);
  ShareIfEqual(&instance->address, node.address);
  instance->service = Share(instance->service);
  instance->kind = Share(instance->kind);
  instance->tags = Share(instance->tags);
  instance->tagged_addresses = WithSharedNames(instance->tagged_addresses, instance->address, this);
  instance->meta = Share(instance->meta);
}

void ValuePool::Share(Check* check, const Node& node, const Instance* instance,
                      const Check* before) {
  if (before != nullptr) ShareIfEqual(&check->check_id, before->check_id);
  ShareIfEqual(&check->node, node.name);
  if (instance != nullptr) {
    ShareIfEqual(&check->service_id, instance->id);
    ShareIfEqual(&check->service_name, instance->service);
    ShareIfEqual(&check->service_tags, instance->tags);
  } else {
    check->service_name = Share(check->service_name);
    check->service_tags = Share(check->service_tags);
  }
  check->name = Share(check->name);
  check->notes = Share(check->notes);
  if (IsCommonOutput(check->output)) check->output = Share(check->output);
  check->type = Share(check->type);
  check->definition = Share(check->definition);
  check->upkeep = check->upkeep == check->definition ? check->definition : Share(check->upkeep);
}

void ValuePool::SweepIfDue() {
  if (behind_ != nullptr) return;  // which refers to all that is in this one
  ++asked_;
  const size_t now = size();
  if (now < kSmall || (asked_ < kQuestionsPerValue * now && now < 2 * size_when_swept_)) return;
  Sweep();
}

void ValuePool::Sweep() {
  const auto is_forgotten = [](const auto& value) { return value.IsOnlyReference(); };
  // What refers to texts first.
  boost::unordered::erase_if(definitions_, is_forgotten);
  boost::unordered::erase_if(maps_, is_forgotten);
  boost::unordered::erase_if(lists_, is_forgotten);
  boost::unordered::erase_if(texts_, is_forgotten);
  asked_ = 0;
  size_when_swept_ = std::max(size(), kSmall);
}

}  // namespace rollcall::model
