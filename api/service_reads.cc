// Reads of services: their instances, their checks, their names.
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/catalog_reads.h"
#include "api/narrowing.h"
#include "api/prepared_body.h"
#include "api/reply.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

using catalog::InstanceEntry;
using catalog::PreparedSlot;
using catalog::ServiceEntry;
using catalog::Snapshot;
using catalog::WatchKey;
using filter::CatalogServiceRecord;
using filter::HealthRecord;
using model::CheckStatus;
using nlohmann::ordered_json;

// Whether the list has the service's instances in its own order: as most clients ask for it, and so
// in the form that is kept. ?passing is a form of its own.
bool IsPlain(const QueryOptions& query) {
  return query.tags.empty() && query.node_meta.empty() && query.near.empty();
}

// The instances that `options` and `sight` let through, each as `one` shows it. `record_of` makes
// what the filter tests.
template <typename Record, typename RecordOf, typename One>
ordered_json InstancesJson(const Snapshot& snapshot, const ServiceEntry& service,
                           const ListOptions<Record>& options, Sight& sight,
                           const RecordOf& record_of, const One& one) {
  const QueryOptions& query = options.query;
  const auto accepts = [&](const InstanceEntry& entry) {
    return sight.Instance(service.name, *entry.instance) &&
           (!query.only_passing || entry.status == CheckStatus::kPassing) &&
           HasTags(*entry.instance, query.tags) && HasMeta(*entry.node, query.node_meta) &&
           (options.filter.matches_everything() || options.filter.Matches(record_of(entry)));
  };
  ordered_json list = ordered_json::array();
  for (const InstanceEntry* entry :
       Selected(service.instances, accepts, snapshot, query.near,
                [](const InstanceEntry& e) -> std::string_view { return e.instance->node; })) {
    list.push_back(one(*entry));
  }
  return list;
}

ordered_json HealthJson(const InstanceEntry& entry, std::string_view datacenter) {
  ordered_json checks = ordered_json::array();
  for (const auto* list : {&entry.node_checks, &entry.checks}) {
    for (const auto& check : *list) checks.push_back(model::CheckJson(*check->check));
  }
  return {{"Node", model::NodeJson(*entry.node, datacenter)},
          {"Service", model::NodeServiceJson(*entry.instance)},
          {"Checks", std::move(checks)}};
}

// A read of one service whose index is `index` of its entry; `render(snapshot, service, sight)`
// makes its result.
template <typename Render>
Read ServiceRead(std::string name, Index ServiceEntry::*index, IndexMoves index_moves,
                 Render render) {
  const WatchKey key = WatchKey::Service(name);
  Read read = Read::Of(
      key, [name](const Snapshot& snapshot) { return snapshot.FindService(name); },
      [name, index](const Snapshot& snapshot, const ServiceEntry* service) {
        return service == nullptr ? snapshot.IndexOfAbsentService(name) : service->*index;
      },
      [render = std::move(render)](const Snapshot& snapshot, const ServiceEntry* service,
                                   Sight& sight) {
        return service == nullptr ? Rendered("[]") : render(snapshot, *service, sight);
      },
      index_moves);
  return std::move(read).Telling({.service = std::move(name)});
}

// The tags of a service's instances on nodes with this metadata; nothing when there are no such.
// Consul shows them to who may read the service, whatever nodes he may read.
std::optional<nlohmann::json> TagsOn(const ServiceEntry& service, const MetaPairs& node_meta) {
  std::set<std::string_view> tags;
  bool any = false;
  for (const InstanceEntry& entry : service.instances) {
    if (!HasMeta(*entry.node, node_meta)) continue;
    any = true;
    tags.insert(entry.instance->tags.begin(), entry.instance->tags.end());
  }
  if (!any) return std::nullopt;
  return nlohmann::json(tags);
}

// A service's member of the list of all: "name":["tag",...].
class ListedService final : public catalog::PreparedValue {
 public:
  explicit ListedService(const ServiceEntry& service) {
    ordered_json tags = ordered_json::array();
    for (const catalog::TagCount& entry : service.tags) tags.push_back(entry.tag);
    member = model::Dump(service.name) + ':' + model::Dump(tags);
  }
  std::string member;
};

// After a change only the members of the services that it changed are made anew.
std::string ServicesJson(const Snapshot& snapshot, Sight& sight) {
  std::string json = "{";
  for (const ServiceEntry& service : snapshot.services()) {
    if (!sight.Service(service.name)) continue;
    if (json.size() > 1) json += ',';
    json += service.prepared[PreparedSlot::kListedJson]
                .GetOrMake<ListedService>(
                    [&] { return std::make_unique<const ListedService>(service); })
                .member;
  }
  json += '}';
  return json;
}

}  // namespace

