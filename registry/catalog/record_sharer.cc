#include "registry/catalog/record_sharer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "registry/base/ascii.h"

namespace rollcall::catalog {
namespace {

using model::Check;
using model::Instance;
using model::Node;

template <typename Record>
using Records = RecordSharer::Records<Record>;

std::string_view NodeOf(const Node& node) { return node.name; }
std::string_view NodeOf(const Instance& instance) { return instance.node; }

// Moves `*at` on to the first record of `node`, or of a node after it.
template <typename Record>
void MoveTo(std::string_view node, const Records<Record>& records, size_t* at) {
  while (*at < records.size() && CompareIgnoreCase(NodeOf(*records[*at]), node) < 0) ++*at;
}

// Null when it is not there.
const Node* NodeAt(size_t at, std::string_view name, const Records<Node>& nodes) {
  return at < nodes.size() && EqualsIgnoreCase(nodes[at]->name, name) ? nodes[at].get() : nullptr;
}

// The instance that `check` is of, among those of its node, which begin at `first`; null when it is
// not there.
const Instance* InstanceOf(const Check& check, size_t first, const Records<Instance>& instances) {
  if (check.service_id.empty()) return nullptr;
  const auto is_before = [&](size_t at) {
    const Instance& instance = *instances[at];
    const int by_node = CompareIgnoreCase(instance.node, check.node);
    return by_node < 0 || (by_node == 0 && CompareIgnoreCase(instance.id, check.service_id) < 0);
  };
  // Mostly it is the first or one of the next: it is between `begin` and `end`, which grow apart.
  size_t begin = first;
  size_t end = first;
  for (size_t step = 1; end < instances.size() && is_before(end); step *= 2) {
    begin = end + 1;
    end = std::min(instances.size(), end + step);
  }
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    if (is_before(middle)) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  const bool is_it = end < instances.size() && EqualsIgnoreCase(instances[end]->node, check.node) &&
                     EqualsIgnoreCase(instances[end]->id, check.service_id);
  return is_it ? instances[end].get() : nullptr;
}

}  // namespace

Ref<Counted<Node>> RecordSharer::Share(Node node) {
  if (pool_ != nullptr) pool_->Share(&node, nullptr);
  return MakeCounted(std::move(node));
}

Ref<Counted<Instance>> RecordSharer::Share(Instance instance, const Records<Node>& nodes) {
  if (pool_ != nullptr) {
    MoveTo(instance.node, nodes, &of_instances_.node);
    const Node* node = NodeAt(of_instances_.node, instance.node, nodes);
    if (node != nullptr) pool_->Share(&instance, *node, nullptr);
  }
  return MakeCounted(std::move(instance));
}

Ref<Counted<Check>> RecordSharer::Share(Check check, const Records<Node>& nodes,
                                        const Records<Instance>& instances) {
  if (pool_ != nullptr) {
    MoveTo(check.node, nodes, &of_checks_.node);
    MoveTo(check.node, instances, &of_checks_.instance);
    const Node* node = NodeAt(of_checks_.node, check.node, nodes);
    if (node != nullptr) {
      pool_->Share(&check, *node, InstanceOf(check, of_checks_.instance, instances), nullptr);
    }
  }
  return MakeCounted(std::move(check));
}

}  // namespace rollcall::catalog
