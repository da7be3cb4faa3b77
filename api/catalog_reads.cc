#include "api/catalog_reads.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/reply.h"
#include "registry/base/ascii.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

using catalog::CheckEntry;
using catalog::InstanceEntry;
using catalog::NodeEntry;
using catalog::PreparedSlot;
using catalog::ServiceEntry;
using catalog::Snapshot;
using catalog::WatchKey;
using model::CheckStatus;
using nlohmann::ordered_json;

// A rendered body that is kept with the entry that it was rendered from.
class PreparedBody final : public catalog::PreparedValue {
 public:
  explicit PreparedBody(const ordered_json& value)
      : body(std::make_shared<const http::SharedBody>(model::Dump(value))) {}
  const std::shared_ptr<const http::SharedBody> body;
};

template <typename Make>
http::Body Prepared(const ServiceEntry& service, PreparedSlot slot, const Make& make) {
  return service.prepared
      .GetOrMake<PreparedBody>(slot, [&] { return std::make_unique<const PreparedBody>(make()); })
      .body;
}

bool HasTags(const model::Instance& instance, const std::vector<std::string>& tags) {
  return std::all_of(tags.begin(), tags.end(), [&](const std::string& wanted) {
    return std::any_of(instance.tags.begin(), instance.tags.end(),
                       [&](const std::string& tag) { return EqualsIgnoreCase(tag, wanted); });
  });
}

ordered_json HealthJson(const InstanceEntry& entry, std::string_view datacenter) {
  ordered_json checks = ordered_json::array();
  for (const auto* list : {entry.node_checks.get(), entry.checks.get()}) {
    for (const auto& check : *list) checks.push_back(model::CheckJson(*check->check));
  }
  return {{"Node", model::NodeJson(*entry.node, datacenter)},
          {"Service", model::NodeServiceJson(*entry.instance)},
          {"Checks", std::move(checks)}};
}

// The instances that `options` let through, each as `one` shows it.
template <typename One>
ordered_json InstancesJson(const ServiceEntry& service, const QueryOptions& options,
                           const One& one) {
  ordered_json list = ordered_json::array();
  for (const InstanceEntry& entry : service.instances) {
    if (options.only_passing && entry.status != CheckStatus::kPassing) continue;
    if (HasTags(*entry.instance, options.tags)) list.push_back(one(entry));
  }
  return list;
}

// A read of one service whose index is `index` of its entry.
Read ServiceRead(const std::string& name, Index ServiceEntry::*index,
                 std::function<http::Body(const ServiceEntry&)> render) {
  return {WatchKey::Service(name),
          [name, index](const Snapshot& snapshot) {
            const ServiceEntry* service = snapshot.FindService(name);
            return service == nullptr ? snapshot.IndexOfAbsentService(name) : service->*index;
          },
          [name, render = std::move(render)](const Snapshot& snapshot) {
            const ServiceEntry* service = snapshot.FindService(name);
            return service == nullptr ? http::Body("[]") : render(*service);
          }};
}

Read NodeRead(const std::string& name, Index NodeEntry::*index,
              std::function<ordered_json(const NodeEntry*)> render) {
  return {WatchKey::Node(name),
          [name, index](const Snapshot& snapshot) {
            const NodeEntry* node = snapshot.FindNode(name);
            return node == nullptr ? snapshot.IndexOfAbsentNode(name) : node->*index;
          },
          [name, render = std::move(render)](const Snapshot& snapshot) {
            return Render(render(snapshot.FindNode(name)));
          }};
}

ordered_json ChecksJson(const catalog::CheckMap& checks) {
  ordered_json list = ordered_json::array();
  for (const CheckEntry& entry : checks) list.push_back(model::CheckJson(*entry.check));
  return list;
}

}  // namespace

Read ListNodes(std::string datacenter) {
  return {WatchKey::AllNodes(), [](const Snapshot& snapshot) { return snapshot.nodes_index(); },
          [datacenter = std::move(datacenter)](const Snapshot& snapshot) {
            ordered_json list = ordered_json::array();
            for (const NodeEntry& node : snapshot.nodes()) {
              list.push_back(model::NodeJson(*node.node, datacenter));
            }
            return Render(list);
          }};
}