Read ListServices(const QueryOptions& options) {
  if (options.node_meta.empty()) {
    return Read(
               WatchKey::AllServices(),
               [](const Snapshot& snapshot) { return snapshot.services_index(); },
               [](const Snapshot& snapshot, Sight& sight) {
                 if (!sight.SeesAllServices()) return Rendered(ServicesJson(snapshot, sight));
                 return Prepared(snapshot.prepared_services(),
                                 [&] { return ServicesJson(snapshot, sight); });
               })
        .Telling({.nodes = false});
  }
  // An instance more on another node changes no name and no tag of all, but maybe of those nodes.
  return Read(
             WatchKey::AllInstances(),
             [](const Snapshot& snapshot) { return snapshot.instances_index(); },
             [node_meta = options.node_meta](const Snapshot& snapshot, Sight& sight) {
               // Not ordered_json: its objects are looked through from the start at each insertion.
               nlohmann::json services = nlohmann::json::object();
               for (const ServiceEntry& service : snapshot.services()) {
                 if (!sight.Service(service.name)) continue;
                 if (auto tags = TagsOn(service, node_meta))
                   services[service.name] = std::move(*tags);
               }
               return Rendered(
                   services.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
             },
             IndexMoves::kAlsoWithoutIt)
      .Telling({.nodes = false});
}

Read CatalogService(std::string name, ListOptions<CatalogServiceRecord> options) {
  options.query.only_passing = false;  // health is no concern of the catalog's
  const bool plain = IsPlain(options.query) && options.filter.matches_everything();
  return ServiceRead(
      std::move(name), &ServiceEntry::catalog_index, MovesFor(!plain),
      [options = std::move(options), plain](const Snapshot& snapshot, const ServiceEntry& service,
                                            Sight& sight) {
        const std::string_view datacenter = options.datacenter;
        const auto make = [&] {
          return InstancesJson(
              snapshot, service, options, sight,
              [&](const InstanceEntry& entry) {
                return CatalogServiceRecord{*entry.node, *entry.instance, datacenter};
              },
              [&](const InstanceEntry& entry) {
                return model::CatalogServiceJson(*entry.node, *entry.instance, datacenter);
              });
        };
        return RenderList(plain && sight.SeesAllOf(service.name),
                          service.prepared[PreparedSlot::kCatalogJson], make);
      });
}

Read HealthService(std::string name, ListOptions<HealthRecord> options) {
  const bool plain = IsPlain(options.query) && options.filter.matches_everything();
  const IndexMoves index_moves = MovesFor(!plain || options.query.only_passing);
  return ServiceRead(
      std::move(name), &ServiceEntry::health_index, index_moves,
      [options = std::move(options), plain](const Snapshot& snapshot, const ServiceEntry& service,
                                            Sight& sight) {
        const auto make = [&] {
          return InstancesJson(
              snapshot, service, options, sight,
              [&](const InstanceEntry& entry) {
                return HealthRecord{entry, options.datacenter};
              },
              [&](const InstanceEntry& entry) { return HealthJson(entry, options.datacenter); });
        };
        const PreparedSlot slot = options.query.only_passing ? PreparedSlot::kHealthPassingJson
                                                             : PreparedSlot::kHealthJson;
        return RenderList(plain && sight.SeesAllOf(service.name), service.prepared[slot], make);
      });
}

Read HealthChecks(std::string service, ListOptions<model::Check> options) {
  const bool plain = IsPlain(options.query) && options.filter.matches_everything();
  return ServiceRead(
      std::move(service), &ServiceEntry::checks_index, MovesFor(!plain),
      [options = std::move(options), plain](const Snapshot& snapshot, const ServiceEntry& entry,
                                            Sight& sight) {
        const auto make = [&] {
          ordered_json list = ordered_json::array();
          const auto has_meta = [&](const InstanceEntry& instance) {
            return sight.Instance(entry.name, *instance.instance) &&
                   HasMeta(*instance.node, options.query.node_meta);
          };
          for (const InstanceEntry* instance : Selected(
                   entry.instances, has_meta, snapshot, options.query.near,
                   [](const InstanceEntry& e) -> std::string_view { return e.instance->node; })) {
            for (const auto& check : instance->checks) {
              if (options.filter.Matches(*check->check)) {
                list.push_back(model::CheckJson(*check->check));
              }
            }
          }
          return list;
        };
        return RenderList(plain && sight.SeesAllOf(entry.name),
                          entry.prepared[PreparedSlot::kChecksJson], make);
      });
}

Read NothingInTheMesh() {
  return Read(
             WatchKey::Service(""),
             [](const Snapshot& snapshot) { return snapshot.IndexOfAbsentService(""); },
             [](const Snapshot&, Sight&) { return Rendered("[]"); }, IndexMoves::kAlsoWithoutIt)
      .Telling({.nodes = false, .services = false});
}

}  // namespace rollcall::api
