#include "registry/catalog/waiting_write.h"

#include <string_view>
#include <utility>
#include <variant>

#include "registry/base/ascii.h"

namespace rollcall::catalog {
namespace {

struct NodeOfCommand {
  std::string_view operator()(const model::Register& put) const { return put.node.name; }
  std::string_view operator()(const model::UpdateCoordinate& put) const {
    return put.coordinate.node;
  }
  std::string_view operator()(const model::ChangeAcl&) const { return kNodeOfAcl; }
  template <typename Command>
  std::string_view operator()(const Command& command) const {
    return command.node;
  }
};

}  // namespace

std::vector<std::string> NodesOf(const model::Command& command, const Snapshot& state) {
  std::vector<std::string> nodes = {AsciiLower(std::visit(NodeOfCommand(), command))};
  const auto* put = std::get_if<model::Register>(&command);
  if (put == nullptr || put->node.id.empty()) return nodes;
  const NodeEntry* same_id = state.FindNodeById(put->node.id);
  if (same_id == nullptr) return nodes;
  std::string other = AsciiLower(same_id->node->name);
  if (other != nodes.front()) nodes.push_back(std::move(other));
  return nodes;
}

}  // namespace rollcall::catalog