Read ListServices() {
  return {
      WatchKey::AllServices(), [](const Snapshot& snapshot) { return snapshot.services_index(); },
      [](const Snapshot& snapshot) {
        // Not ordered_json: its objects are looked through from the start at each insertion.
        nlohmann::json services = nlohmann::json::object();
        for (const ServiceEntry& service : snapshot.services()) {
          nlohmann::json tags = nlohmann::json::array();
          for (const catalog::TagCount& entry : service.tags) tags.push_back(entry.tag);
          services[service.name] = std::move(tags);
        }
        return http::Body(services.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      }};
}

Read CatalogService(const std::string& name, std::string datacenter, const QueryOptions& options) {
  return ServiceRead(
      name, &ServiceEntry::catalog_index,
      [datacenter = std::move(datacenter), tags = options.tags](const ServiceEntry& service) {
        QueryOptions only_tags;
        only_tags.tags = tags;
        const auto render = [&] {
          return InstancesJson(service, only_tags, [&](const InstanceEntry& entry) {
            return model::CatalogServiceJson(*entry.node, *entry.instance, datacenter);
          });
        };
        return tags.empty() ? Prepared(service, PreparedSlot::kCatalogJson, render)
                            : Render(render());
      });
}

Read HealthService(const std::string& name, std::string datacenter, const QueryOptions& options) {
  return ServiceRead(name, &ServiceEntry::health_index,
                     [datacenter = std::move(datacenter), options](const ServiceEntry& service) {
                       const auto render = [&] {
                         return InstancesJson(service, options, [&](const InstanceEntry& entry) {
                           return HealthJson(entry, datacenter);
                         });
                       };
                       if (!options.tags.empty()) return Render(render());
                       return Prepared(service,
                                       options.only_passing ? PreparedSlot::kHealthPassingJson
                                                            : PreparedSlot::kHealthJson,
                                       render);
                     });
}

Read CatalogNode(const std::string& name, std::string datacenter) {
  return NodeRead(name, &NodeEntry::catalog_index,
                  [datacenter = std::move(datacenter)](const NodeEntry* node) -> ordered_json {
                    if (node == nullptr) return nullptr;
                    // IDs are unique: appended without ordered_json's search for each.
                    ordered_json::object_t services;
                    for (const InstanceEntry& entry : node->instances) {
                      services.emplace_back(entry.instance->id,
                                            model::NodeServiceJson(*entry.instance));
                    }
                    return {{"Node", model::NodeJson(*node->node, datacenter)},
                            {"Services", std::move(services)}};
                  });
}

Read CatalogNodeServices(const std::string& name, std::string datacenter) {
  return NodeRead(name, &NodeEntry::catalog_index,
                  [datacenter = std::move(datacenter)](const NodeEntry* node) -> ordered_json {
                    if (node == nullptr) return {{"Node", nullptr}, {"Services", nullptr}};
                    ordered_json services = ordered_json::array();
                    for (const InstanceEntry& entry : node->instances) {
                      services.push_back(model::NodeServiceJson(*entry.instance));
                    }
                    return {{"Node", model::NodeJson(*node->node, datacenter)},
                            {"Services", std::move(services)}};
                  });
}

Read HealthNode(const std::string& name) {
  return NodeRead(name, &NodeEntry::checks_index, [](const NodeEntry* node) {
    return node == nullptr ? ordered_json::array() : ChecksJson(node->checks);
  });
}

Read HealthChecks(const std::string& service) {
  return ServiceRead(service, &ServiceEntry::checks_index, [](const ServiceEntry& entry) {
    return Prepared(entry, PreparedSlot::kChecksJson, [&] {
      ordered_json list = ordered_json::array();
      for (const InstanceEntry& instance : entry.instances) {
        for (const auto& check : *instance.checks) {
          list.push_back(model::CheckJson(*check->check));
        }
      }
      return list;
    });
  });
}

Read HealthState(const std::string& state) {
  CheckStatus wanted = CheckStatus::kPassing;
  const bool any = state == "any";
  const bool known = any || model::ParseCheckStatus(state, &wanted);
  return {WatchKey::AllChecks(),
          [any, known, wanted](const Snapshot& snapshot) {
            return any || !known ? snapshot.checks_index() : snapshot.checks_index(wanted);
          },
          [any, known, wanted](const Snapshot& snapshot) {
            ordered_json list = ordered_json::array();
            if (!known) return Render(list);
            for (const NodeEntry& node : snapshot.nodes()) {
              for (const CheckEntry& entry : node.checks) {
                if (any || entry.check->status == wanted) {
                  list.push_back(model::CheckJson(*entry.check));
                }
              }
            }
            return Render(list);
          }};
}

}  // namespace rollcall::api
