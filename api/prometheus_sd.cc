#include "api/prometheus_sd.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/filter/filter.h"
#include "api/http/conditional.h"
#include "api/narrowing.h"
#include "api/reply.h"
#include "api/shared/sight.h"
#include "registry/model/maintenance.h"

namespace rollcall::api {
namespace {

using catalog::InstanceEntry;
using catalog::ServiceEntry;
using catalog::Snapshot;
using filter::HealthRecord;
using http::Request;
using nlohmann::ordered_json;

struct SdQuery {
  std::vector<std::string> services;  // empty: all
  QueryOptions options;
  filter::Filter<HealthRecord> filter;
  std::string tag_separator = ",";
};

Result<SdQuery> ParseSdQuery(const Request& request, const ServerInfo& info) {
  Result<QueryOptions> options = ParseQueryOptions(request, ContextOf(info));
  if (!options) return options.error();
  Result<filter::Filter<HealthRecord>> filter =
      filter::Filter<HealthRecord>::Parse(options->filter);
  if (!filter) return filter.error();
  SdQuery query{{}, std::move(*options), std::move(*filter)};
  // Named twice it is listed once.
  std::set<std::string> names;
  for (const std::string_view name : request.AllQuery("service")) names.insert(AsciiLower(name));
  query.services.assign(names.begin(), names.end());
  if (const auto separator = request.FindQuery("tag_separator")) query.tag_separator = *separator;
  return query;
}

// The worst of an instance's checks, maintenance above all.
std::string_view HealthOf(const InstanceEntry& entry) {
  for (const auto* list : {&entry.node_checks, &entry.checks}) {
    for (const auto& check : *list) {
      if (model::IsMaintenance(*check->check)) return "maintenance";
    }
  }
  return model::ToString(entry.status);
}

// What may not stand in a label's name becomes "_".
std::string LabelName(std::string_view prefix, std::string_view key) {
  std::string name(prefix);
  for (const char c : key) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name.push_back(good ? c : '_');
  }
  return name;
}

void AddLabels(std::string_view prefix, const model::StringMap& map, ordered_json* labels) {
  for (const auto& [key, value] : map) (*labels)[LabelName(prefix, key)] = value;
}

// "host:port", an IPv6 address in brackets.
std::string Target(std::string_view host, int port) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  std::string target(host);
  if (ipv6) target = "[" + target + "]";
  return target + ":" + std::to_string(port);
}

// With the separator at both ends, so that a rule can look for ",tag,".
std::string JoinedTags(const TextList& tags, const std::string& separator) {
  std::string joined = separator;
  for (const std::string_view tag : tags) joined.append(tag).append(separator);
  if (tags.empty()) joined.append(separator);
  return joined;
}

ordered_json TargetJson(const InstanceEntry& entry, const SdQuery& query, const ServerInfo& info) {
  const model::Node& node = *entry.node;
  const model::Instance& instance = *entry.instance;
  ordered_json labels = {{"__meta_consul_address", node.address},
                         {"__meta_consul_dc", info.datacenter},
                         {"__meta_consul_health", HealthOf(entry)},
                         {"__meta_consul_node", node.name},
                         {"__meta_consul_service", instance.service},
                         {"__meta_consul_service_address", instance.address},
                         {"__meta_consul_service_id", instance.id},
                         {"__meta_consul_service_port", std::to_string(instance.port)},
                         {"__meta_consul_tags", JoinedTags(instance.tags, query.tag_separator)}};
  AddLabels("__meta_consul_metadata_", node.meta, &labels);
  AddLabels("__meta_consul_service_metadata_", instance.meta, &labels);
  AddLabels("__meta_consul_tagged_address_", node.tagged_addresses, &labels);
  return {
      {"targets", ordered_json::array({Target(model::AddressOf(instance, node), instance.port)})},
      {"labels", std::move(labels)}};
}

bool Accepts(const SdQuery& query, const InstanceEntry& entry, const ServerInfo& info) {
  return (!query.options.only_passing || entry.status == model::CheckStatus::kPassing) &&
         HasTags(*entry.instance, query.options.tags) &&
         HasMeta(*entry.node, query.options.node_meta) &&
         query.filter.Matches({entry, info.datacenter});
}

std::string TargetsText(const Snapshot& snapshot, const SdQuery& query, const ServerInfo& info,
                        Sight& sight) {
  ordered_json list = ordered_json::array();
  const auto add = [&](const ServiceEntry& service) {
    for (const InstanceEntry& entry : service.instances) {
      if (sight.Instance(service.name, *entry.instance) && Accepts(query, entry, info))
        list.push_back(TargetJson(entry, query, info));
    }
  };
  if (query.services.empty()) {
    for (const ServiceEntry& service : snapshot.services()) add(service);
  } else {
    for (const std::string& name : query.services) {
      if (const ServiceEntry* service = snapshot.FindService(name)) add(*service);
    }
  }
  return list.dump(query.options.pretty ? 4 : -1, ' ', false,
                   ordered_json::error_handler_t::replace);
}

// Of the content: another server, or this one after a restart, gives the same tag to the same list.
std::string ETagOf(const std::string& text) {
  char digits[16];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, std::hash<std::string>()(text), 16).ptr;
  return http::WeakETag(std::string(digits, end) + "-" + std::to_string(text.size()));
}

void Answer(ApiWorker& worker, const std::shared_ptr<http::Exchange>& exchange,
            const acl::BearerPtr& bearer) {
  const Result<SdQuery> query = ParseSdQuery(exchange->request(), worker.info());
  if (!query) return exchange->Respond(ErrorResponse(query.error()));
  Sight sight(bearer->authorizer);
  std::string text = TargetsText(*worker.Snapshot(), *query, worker.info(), sight);
  const std::string etag = ETagOf(text);
  if (http::MatchesIfNoneMatch(exchange->request(), etag)) {
    return exchange->Respond(http::NotModified(etag));
  }
  http::Response response = http::JsonResponse(std::move(text));
  response.AddHeader("ETag", etag);
  AddNarrowed(sight.was_narrowed(), &response);
  exchange->Respond(std::move(response));
}

}  // namespace

AccessHandler PrometheusSdHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<http::Exchange>& exchange, const acl::BearerPtr& bearer) {
    Answer(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
