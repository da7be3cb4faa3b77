#include "dns/order.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "registry/model/records.h"

namespace rollcall::dns {

namespace {

using catalog::InstanceEntry;
using Instances = std::vector<const InstanceEntry*>;

bool HaveOneWeight(const Instances& instances) {
  return std::all_of(instances.begin(), instances.end(), [&](const InstanceEntry* entry) {
    return WeightOf(*entry) == WeightOf(*instances.front());
  });
}

// Sorting by exponential variates of rate `weight` is drawing one after the other in proportion to
// the weights (Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006).
void DrawByWeight(Instances* instances, Random* random) {
  std::exponential_distribution<double> arrival(1.0);
  std::vector<std::pair<double, const InstanceEntry*>> arrivals;
  arrivals.reserve(instances->size());
  for (const InstanceEntry* entry : *instances) {
    // Those of weight 0 arrive after all others, and among themselves in random order.
    const uint16_t weight = WeightOf(*entry);
    const double at = weight == 0 ? std::numeric_limits<float>::max() * (1.0 + arrival(*random))
                                  : arrival(*random) / weight;
    arrivals.emplace_back(at, entry);
  }
  std::sort(arrivals.begin(), arrivals.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < arrivals.size(); ++i) (*instances)[i] = arrivals[i].second;
}

}  // namespace

uint16_t WeightOf(const InstanceEntry& entry) {
  const model::Weights& weights = entry.instance->weights;
  const int weight =
      entry.status == model::CheckStatus::kWarning ? weights.warning : weights.passing;
  return static_cast<uint16_t>(std::clamp(weight, 0, 65535));
}

void DrawOrder(Instances* instances, Random* random) {
  if (instances->size() < 2) return;
  if (HaveOneWeight(*instances)) {
    std::shuffle(instances->begin(), instances->end(), *random);
  } else {
    DrawByWeight(instances, random);
  }
}

}  // namespace rollcall::dns
