#include "tests/chaos/faults.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

namespace rollcall::chaos {
namespace {

std::string Text(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& each : faults) {
    text += Describe(each) + " for " + std::to_string(each.lasts.count()) + " ms\n";
  }
  return text;
}

TEST(FaultsTest, ARoundHurtsEveryHostInEveryWayAndTheLeaderAndTheOwner) {
  std::set<std::tuple<Fault::Kind, size_t, Fault::Part>> seen;
  std::set<size_t> hosts;
  for (const Fault& each : EveryFault(3)) {
    EXPECT_TRUE(seen.insert({each.kind, each.host, each.part}).second) << Describe(each);
    hosts.insert(each.host);
  }
  EXPECT_EQ(hosts.size(), kHosts);
  EXPECT_EQ(seen.size(), 7 * (kHosts + 2));
}

TEST(FaultsTest, ASeedDecidesEverything) {
  EXPECT_EQ(Text(EveryFault(3)), Text(EveryFault(3)));
  EXPECT_NE(Text(EveryFault(3)), Text(EveryFault(4)));
}

TEST(FaultsTest, AFewAreOneOfEachKind) {
  std::set<Fault::Kind> kinds;
  std::set<Fault::Part> parts;
  for (const Fault& each : AFewFaults(3)) {
    EXPECT_TRUE(kinds.insert(each.kind).second);
    parts.insert(each.part);
  }
  EXPECT_EQ(kinds.size(), 7u);
  EXPECT_EQ(parts.size(), 2u);
}

}  // namespace
}  // namespace rollcall::chaos
