#include "tests/conformance/comparison.h"

#include <algorithm>
#include <regex>
#include <set>

namespace rollcall::conformance {
namespace {

constexpr char kServerNode[] = "n1";
constexpr char kServerService[] = "consul";
constexpr char kServerCheck[] = "serfHealth";
constexpr char kConsulsOwnMeta[] = "consul-network-segment";

bool IsIndexKey(const std::string& key) {
  static const std::set<std::string> kKeys = {"CreateIndex", "ModifyIndex", "LockIndex", "Index"};
  return kKeys.contains(key);
}

bool MayBeEmptyInAnyWay(const std::string& key) {
  static const std::set<std::string> kKeys = {"Meta", "NodeMeta",    "ServiceMeta",
                                              "Tags", "ServiceTags", "TaggedAddresses"};
  return kKeys.contains(key);
}

bool IsUuid(const std::string& text) {
  static const std::regex kUuid("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  return std::regex_match(text, kUuid);
}

bool PathIs(const std::string& path, const std::string& wanted) {
  return path.substr(0, path.find('?')) == wanted;
}

bool IsText(const Json& value) { return value.is_string() && value != ""; }

bool IsServersCheck(const Json& value) {
  return value.is_object() && value.value("CheckID", Json()) == kServerCheck;
}

void Normalise(Json* value) {
  if (value->is_string() && IsUuid(*value)) *value = "$uuid";
  if (value->is_array()) {
    value->erase(std::remove_if(value->begin(), value->end(), IsServersCheck), value->end());
    for (Json& element : *value) Normalise(&element);
  }
  if (value->is_object()) {
    value->erase(kConsulsOwnMeta);
    for (auto& [key, element] : value->items()) {
      if (IsIndexKey(key) && element.is_number_unsigned()) {
        element = "$index";
      } else {
        Normalise(&element);
      }
    }
  }
}

Json WithSortedChecks(Json value) {
  if (value.is_array()) {
    for (Json& element : value) element = WithSortedChecks(std::move(element));
  }
  if (value.is_object() && value.contains("Checks") && value["Checks"].is_array()) {
    std::sort(value["Checks"].begin(), value["Checks"].end(), [](const Json& a, const Json& b) {
      return a.value("CheckID", "") < b.value("CheckID", "");
    });
  }
  return value;
}

std::string Shown(const Json& value) { return value.dump(); }

std::string DifferenceAt(const std::string& where, const std::string& key, const Json& expected,
                         const Json& answer) {
  if (MayBeEmptyInAnyWay(key) && expected.empty() && answer.empty()) return "";
  if (key == "ContentHash" && IsText(expected) && IsText(answer)) return "";
  if (expected.type() != answer.type() || expected.is_primitive()) {
    if (expected == answer) return "";
    return where + ": expected " + Shown(expected) + ", got " + Shown(answer);
  }
  if (expected.is_array()) {
    if (expected.size() != answer.size()) {
      return where + ": expected " + std::to_string(expected.size()) + " elements, got " +
             std::to_string(answer.size()) + ": " + Shown(answer);
    }
    for (size_t i = 0; i < expected.size(); ++i) {
      std::string difference =
          DifferenceAt(where + "[" + std::to_string(i) + "]", "", expected[i], answer[i]);
      if (!difference.empty()) return difference;
    }
    return "";
  }
  for (const auto& [name, element] : expected.items()) {
    if (!answer.contains(name)) return where + "." + name + ": missing";
    std::string difference = DifferenceAt(where + "." + name, name, element, answer[name]);
    if (!difference.empty()) return difference;
  }
  for (const auto& [name, element] : answer.items()) {
    if (!expected.contains(name)) return where + "." + name + ": not expected: " + Shown(element);
  }
  return "";
}

}  // namespace

Json Normalised(const std::string& path, Json answer) {
  if (PathIs(path, "/v1/catalog/nodes") && answer.is_array()) {
    answer.erase(
        std::remove_if(answer.begin(), answer.end(),
                       [](const Json& node) { return node.value("Node", "") == kServerNode; }),
        answer.end());
  }
  if (PathIs(path, "/v1/catalog/services") && answer.is_object()) answer.erase(kServerService);
  Normalise(&answer);
  return answer;
}

std::string Difference(const std::string& path, const Json& expected, const Json& answer) {
  const auto sort_tags = [](Json services) {
    for (auto& [name, tags] : services.items()) std::sort(tags.begin(), tags.end());
    return services;
  };
  if (PathIs(path, "/v1/catalog/services") && expected.is_object() && answer.is_object()) {
    return DifferenceAt("$", "", sort_tags(expected), sort_tags(answer));
  }
  if (path.starts_with("/v1/agent/health/")) {
    return DifferenceAt("$", "", WithSortedChecks(expected), WithSortedChecks(answer));
  }
  return DifferenceAt("$", "", expected, answer);
}

}  // namespace rollcall::conformance
