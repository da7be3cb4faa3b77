#include "registry/catalog/derived.h"

#include <algorithm>

namespace rollcall::catalog {

model::CheckStatus WorstOf(const CheckList& node_checks, const CheckList& checks) {
  model::CheckStatus worst = model::CheckStatus::kPassing;
  for (const CheckList* list : {&node_checks, &checks}) {
    for (const auto& entry : *list) worst = std::max(worst, entry->check->status);
  }
  return worst;
}

std::vector<Text> DistinctTags(const model::Instance& instance) {
  std::vector<Text> tags(instance.tags.begin(), instance.tags.end());
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

}  // namespace rollcall::catalog
