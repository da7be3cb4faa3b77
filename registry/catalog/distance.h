// How far apart nodes are in the network, by their coordinates; and the order that `?near=` gives.
// Source: Serf's Vivaldi coordinates, and Consul's documentation of network coordinates.
// Pure functions: any thread, on any snapshot.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::catalog {

// The estimated round trip time in seconds: the distance of the vectors and both heights, with the
// adjustments unless they would take it to zero or below. Infinite when it cannot be reckoned.
double Distance(const model::Coordinate& a, const model::Coordinate& b);

// The distance in a segment that both are in: that of a node which is in only one (a client), else
// the shared one with the empty name. Infinite when there is none, or a set is null.
double Distance(const CoordinateSet* a, const CoordinateSet* b);

// Sorts `list` by the distance of its elements' nodes from node `from`; `node_of(element)` names
// an element's node. Elements of equal distance keep their order, those of nodes without a
// coordinate come last. When `from` has no coordinate the list stays as it is.
template <typename Element, typename NodeOf>
void SortByDistance(const Snapshot& snapshot, std::string_view from, const NodeOf& node_of,
                    std::vector<Element>* list) {
  const CoordinateSet* source = snapshot.FindCoordinates(from);
  if (source == nullptr) return;
  std::vector<std::pair<double, Element>> ranked;
  ranked.reserve(list->size());
  for (Element& element : *list) {
    const double distance = Distance(source, snapshot.FindCoordinates(node_of(element)));
    ranked.emplace_back(distance, std::move(element));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < ranked.size(); ++i) (*list)[i] = std::move(ranked[i].second);
}

}  // namespace rollcall::catalog
