#include "registry/catalog/distance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::catalog {
namespace {

using model::Coordinate;
using testing::ElementsAre;

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kMax = std::numeric_limits<double>::max();

Coordinate Point(double x, double y, double z) {
  Coordinate coordinate;
  coordinate.vec = {x, y, z};
  return coordinate;
}

// The numbers of Serf's own tests of its coordinates.
TEST(DistanceTest, IsThatOfSerf) {
  Coordinate a = Point(-0.5, 1.3, 2.4);
  Coordinate b = Point(1.2, -2.3, 3.4);
  EXPECT_DOUBLE_EQ(Distance(a, a), 0);
  EXPECT_DOUBLE_EQ(Distance(a, b), 4.104875150354758);
  EXPECT_DOUBLE_EQ(Distance(b, a), 4.104875150354758);
  a.adjustment = -1e6;  // it would take the distance below zero
  EXPECT_DOUBLE_EQ(Distance(a, b), 4.104875150354758);
  a.adjustment = 0.1;
  b.adjustment = 0.2;
  EXPECT_DOUBLE_EQ(Distance(a, b), 4.104875150354758 + 0.3);
  a.height = 0.7;
  b.height = 0.1;
  EXPECT_DOUBLE_EQ(Distance(a, b), 4.104875150354758 + 0.3 + 0.8);
}

TEST(DistanceTest, CountsEveryDimension) {
  const Coordinate origin;
  for (size_t i = 0; i < Coordinate::kDimensions; ++i) {
    Coordinate other;
    other.vec[i] = -0.002;
    EXPECT_DOUBLE_EQ(Distance(origin, other), 0.002) << i;
  }
}

TEST(DistanceTest, IsANumberWhateverTheTermsAre) {
  for (int signs = 0; signs < 64; ++signs) {
    const auto term = [signs](int bit) { return (signs >> bit & 1) != 0 ? kMax : -kMax; };
    Coordinate a = Point(term(0), 0, 0);
    Coordinate b = Point(term(1), 0, 0);
    a.height = term(2);
    b.height = term(3);
    a.adjustment = term(4);
    b.adjustment = term(5);
    EXPECT_FALSE(std::isnan(Distance(a, b))) << signs;
  }
}

CoordinateSet SetOf(const std::vector<std::pair<std::string, double>>& segments) {
  CoordinateSet set;
  for (const auto& [segment, x] : segments) {
    Coordinate coordinate = Point(x, 0, 0);
    coordinate.segment = segment;
    set.coordinates.push_back(MakeCounted(coordinate));
  }
  return set;
}

// Servers are in all segments, a client is in one.
TEST(DistanceTest, IsMeasuredInTheSegmentThatBothAreIn) {
  const CoordinateSet server1 = SetOf({{"", 1}, {"alpha", 20}, {"beta", 300}});
  const CoordinateSet server2 = SetOf({{"", 4}, {"alpha", 50}, {"beta", 600}});
  const CoordinateSet alpha = SetOf({{"alpha", 70}});
  const CoordinateSet beta1 = SetOf({{"beta", 800}});
  const CoordinateSet beta2 = SetOf({{"beta", 900}});
  EXPECT_EQ(Distance(&server1, &server2), 3);
  EXPECT_EQ(Distance(&beta1, &beta2), 100);
  EXPECT_EQ(Distance(&server1, &alpha), 50);
  EXPECT_EQ(Distance(&alpha, &server1), 50);
  EXPECT_EQ(Distance(&server1, &beta1), 500);
  EXPECT_EQ(Distance(&beta1, &server1), 500);
  EXPECT_EQ(Distance(&alpha, &beta1), kInfinite);
  EXPECT_EQ(Distance(&beta1, &alpha), kInfinite);
  EXPECT_EQ(Distance(nullptr, &alpha), kInfinite);
  EXPECT_EQ(Distance(&alpha, nullptr), kInfinite);
  EXPECT_EQ(Distance(nullptr, nullptr), kInfinite);
}

class SortByDistanceTest : public testing::Test {
 protected:
  void Place(const std::string& node, double x) {
    catalog_.Do(RegisterNode(node));
    model::UpdateCoordinate command;
    command.coordinate = Point(x, 0, 0);
    command.coordinate.node = node;
    catalog_.Do(command);
  }
  // Elements are "node" or "node-more".
  std::vector<std::string> Sorted(std::string_view from, std::vector<std::string> list) const {
    SortByDistance(
        catalog_.now(), from,
        [](const std::string& element) {
          return std::string_view(element).substr(0, element.find('-'));
        },
        &list);
    return list;
  }

  PlainCatalog catalog_;
};

TEST_F(SortByDistanceTest, PutsTheNearestFirstAndWhatHasNoPlaceLastInItsOrder) {
  Place("me", 10);
  Place("far", 100);
  Place("near", 12);
  Place("nearer", 9);
  catalog_.Do(RegisterNode("nowhere"));
  EXPECT_THAT(Sorted("ME", {"unknown", "far", "nowhere", "near", "me", "nearer", "unknown-2"}),
              ElementsAre("me", "nearer", "near", "far", "unknown", "nowhere", "unknown-2"));
}

TEST_F(SortByDistanceTest, KeepsTheOrderOfWhatIsEquallyFar) {
  Place("me", 0);
  Place("left", -5);
  Place("right", 5);
  EXPECT_THAT(Sorted("me", {"right-b", "left-z", "right-a", "left-a", "me"}),
              ElementsAre("me", "right-b", "left-z", "right-a", "left-a"));
}

TEST_F(SortByDistanceTest, LeavesTheListWhenItsSourceHasNoPlace) {
  Place("a", 2);
  Place("b", 1);
  catalog_.Do(RegisterNode("nowhere"));
  EXPECT_THAT(Sorted("nosuch", {"a", "b"}), ElementsAre("a", "b"));
  EXPECT_THAT(Sorted("nowhere", {"a", "b"}), ElementsAre("a", "b"));
  EXPECT_THAT(Sorted("", {}), testing::IsEmpty());
}

}  // namespace
}  // namespace rollcall::catalog
