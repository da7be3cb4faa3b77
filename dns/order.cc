#include "dns/order.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "dns/weighted_draw.h"
#include "registry/base/ascii.h"
#include "registry/model/records.h"

namespace rollcall::dns {

namespace {

using catalog::InstanceEntry;
using Instances = std::vector<const InstanceEntry*>;

// FNV-1a, 64 bits.
constexpr uint64_t kHashStart = 14695981039346656037u;
uint64_t HashOctet(uint64_t hash, uint8_t octet) { return (hash ^ octet) * 1099511628211u; }

uint64_t HashText(uint64_t hash, std::string_view text) {
  for (const char c : text) hash = HashOctet(hash, static_cast<uint8_t>(AsciiLower(c)));
  return HashOctet(hash, 0xff);  // which ends it: "a", "bc" is not "ab", "c"
}

// Every bit of the result depends on every bit of `x` (the finalizer of MurmurHash3).
uint64_t Mix(uint64_t x) {
  x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 33;
}

void DrawOrder(Random* random, Instances* instances) {
  std::vector<uint64_t> weights;
  weights.reserve(instances->size());
  for (const InstanceEntry* entry : *instances) weights.push_back(WeightOf(*entry));
  const WeightGroups groups(weights);
  WeightedDraw draw(random);
  draw.Begin(groups);
  const Instances unordered = *instances;
  for (const InstanceEntry*& entry : *instances) entry = unordered[draw.Next()];
}

void SortByArrival(uint64_t client, Instances* instances) {
  std::vector<std::pair<double, const InstanceEntry*>> arrivals;
  arrivals.reserve(instances->size());
  for (const InstanceEntry* entry : *instances) {
    arrivals.emplace_back(StableArrival(client, StableKeyOf(*entry), WeightOf(*entry)), entry);
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

uint64_t StableKeyOf(const IpAddress& client) {
  uint64_t hash = kHashStart;
  std::visit(
      [&](const auto& octets) {
        for (const uint8_t octet : octets) hash = HashOctet(hash, octet);
      },
      client);
  return Mix(hash);
}

uint64_t StableKeyOf(const InstanceEntry& entry) {
  return HashText(HashText(kHashStart, entry.instance->node), entry.instance->id);
}

double StableArrival(uint64_t client, uint64_t instance, uint16_t weight) {
  // 53 bits, as many as a double holds: in (0, 1), without the ends.
  const double uniform = (static_cast<double>(Mix(client ^ instance) >> 11) + 0.5) * 0x1p-53;
  const double variate = -std::log(uniform);
  return weight == 0 ? kAfterAll + variate : variate / weight;
}

void PutInOrder(const OrderChoice& choice, Random* random, Instances* instances) {
  if (instances->size() < 2) return;
  if (choice.order == AnswerOrder::kStable) {
    SortByArrival(choice.client, instances);
  } else {
    DrawOrder(random, instances);
  }
}

}  // namespace rollcall::dns
