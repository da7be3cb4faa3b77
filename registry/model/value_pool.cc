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
// The output of a check is mostly its own; what is short ("OK", "TTL expired") is said by many.
constexpr size_t kShortOutput = 32;

constexpr uint64_t kMixer = 0x9e3779b97f4a7c15;

void Mix(uint64_t value, uint64_t* hash) {
  *hash = (*hash ^ value) * kMixer;
  *hash ^= *hash >> 32;
}
void Mix(const Text& text, uint64_t* hash) {
  Mix(reinterpret_cast<uintptr_t>(text.identity()), hash);
}
void Mix(const std::pair<Text, Text>& pair, uint64_t* hash) {
  Mix(pair.first, hash);
  Mix(pair.second, hash);
}

template <typename Element>
size_t HashOf(std::span<const Element> elements) {
  uint64_t hash = elements.size();
  for (const Element& element : elements) Mix(element, &hash);
  return hash;
}

bool IsSame(const Text& a, const Text& b) { return a.SharesWith(b); }
bool IsSame(const std::pair<Text, Text>& a, const std::pair<Text, Text>& b) {
  return IsSame(a.first, b.first) && IsSame(a.second, b.second);
}

template <typename Element>
bool AreSame(std::span<const Element> a, std::span<const Element> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Element& x, const Element& y) { return IsSame(x, y); });
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

size_t ValuePool::IdentityHash::operator()(std::span<const Text> list) const {
  return HashOf(list);
}
size_t ValuePool::IdentityHash::operator()(std::span<const std::pair<Text, Text>> map) const {
  return HashOf(map);
}
bool ValuePool::IdentityEqual::operator()(std::span<const Text> a, std::span<const Text> b) const {
  return AreSame(a, b);
}
bool ValuePool::IdentityEqual::operator()(std::span<const std::pair<Text, Text>> a,
                                          std::span<const std::pair<Text, Text>> b) const {
  return AreSame(a, b);
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

Text ValuePool::Share(const Text& text) {
  if (text.empty()) return {};
  SweepIfDue();
  return *texts_.insert(text).first;
}

TextList ValuePool::ShareListOf(std::span<const Text> shared) {
  if (shared.empty()) return {};
  SweepIfDue();
  const auto known = lists_.find(shared);
  return known != lists_.end() ? *known
                               : *lists_.insert(TextList(shared.begin(), shared.end())).first;
}

StringMap ValuePool::ShareMapOf(std::span<const std::pair<Text, Text>> shared) {
  if (shared.empty()) return {};
  SweepIfDue();
  const auto known = maps_.find(shared);
  return known != maps_.end() ? *known
                              : *maps_.insert(StringMap(shared.begin(), shared.end())).first;
}

TextList ValuePool::Share(const TextList& list) {
  if (list.empty()) return {};
  if (const auto known = lists_.find(list); known != lists_.end()) return *known;
  std::vector<Text> shared;
  shared.reserve(list.size());
  for (const Text& text : list) shared.push_back(Share(text));
  return ShareListOf(shared);
}

StringMap ValuePool::Share(const StringMap& map) {
  if (map.empty()) return {};
  if (const auto known = maps_.find(map); known != maps_.end()) return *known;
  std::vector<std::pair<Text, Text>> shared;
  shared.reserve(map.size());
  for (const auto& [key, value] : map) shared.emplace_back(Share(key), Share(value));
  return ShareMapOf(shared);
}

SharedValue<CheckDefinition> ValuePool::Share(const SharedValue<CheckDefinition>& definition) {
  if (definition == nullptr) return nullptr;
  SweepIfDue();
  return *definitions_.insert(definition).first;
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
  if (check->output.size() <= kShortOutput) check->output = Share(check->output);
  check->type = Share(check->type);
  check->definition = Share(check->definition);
  check->upkeep = check->upkeep == check->definition ? check->definition : Share(check->upkeep);
}

void ValuePool::SweepIfDue() {
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
