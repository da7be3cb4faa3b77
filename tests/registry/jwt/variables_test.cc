#include "registry/jwt/variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace rollcall::jwt {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One mapping to the name "x".
Result<Variables> Value(const json& claims, const std::string& claim) {
  MethodConfig config;
  config.claim_mappings = {{claim, "x"}};
  return MapClaims(claims, config);
}

Result<Variables> List(const json& claims, const std::string& claim) {
  MethodConfig config;
  config.list_claim_mappings = {{claim, "x"}};
  return MapClaims(claims, config);
}

TEST(VariablesTest, TakesClaimsByNameAndByPointer) {
  const json claims = json::parse(R"({"sub": "web", "a/b": "slash", "/a": "odd", "": "nameless",
      "kubernetes.io": {"namespace": "prod", "a/b~c": {"d": [{"e": "deep"}]}}})");
  for (const auto& [claim, value] : {std::pair{"sub", "web"},
                                     {"a/b", "slash"},
                                     {"/kubernetes.io/namespace", "prod"},
                                     {"/kubernetes.io/a~1b~0c/d/0/e", "deep"},
                                     {"/a~1b", "slash"},
                                     {"/~1a", "odd"},
                                     {"/", "nameless"}}) {
    const auto variables = Value(claims, claim);
    ASSERT_TRUE(variables) << claim << variables.error().message;
    EXPECT_EQ(variables->values.at("x"), value) << claim;
  }
}

TEST(VariablesTest, WhatIsNotThereIsEmpty) {
  const json claims = json::parse(R"({"a": {"b": ["c"]}, "n": null})");
  for (const char* claim : {"none", "n", "/a/none", "/a/b/1", "/a/b/-1", "/a/b/x", "/a/b/0/c",
                            "/a/b/99999999999999999999", "/a//b", "A"}) {
    const auto variables = Value(claims, claim);
    ASSERT_TRUE(variables) << claim << variables.error().message;
    EXPECT_EQ(variables->values.at("x"), "") << claim;
    EXPECT_THAT(List(claims, claim)->lists.at("x"), IsEmpty()) << claim;
  }
}

TEST(VariablesTest, NumbersAndBooleansAreTakenAsText) {
  for (const auto& [text, value] : {std::pair{"true", "true"},
                                    {"false", "false"},
                                    {"0", "0"},
                                    {"-7", "-7"},
                                    {"1.9", "1"},
                                    {"-1.9", "-1"},
                                    {"1e3", "1000"},
                                    {"18446744073709551615", "18446744073709551615"},
                                    {"9007199254740993", "9007199254740993"}}) {
    const auto variables = Value({{"c", json::parse(text)}}, "c");
    ASSERT_TRUE(variables) << text;
    EXPECT_EQ(variables->values.at("x"), value);
  }
}

TEST(VariablesTest, AnotherTypeIsRefused) {
  for (const char* text : {"[]", "{}", "[\"a\"]", "1e300"}) {
    const auto variables = Value({{"c", json::parse(text)}}, "c");
    ASSERT_FALSE(variables) << text;
    EXPECT_EQ(variables.error().code, ErrorCode::kPermissionDenied);
    EXPECT_THAT(variables.error().message, HasSubstr("the claim \"c\""));
  }
  for (const char* text : {"{}", "[[]]", "[\"a\", {}]", "[null]", "[\"a\", null, \"b\"]"}) {
    const auto variables = List({{"c", json::parse(text)}}, "c");
    ASSERT_FALSE(variables) << text;
    EXPECT_THAT(variables.error().message, HasSubstr("list"));
  }
}

TEST(VariablesTest, AListMayBeItsOnlyElementAndLeavesOutEmptyOnes) {
  EXPECT_THAT(List({{"c", {"a", 1, true, "", "b"}}}, "c")->lists.at("x"),
              ElementsAre("a", "1", "true", "b"));
  EXPECT_THAT(List({{"c", "a"}}, "c")->lists.at("x"), ElementsAre("a"));
  EXPECT_THAT(List({{"c", ""}}, "c")->lists.at("x"), IsEmpty());
}

TEST(VariablesTest, ThoseOfAMethodAreKnownBeforehand) {
  MethodConfig config;
  config.claim_mappings = {{"sub", "name"}, {"/a/b", "other"}};
  config.list_claim_mappings = {{"groups", "groups"}};
  const Variables empty = EmptyVariables(config);
  EXPECT_EQ(empty, MapClaims(json::object(), config).value());
  EXPECT_THAT(empty.values, testing::SizeIs(2));
  EXPECT_THAT(empty.lists, testing::SizeIs(1));
}

}  // namespace
}  // namespace rollcall::jwt
