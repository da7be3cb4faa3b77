#include "agent/registry_view.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/model/json.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;

constexpr size_t kMaxChecksPerWrite = 32;
// The registry takes 512 KiB, and JSON may need six bytes for one.
constexpr size_t kMaxTextsPerWrite = 64 << 10;

// Null, {} and [] say the same in Consul's answers.
bool SameValue(const json& a, const json& b) {
  const auto is_empty = [](const json& v) {
    return v.is_null() || (v.is_structured() && v.empty());
  };
  return a == b || (is_empty(a) && is_empty(b));
}

// Whether `shown` says of each of `fields` what `wanted` says. Compared as the JSON that travels,
// where bytes that are not UTF-8 have been replaced.
template <size_t n>
bool SameFields(const nlohmann::ordered_json& wanted, const json& shown,
                const char* const (&fields)[n]) {
  const json sent = json::parse(model::Dump(wanted));
  for (const char* field : fields) {
    if (!SameValue(sent.value(field, json()), shown.value(field, json()))) return false;
  }
  return true;
}

bool Shows(const json& shown, const model::Node& node) {
  static constexpr const char* kFields[] = {"Address", "TaggedAddresses", "Meta"};
  if (!SameFields(model::NodeJson(node, ""), shown, kFields)) return false;
  // Without an ID of our own we do not mind the one that the registry has.
  return node.id.empty() || EqualsIgnoreCase(shown.value("ID", ""), node.id);
}

bool Shows(const json& shown, const model::Instance& instance) {
  static constexpr const char* kFields[] = {
      "Kind", "ID",         "Service",         "Address", "Port",
      "Meta", "SocketPath", "TaggedAddresses", "Weights", "EnableTagOverride"};
  static constexpr const char* kTags[] = {"Tags"};
  const auto wanted = model::NodeServiceJson(instance);
  if (!SameFields(wanted, shown, kFields)) return false;
  // EnableTagOverride leaves the tags to whoever changes them in the catalog.
  return instance.enable_tag_override || SameFields(wanted, shown, kTags);
}

bool Shows(const json& shown, const model::Check& check) {
  static constexpr const char* kFields[] = {"CheckID", "Name", "Notes", "ServiceID", "Type"};
  static constexpr const char* kState[] = {"Status", "Output"};
  const auto wanted = model::CheckJson(check);
  if (!SameFields(wanted, shown, kFields)) return false;
  // The registry itself keeps the state of the node's check, by our heartbeats.
  return check.check_id == kNodeCheckId || SameFields(wanted, shown, kState);
}

model::Check WithOutput(model::Check check, Text output) {
  check.output = std::move(output);
  return check;
}

bool SameButForOutput(const model::Check& a, const model::Check& b) {
  return model::SameContent(WithOutput(a, b.output), b);
}

// Which of the checks from `begin` on go into one registration; one that is too large goes alone.
size_t EndOfWrite(const std::vector<model::Check>& checks, size_t begin) {
  size_t bytes = 0;
  size_t end = begin;
  while (end < checks.size() && end - begin < kMaxChecksPerWrite) {
    bytes += checks[end].output.size() + checks[end].notes.size();
    if (end > begin && bytes > kMaxTextsPerWrite) break;
    ++end;
  }
  return end;
}

template <typename Record>
bool Holds(const IdMap<std::shared_ptr<const Record>>& records,
           const std::shared_ptr<const Record>& wanted, const std::string& id) {
  const auto found = records.find(id);
  return found != records.end() &&
         (found->second == wanted || model::SameContent(*found->second, *wanted));
}

}  // namespace

