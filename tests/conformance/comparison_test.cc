#include "tests/conformance/comparison.h"

#include <gtest/gtest.h>

namespace rollcall::conformance {
namespace {

const char kAny[] = "/v1/health/service/web";

std::string Compare(const std::string& path, const char* expected, const char* answer) {
  return Difference(path, Normalised(path, Json::parse(expected)),
                    Normalised(path, Json::parse(answer)));
}

TEST(ComparisonTest, FindsEachKindOfDifference) {
  EXPECT_EQ(Compare(kAny, R"({"A": 1})", R"({"A": 2})"), "$.A: expected 1, got 2");
  EXPECT_EQ(Compare(kAny, R"({"A": 1})", R"({"A": "1"})"), "$.A: expected 1, got \"1\"");
  EXPECT_EQ(Compare(kAny, R"({"A": 1})", "{}"), "$.A: missing");
  EXPECT_EQ(Compare(kAny, "{}", R"({"A": 1})"), "$.A: not expected: 1");
  EXPECT_EQ(Compare(kAny, "[1, 2]", "[2, 1]"), "$[0]: expected 1, got 2");
  EXPECT_EQ(Compare(kAny, "[1]", "[1, 2]"), "$: expected 1 elements, got 2: [1,2]");
  EXPECT_EQ(Compare(kAny, R"({"Checks": []})", R"({"Checks": null})"),
            "$.Checks: expected [], got null");
  EXPECT_EQ(Compare(kAny, R"({"Meta": null})", R"({"Meta": {"a": "b"}})"),
            "$.Meta: expected null, got {\"a\":\"b\"}");
  EXPECT_EQ(Compare(kAny, R"({"ModifyIndex": "$index"})", R"({"ModifyIndex": "7"})"),
            "$.ModifyIndex: expected \"$index\", got \"7\"");
}

TEST(ComparisonTest, IsLenientWhereTheRecordIs) {
  EXPECT_EQ(Compare(kAny, R"({"A": 1, "B": 2})", R"({"B": 2, "A": 1})"), "");
  EXPECT_EQ(Compare(kAny, R"({"ModifyIndex": "$index"})", R"({"ModifyIndex": 7})"), "");
  EXPECT_EQ(
      Compare(kAny, R"({"ID": "$uuid"})", R"({"ID": "40e4a748-2192-161a-0510-9bf59fe950b5"})"), "");
  EXPECT_EQ(Compare(kAny, R"({"Meta": null, "Tags": []})", R"({"Meta": {}, "Tags": null})"), "");
  EXPECT_EQ(Compare(kAny, R"({"Meta": {"consul-network-segment": ""}})", R"({"Meta": {}})"), "");
  EXPECT_EQ(Compare("/v1/catalog/services?x", R"({"a": ["1", "2"]})", R"({"a": ["2", "1"]})"), "");
  EXPECT_NE(Compare(kAny, R"({"Tags": ["1", "2"]})", R"({"Tags": ["2", "1"]})"), "");
}

TEST(ComparisonTest, TakesAnyContentHashButNone) {
  EXPECT_EQ(Compare(kAny, R"({"ContentHash": "1a"})", R"({"ContentHash": "2b"})"), "");
  EXPECT_NE(Compare(kAny, R"({"ContentHash": "1a"})", R"({"ContentHash": ""})"), "");
  EXPECT_NE(Compare(kAny, R"({"ContentHash": "1a"})", "{}"), "");
}

TEST(ComparisonTest, ComparesTheChecksOfTheAgentsHealthInAnyOrder) {
  const char id[] = "/v1/agent/health/service/id/a";
  const char name[] = "/v1/agent/health/service/name/a";
  const char ab[] = R"({"Checks": [{"CheckID": "a"}, {"CheckID": "b"}]})";
  const char ba[] = R"({"Checks": [{"CheckID": "b"}, {"CheckID": "a"}]})";
  const char aa[] = R"({"Checks": [{"CheckID": "a"}, {"CheckID": "a"}]})";
  EXPECT_EQ(Compare(id, ab, ba), "");
  EXPECT_NE(Compare(id, ab, aa), "");
  EXPECT_EQ(
      Compare(name, ("[" + std::string(ab) + "]").c_str(), ("[" + std::string(ba) + "]").c_str()),
      "");
  EXPECT_NE(Compare(kAny, ab, ba), "");
}

TEST(ComparisonTest, LeavesTheServersOwnEntriesOut) {
  EXPECT_EQ(Compare("/v1/catalog/nodes", "[]", R"([{"Node": "n1"}])"), "");
  EXPECT_NE(Compare("/v1/catalog/nodes", "[]", R"([{"Node": "n2"}])"), "");
  EXPECT_EQ(Compare("/v1/catalog/services", "{}", R"({"consul": []})"), "");
  EXPECT_EQ(Compare(kAny, R"([{"Checks": []}])", R"([{"Checks": [{"CheckID": "serfHealth"}]}])"),
            "");
}

}  // namespace
}  // namespace rollcall::conformance
