// Which entries of a list an answer shows, and in which order: the tests of QueryOptions on
// records, and ?near=. Pure functions: any thread, on any snapshot.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api/read.h"
#include "api/shared/query_options.h"
#include "registry/base/ascii.h"
#include "registry/base/text.h"
#include "registry/catalog/distance.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::api {

// Whether it has all of them; tags compare without regard to case.
inline bool HasTags(const model::Instance& instance, const std::vector<std::string>& tags) {
  return std::all_of(tags.begin(), tags.end(), [&](const std::string& wanted) {
    return std::any_of(instance.tags.begin(), instance.tags.end(),
                       [&](std::string_view tag) { return EqualsIgnoreCase(tag, wanted); });
  });
}

// Whether it has all of these pairs.
inline bool HasMeta(const model::Node& node, const MetaPairs& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&node](const auto& pair) {
    const Text* value = model::FindInMap(node.meta, pair.first);
    return value != nullptr && *value == pair.second;
  });
}

inline IndexMoves MovesFor(bool is_narrowed) {
  return is_narrowed ? IndexMoves::kAlsoWithoutIt : IndexMoves::kWithTheResult;
}

// Those of `entries` that `accepts` takes, from near to far of `near` (empty: as they come).
// `node_of(entry)` names an entry's node. Valid as long as the snapshot.
template <typename Entries, typename Accepts, typename NodeOf>
auto Selected(const Entries& entries, const Accepts& accepts, const catalog::Snapshot& snapshot,
              const std::string& near, const NodeOf& node_of) {
  using Entry = std::remove_reference_t<decltype(*entries.begin())>;
  std::vector<Entry*> selected;
  for (Entry& entry : entries) {
    if (accepts(entry)) selected.push_back(&entry);
  }
  if (!near.empty()) {
    catalog::SortByDistance(
        snapshot, near, [&node_of](Entry* entry) { return node_of(*entry); }, &selected);
  }
  return selected;
}

}  // namespace rollcall::api