IdMap<std::vector<model::Check>> RegistryView::MissingChecks(const DesiredState& desired,
                                                             HeldOutputs* held) const {
  IdMap<std::vector<model::Check>> missing;
  for (const auto& [id, check] : desired.checks) {
    if (Holds(checks_, check, id) || Holds(refused_checks_, check, id)) {
      if (held != nullptr) held->Release(id);
      continue;
    }
    const auto known = checks_.find(id);
    const bool may_wait = known != checks_.end() && SameButForOutput(*known->second, *check);
    if (held != nullptr && may_wait && held->Holds(id)) continue;
    missing[check->service_id.str()].push_back(*check);
  }
  return missing;
}

void RegistryView::PlanRegistration(const DesiredState& desired, model::Register write,
                                    std::vector<model::Check> checks,
                                    std::vector<RegistryWrite>* writes) const {
  write.node = desired.node;
  size_t next = 0;
  do {
    const size_t end = EndOfWrite(checks, next);
    write.checks.assign(std::make_move_iterator(checks.begin() + static_cast<ptrdiff_t>(next)),
                        std::make_move_iterator(checks.begin() + static_cast<ptrdiff_t>(end)));
    writes->emplace_back(write);
    write.skip_node_update = true;
    write.instance.reset();
    next = end;
  } while (next < checks.size());
}

std::vector<RegistryWrite> RegistryView::Plan(const DesiredState& desired,
                                              HeldOutputs* held) const {
  std::vector<RegistryWrite> writes;
  const bool is_guest = node_is_registrys_ && !desired.node.id.empty();
  // Nothing can be put on a node that is not there.
  if (node_refused_ && !is_guest) return writes;
  const bool node_is_there =
      is_guest || (node_ != nullptr && model::SameContent(*node_, desired.node));
  IdMap<std::vector<model::Check>> missing = MissingChecks(desired, held);
  std::vector<model::Check> node_checks = std::move(missing[""]);
  if (is_guest) {
    std::erase_if(node_checks,
                  [](const model::Check& check) { return check.check_id == kNodeCheckId; });
  }
  if (!node_is_there || !node_checks.empty()) {
    model::Register write;
    write.skip_node_update = node_is_there;
    PlanRegistration(desired, std::move(write), std::move(node_checks), &writes);
  }
  // Another host with an ID may have the name: nothing is put on its node.
  if (!node_is_there && !desired.node.id.empty()) {
    writes.erase(writes.begin() + 1, writes.end());
    return writes;
  }
  for (const auto& [id, instance] : desired.instances) {
    if (Holds(refused_instances_, instance, id)) continue;
    const bool is_there = Holds(instances_, instance, id);
    const auto of_instance = missing.find(id);
    if (is_there && of_instance == missing.end()) continue;
    std::vector<model::Check> checks;
    if (of_instance != missing.end()) checks = std::move(of_instance->second);
    model::Register write;
    write.skip_node_update = true;
    if (!is_there) write.instance = *instance;
    PlanRegistration(desired, std::move(write), std::move(checks), &writes);
  }
  PlanRemovals(desired, &writes);
  return writes;
}

void RegistryView::PlanRemovals(const DesiredState& desired,
                                std::vector<RegistryWrite>* writes) const {
  IdSet leaving;
  for (const auto& [id, instance] : instances_) {
    if (desired.instances.contains(id)) continue;
    leaving.insert(id);
    writes->emplace_back(model::Deregister{desired.node.name.str(), id, ""});
  }
  for (const auto& [id, check] : checks_) {
    // An instance takes its checks with it.
    if (desired.checks.contains(id) || leaving.contains(check->service_id)) continue;
    writes->emplace_back(model::Deregister{desired.node.name.str(), "", id});
  }
}

void RegistryView::Own(const model::Register& write) {
  if (write.instance) own_.instances.insert(write.instance->id.str());
  for (const model::Check& check : write.checks) own_.checks.insert(check.check_id.str());
}

