#include "cli/service_view.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace rollcall::cli {
namespace {

using Json = nlohmann::json;

int Badness(std::string_view status) {
  if (status == "passing") return 0;
  return status == "warning" ? 1 : 2;
}

// Throws Json::exception on a shape that the API does not have.
InstanceView ParseInstance(const Json& entry) {
  const Json& service = entry.at("Service");
  InstanceView instance;
  instance.node = entry.at("Node").at("Node").get<std::string>();
  instance.id = service.at("ID").get<std::string>();
  instance.address = service.at("Address").get<std::string>();
  if (instance.address.empty()) instance.address = entry.at("Node").at("Address");
  instance.port = service.at("Port").get<int>();
  if (const Json& tags = service.at("Tags"); !tags.is_null()) {
    instance.tags = tags.get<std::vector<std::string>>();
  }
  instance.status = "passing";
  for (const Json& check : entry.at("Checks")) {
    const auto status = check.at("Status").get<std::string>();
    if (status != "passing") instance.failing.push_back(check.at("Name").get<std::string>());
    if (Badness(status) > Badness(instance.status)) instance.status = status;
  }
  return instance;
}

// An instance is its node and its ID.
using ByIdentity = std::map<std::pair<std::string, std::string>, const InstanceView*>;

ByIdentity IndexByIdentity(const std::vector<InstanceView>& instances) {
  ByIdentity index;
  for (const InstanceView& each : instances) index[{each.id, each.node}] = &each;
  return index;
}

void CompareOne(const InstanceView& before, const InstanceView& after,
                std::vector<Change>* changes) {
  if (before.status != after.status) changes->push_back({ChangeKind::kStatus, after, before});
  if (before.Endpoint() != after.Endpoint()) {
    changes->push_back({ChangeKind::kMoved, after, before});
  }
  if (before.tags != after.tags) changes->push_back({ChangeKind::kRetagged, after, before});
}

}  // namespace

std::string InstanceView::Endpoint() const {
  if (port == 0) return address;
  const bool ipv6 = address.find(':') != std::string::npos;
  return (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

Result<std::vector<InstanceView>> ParseHealthService(std::string_view body) {
  try {
    std::vector<InstanceView> instances;
    for (const Json& entry : Json::parse(body)) instances.push_back(ParseInstance(entry));
    return instances;
  } catch (const Json::exception&) {
    return Corruption("the answer is not a list of instances; is --http-addr a rollcall server?");
  }
}

std::vector<Change> Compare(const std::vector<InstanceView>& before,
                            const std::vector<InstanceView>& after) {
  const ByIdentity old_ones = IndexByIdentity(before);
  const ByIdentity new_ones = IndexByIdentity(after);
  std::vector<Change> changes;
  for (const auto& [identity, instance] : old_ones) {
    if (!new_ones.contains(identity)) changes.push_back({ChangeKind::kRemoved, *instance, {}});
  }
  for (const auto& [identity, instance] : new_ones) {
    const auto old_one = old_ones.find(identity);
    if (old_one == old_ones.end()) {
      changes.push_back({ChangeKind::kAdded, *instance, {}});
    } else {
      CompareOne(*old_one->second, *instance, &changes);
    }
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::tie(a.instance.id, a.instance.node) < std::tie(b.instance.id, b.instance.node);
  });
  return changes;
}

std::string Join(const std::vector<std::string>& words, std::string_view separator) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += separator;
    joined += word;
  }
  return joined;
}

}  // namespace rollcall::cli
