#include "dns/order.h"

#include <algorithm>

#include "dns/weighted_draw.h"
#include "registry/model/records.h"

namespace rollcall::dns {

uint16_t WeightOf(const catalog::InstanceEntry& entry) {
  const model::Weights& weights = entry.instance->weights;
  const int weight =
      entry.status == model::CheckStatus::kWarning ? weights.warning : weights.passing;
  return static_cast<uint16_t>(std::clamp(weight, 0, 65535));
}

void DrawOrder(std::vector<const catalog::InstanceEntry*>* instances, Random* random) {
  if (instances->size() < 2) return;
  std::vector<uint64_t> weights;
  weights.reserve(instances->size());
  for (const catalog::InstanceEntry* entry : *instances) weights.push_back(WeightOf(*entry));
  const WeightGroups groups(weights);
  WeightedDraw draw(random);
  draw.Begin(groups);
  const std::vector<const catalog::InstanceEntry*> unordered = *instances;
  for (const catalog::InstanceEntry*& entry : *instances) entry = unordered[draw.Next()];
}

}  // namespace rollcall::dns
