// Drawing without replacement: who comes first, how often, and that everyone comes once.
#include "dns/weighted_draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace rollcall::dns {
namespace {

using Weights = std::vector<uint64_t>;

class WeightedDrawTest : public testing::Test {
 protected:
  std::vector<uint32_t> Draw(const WeightGroups& groups, size_t count) {
    draw_.Begin(groups);
    std::vector<uint32_t> drawn;
    for (size_t i = 0; i < count; ++i) drawn.push_back(draw_.Next());
    return drawn;
  }

  // How often each item came at `place`, in `rounds` draws.
  std::vector<double> ShareAt(size_t place, const Weights& weights, int rounds) {
    const WeightGroups groups(weights);
    std::vector<double> share(weights.size());
    for (int i = 0; i < rounds; ++i) share[Draw(groups, place + 1)[place]] += 1.0 / rounds;
    return share;
  }

  Random random_{7};
  WeightedDraw draw_{&random_};
};

TEST_F(WeightedDrawTest, EveryoneComesOnceInAnyOrder) {
  for (const Weights& weights :
       {Weights{}, Weights{0}, Weights{1, 1, 1}, Weights{5, 0, 65535, 3, 3, 0, 100},
        Weights(1000, 7), Weights{uint64_t{65535} * 5000, 1, 2}}) {
    const WeightGroups groups(weights);
    ASSERT_EQ(groups.size(), weights.size());
    // Draws that stop early leave nothing behind for the next one.
    for (const size_t part : {size_t{0}, weights.size() / 2, weights.size() / 3}) {
      Draw(groups, part);
      std::vector<uint32_t> all = Draw(groups, weights.size());
      std::sort(all.begin(), all.end());
      std::vector<uint32_t> expected(weights.size());
      std::iota(expected.begin(), expected.end(), 0u);
      EXPECT_EQ(all, expected);
    }
  }
}

TEST_F(WeightedDrawTest, FirstIsInProportionToWeights) {
  for (const Weights& weights :
       {Weights{1, 1, 1, 1}, Weights{1, 2, 3, 4}, Weights{1, 3, 100, 7, 0, 64, 65, 63},
        Weights{1, 1000}, Weights{3, 2, 2, 2}}) {
    const double sum = static_cast<double>(std::accumulate(weights.begin(), weights.end(), 0.0));
    const int rounds = 100'000;
    const std::vector<double> share = ShareAt(0, weights, rounds);
    for (size_t i = 0; i < weights.size(); ++i) {
      const double expected = static_cast<double>(weights[i]) / sum;
      // Five standard deviations of a binomial share.
      EXPECT_NEAR(share[i], expected, 5 * std::sqrt(expected * (1 - expected) / rounds) + 1e-9)
          << "item " << i;
    }
  }
}

// The chance of the pair (a, b) is w(a)/sum * w(b)/(sum - w(a)).
TEST_F(WeightedDrawTest, SecondIsInProportionToTheWeightsThatAreLeft) {
  const Weights weights{1, 3, 8, 12, 16};
  const double sum = 40;
  const int rounds = 200'000;
  const WeightGroups groups(weights);
  std::map<std::pair<uint32_t, uint32_t>, double> share;
  for (int i = 0; i < rounds; ++i) {
    const std::vector<uint32_t> drawn = Draw(groups, 2);
    share[{drawn[0], drawn[1]}] += 1.0 / rounds;
  }
  for (uint32_t a = 0; a < weights.size(); ++a) {
    for (uint32_t b = 0; b < weights.size(); ++b) {
      if (a == b) continue;
      const auto first = static_cast<double>(weights[a]);
      const double expected = first / sum * static_cast<double>(weights[b]) / (sum - first);
      EXPECT_NEAR((share[{a, b}]), expected, 5 * std::sqrt(expected / rounds)) << a << ", " << b;
    }
  }
}

TEST_F(WeightedDrawTest, ThoseOfNoWeightComeLastInAnyOrder) {
  const Weights weights{0, 5, 0, 1, 0};
  const std::vector<double> third = ShareAt(2, weights, 30'000);
  EXPECT_EQ(third[1], 0);
  EXPECT_EQ(third[3], 0);
  for (const size_t i : {0u, 2u, 4u}) EXPECT_NEAR(third[i], 1.0 / 3, 0.02);
}

}  // namespace
}  // namespace rollcall::dns
