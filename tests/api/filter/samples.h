// Records that the tests filter, and the two questions that all of them ask.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/filter/filter.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::api::filter {

// "yes", "no", or the error, without the sentence that all of them begin with.
template <typename Record>
std::string Ask(std::string_view expression, const Record& record) {
  const auto filter = Filter<Record>::Parse(expression);
  if (filter) return filter->Matches(record) ? "yes" : "no";
  constexpr std::string_view kSentence = "Failed to create boolean expression evaluator: ";
  const std::string& message = filter.error().message;
  if (filter.error().code != ErrorCode::kInvalidArgument || !message.starts_with(kSentence)) {
    return "not worded as an error of a filter: " + message;
  }
  return message.substr(kSentence.size());
}

inline model::Node SampleNode() {
  model::Node node;
  node.id = "40e4a748-2192-161a-0510-9bf59fe950b5";
  node.name = "web-01";
  node.address = "10.0.0.1";
  node.tagged_addresses = {{"lan", "10.0.0.1"}, {"wan", "192.0.2.1"}};
  node.meta = {{"os", "linux"}, {"rack-unit", "7"}};
  return node;
}

inline model::Instance SampleInstance() {
  model::Instance instance;
  instance.node = "web-01";
  instance.id = "api-1";
  instance.service = "api";
  instance.kind = "typical";
  instance.tags = {"eu", "v2"};
  instance.address = "10.0.0.8";
  instance.port = 8080;
  instance.socket_path = "/run/api.sock";
  instance.tagged_addresses = {{"wan", {"192.0.2.8", 443}}};
  instance.meta = {{"empty", ""}, {"version", "2.1"}};
  instance.weights = {10, 2};
  instance.enable_tag_override = true;
  return instance;
}

inline model::Check SampleCheck() {
  model::Check check;
  check.node = "web-01";
  check.check_id = "service:api-1";
  check.name = "Service 'api' check";
  check.status = model::CheckStatus::kWarning;
  check.notes = "asks /health";
  check.output = "slow\nvery slow";
  check.service_id = "api-1";
  check.service_name = "api";
  check.service_tags = {"eu", "v2"};
  check.type = "http";
  return check;
}

// The sample instance with a passing check of its node and the sample check.
inline catalog::InstanceEntry SampleEntry() {
  model::Check of_node;
  of_node.node = "web-01";
  of_node.check_id = "serfHealth";
  of_node.status = model::CheckStatus::kPassing;
  const auto list_of = [](model::Check check) {
    const boost::intrusive_ptr<catalog::CheckEntry> entry(new catalog::CheckEntry);
    entry->check = MakeCounted(std::move(check));
    return catalog::CheckList{entry};
  };
  catalog::InstanceEntry entry;
  entry.node = MakeCounted(SampleNode());
  entry.instance = MakeCounted(SampleInstance());
  entry.node_checks = list_of(std::move(of_node));
  entry.checks = list_of(SampleCheck());
  entry.status = model::CheckStatus::kWarning;
  return entry;
}

}  // namespace rollcall::api::filter