void RegistryView::Confirm(const RegistryWrite& write, const DesiredState& desired) {
  if (const auto* removed = std::get_if<model::Deregister>(&write)) {
    if (!removed->check_id.empty()) checks_.erase(removed->check_id);
    if (!removed->service_id.empty()) {
      instances_.erase(removed->service_id);
      std::erase_if(checks_, [removed](const auto& entry) {
        return EqualsIgnoreCase(entry.second->service_id, removed->service_id);
      });
    }
    return;
  }
  const auto& registered = std::get<model::Register>(write);
  Own(registered);
  if (!registered.skip_node_update) node_ = std::make_shared<const model::Node>(desired.node);
  if (registered.instance) {
    const std::string id = registered.instance->id.str();
    instances_[id] = desired.instances.at(id);
  }
  for (const model::Check& check : registered.checks) {
    const std::string id = check.check_id.str();
    checks_[id] = desired.checks.at(id);
  }
}

void RegistryView::Refuse(const RegistryWrite& write, const DesiredState& desired) {
  if (const auto* removed = std::get_if<model::Deregister>(&write)) {
    Confirm(*removed, desired);  // not tried again before the next comparison finds it there
    return;
  }
  const auto& registered = std::get<model::Register>(write);
  Own(registered);  // part of it may have been taken
  if (!registered.skip_node_update) node_refused_ = true;
  if (registered.instance) {
    const std::string id = registered.instance->id.str();
    refused_instances_[id] = desired.instances.at(id);
  }
  for (const model::Check& check : registered.checks) {
    const std::string id = check.check_id.str();
    refused_checks_[id] = desired.checks.at(id);
  }
}

void RegistryView::Forget() {
  node_ = nullptr;
  instances_.clear();
  checks_.clear();
  node_refused_ = false;
  refused_instances_.clear();
  refused_checks_.clear();
}

Result<void> RegistryView::Compare(const DesiredState& desired, const std::string& node_answer,
                                   const std::string& checks_answer) {
  const json node = json::parse(node_answer, nullptr, /*allow_exceptions=*/false);
  const json checks = json::parse(checks_answer, nullptr, /*allow_exceptions=*/false);
  if (!(node.is_object() || node.is_null()) || !checks.is_array()) {
    return InvalidArgument("the registry's answer about node \"" + desired.node.name +
                           "\" is not understood");
  }
  Forget();
  if (node.is_null()) return {};
  try {
    if (Shows(node.at("Node"), desired.node)) {
      node_ = std::make_shared<const model::Node>(desired.node);
    }
    CompareInstances(desired, node.at("Services"));
    CompareChecks(desired, checks);
  } catch (const json::exception& error) {
    Forget();
    return InvalidArgument("the registry's answer about node \"" + desired.node.name +
                           "\" is not understood: " + error.what());
  }
  return {};
}

void RegistryView::CompareInstances(const DesiredState& desired, const json& services) {
  for (const auto& [id, shown] : services.items()) {
    if (const auto wanted = desired.instances.find(id); wanted != desired.instances.end()) {
      if (Shows(shown, *wanted->second)) instances_[id] = wanted->second;
    } else if (own_.instances.contains(id)) {
      auto stray = std::make_shared<model::Instance>();
      stray->id = id;
      instances_[id] = std::move(stray);
    }
  }
}

void RegistryView::CompareChecks(const DesiredState& desired, const json& checks) {
  for (const json& shown : checks) {
    const std::string id = shown.at("CheckID").get<std::string>();
    if (const auto wanted = desired.checks.find(id); wanted != desired.checks.end()) {
      const model::Check& check = *wanted->second;
      if (Shows(shown, check)) {
        checks_[id] = wanted->second;
        continue;
      }
      // Another output alone is no reason to write at once.
      const model::Check other = WithOutput(check, shown.value("Output", std::string()));
      if (Shows(shown, other)) checks_[id] = std::make_shared<const model::Check>(other);
    } else if (own_.checks.contains(id)) {
      auto stray = std::make_shared<model::Check>();
      stray->check_id = id;
      stray->service_id = shown.at("ServiceID").get<std::string>();
      checks_[id] = std::move(stray);
    }
  }
}

}  // namespace rollcall::agent
