// Reads of nodes, of what runs on one, and of checks by node or by state.
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "api/catalog_reads.h"
#include "api/narrowing.h"
#include "api/prepared_body.h"
#include "api/reply.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

using catalog::CheckEntry;
using catalog::InstanceEntry;
using catalog::NodeEntry;
using catalog::Snapshot;
using catalog::WatchKey;
using model::CheckStatus;
using nlohmann::ordered_json;

std::string_view NameOf(const NodeEntry& entry) { return entry.node->name; }

// `render(node, sight)` makes the JSON of the node, or of none (null).
template <typename MakeJson>
Read NodeRead(std::string name, Index NodeEntry::*index, bool is_narrowed, MakeJson render) {
  const WatchKey key = WatchKey::Node(name);
  return Read::Of(
      key, [name](const Snapshot& snapshot) { return snapshot.FindNode(name); },
      [name, index](const Snapshot& snapshot, const NodeEntry* node) {
        return node == nullptr ? snapshot.IndexOfAbsentNode(name) : node->*index;
      },
      [render = std::move(render)](const Snapshot&, const NodeEntry* node, Sight& sight) {
        return Rendered(Render(render(node, sight)));
      },
      MovesFor(is_narrowed));
}

// The checks of a node that the filter, `accepts` and `sight` let through.
template <typename Accepts>
void AddChecks(const NodeEntry& node, const filter::Filter<model::Check>& filter,
               const Accepts& accepts, Sight& sight, ordered_json* list) {
  for (const CheckEntry& entry : node.checks) {
    if (sight.Check(*entry.check) && accepts(*entry.check) && filter.Matches(*entry.check)) {
      list->push_back(model::CheckJson(*entry.check));
    }
  }
}

}  // namespace

Read ListNodes(ListOptions<filter::NodeRecord> options) {
  const bool narrowed = !options.query.node_meta.empty() || !options.filter.matches_everything();
  const bool plain = !narrowed && options.query.near.empty();
  return Read(
             WatchKey::AllNodes(), [](const Snapshot& snapshot) { return snapshot.nodes_index(); },
             [options = std::move(options), plain](const Snapshot& snapshot, Sight& sight) {
               const auto make = [&] {
                 const auto accepts = [&](const NodeEntry& entry) {
                   return sight.Node(entry.node->name) &&
                          HasMeta(*entry.node, options.query.node_meta) &&
                          options.filter.Matches({*entry.node, options.datacenter});
                 };
                 ordered_json list = ordered_json::array();
                 for (const NodeEntry* entry :
                      Selected(snapshot.nodes(), accepts, snapshot, options.query.near, NameOf)) {
                   list.push_back(model::NodeJson(*entry->node, options.datacenter));
                 }
                 return list;
               };
               return RenderList(plain && sight.SeesAllNodes(), snapshot.prepared_nodes(), make);
             },
             MovesFor(narrowed))
      .Telling({.services = false});
}

Read CatalogNode(std::string name, ListOptions<model::Instance> options) {
  const bool is_narrowed = !options.filter.matches_everything();
  return NodeRead(
      std::move(name), &NodeEntry::catalog_index, is_narrowed,
      [options = std::move(options)](const NodeEntry* node, Sight& sight) -> ordered_json {
        if (node == nullptr || !sight.Node(node->node->name)) return nullptr;
        // IDs are unique: appended without ordered_json's search for each.
        ordered_json::object_t services;
        for (const InstanceEntry& entry : node->instances) {
          if (!sight.Service(entry.instance->service)) continue;
          if (!options.filter.Matches(*entry.instance)) continue;
          services.emplace_back(entry.instance->id, model::NodeServiceJson(*entry.instance));
        }
        return {{"Node", model::NodeJson(*node->node, options.datacenter)},
                {"Services", std::move(services)}};
      });
}

Read CatalogNodeServices(std::string name, ListOptions<model::Instance> options) {
  const bool is_narrowed = !options.filter.matches_everything();
  return NodeRead(
      std::move(name), &NodeEntry::catalog_index, is_narrowed,
      [options = std::move(options)](const NodeEntry* node, Sight& sight) -> ordered_json {
        if (node == nullptr || !sight.Node(node->node->name)) {
          return {{"Node", nullptr}, {"Services", nullptr}};
        }
        ordered_json services = ordered_json::array();
        for (const InstanceEntry& entry : node->instances) {
          if (!sight.Service(entry.instance->service)) continue;
          if (!options.filter.Matches(*entry.instance)) continue;
          services.push_back(model::NodeServiceJson(*entry.instance));
        }
        return {{"Node", model::NodeJson(*node->node, options.datacenter)},
                {"Services", std::move(services)}};
      });
}

Read HealthNode(std::string name, ListOptions<model::Check> options) {
  const bool is_narrowed = !options.filter.matches_everything();
  return NodeRead(std::move(name), &NodeEntry::checks_index, is_narrowed,
                  [options = std::move(options)](const NodeEntry* node, Sight& sight) {
                    ordered_json list = ordered_json::array();
                    if (node != nullptr) {
                      AddChecks(
                          *node, options.filter, [](const model::Check&) { return true; }, sight,
                          &list);
                    }
                    return list;
                  });
}

Read HealthState(std::string state, ListOptions<model::Check> options) {
  CheckStatus wanted = CheckStatus::kPassing;
  const bool any = state == "any";
  const bool known = any || model::ParseCheckStatus(state, &wanted);
  const bool narrowed = !options.query.node_meta.empty() || !options.filter.matches_everything();
  return {
      WatchKey::AllChecks(),
      [any, known, wanted](const Snapshot& snapshot) {
        return any || !known ? snapshot.checks_index() : snapshot.checks_index(wanted);
      },
      [any, known, wanted, options = std::move(options)](const Snapshot& snapshot, Sight& sight) {
        ordered_json list = ordered_json::array();
        if (!known) return Rendered(Render(list));
        const auto has_meta = [&](const NodeEntry& node) {
          return sight.Node(node.node->name) && HasMeta(*node.node, options.query.node_meta);
        };
        for (const NodeEntry* node :
             Selected(snapshot.nodes(), has_meta, snapshot, options.query.near, NameOf)) {
          AddChecks(
              *node, options.filter,
              [&](const model::Check& check) { return any || check.status == wanted; }, sight,
              &list);
        }
        return Rendered(Render(list));
      },
      MovesFor(narrowed)};
}

}  // namespace rollcall::api
