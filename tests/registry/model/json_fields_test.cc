#include "registry/model/json_fields.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace rollcall::model {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;
using std::chrono::seconds;

std::string ParseError(const std::string& body) {
  const Result<json> parsed = ParseJson(body);
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument) << body;
  return parsed.error().message;
}

// What is wrong with reading `text`'s field F as a T; empty when nothing is.
template <typename T>
std::string ErrorOf(const std::string& text, T* out) {
  const json object = json::parse(text);
  FieldReader reader(object, "");
  reader.Read("F", out);
  const Result<void> ok = reader.Finish();
  return ok ? "" : ok.error().message;
}

TEST(ParseJsonTest, SaysAtWhichByte) {
  EXPECT_EQ(ParseError(R"({"a":)"), "unexpected end of JSON at byte 5");
  EXPECT_EQ(ParseError(""), "unexpected end of JSON at byte 0");
  EXPECT_EQ(ParseError("{\"a\": 1,}"), "invalid JSON at byte 9");
  EXPECT_EQ(ParseError("{'a': 1}"), "invalid JSON at byte 2");
  EXPECT_EQ(ParseError("\"a\xff\""), "invalid JSON at byte 3");
  EXPECT_EQ(ParseError(R"({"a": [1, {"b": null}]})"), "");
}

TEST(ParseJsonTest, AByteOfZeroIsNoEnd) {
  using std::string_literals::operator""s;
  const auto error_of = [](const std::string& body) {
    const Result<json> parsed = ParseJson(body);
    return parsed ? "accepted" : parsed.error().message;
  };
  EXPECT_EQ(error_of("{}\0"s), "invalid JSON at byte 3");
  EXPECT_EQ(error_of("{\"a\":1}\0{\"b\":2}"s), "invalid JSON at byte 8");
  EXPECT_EQ(error_of("{\"a\":\0 1}"s), "invalid JSON at byte 6");
  EXPECT_EQ(error_of("{\"a\0b\":1}"s), "invalid JSON at byte 4");
  EXPECT_EQ(error_of("\0"s), "invalid JSON at byte 1");
  EXPECT_EQ(error_of("{]\0"s), "invalid JSON at byte 2") << "what is wrong before it is said";
  EXPECT_EQ(error_of("{\"a\\u0000b\":1}"s), "accepted");
}

TEST(ParseJsonTest, RefusesRepeatsWhereTheyAreNotWanted) {
  const auto error_of = [](const std::string& body) {
    const Result<json> parsed = ParseJson(body, Repeats::kRefused);
    return parsed ? "accepted" : parsed.error().message;
  };
  EXPECT_EQ(error_of(R"({"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]})"), "accepted");
  EXPECT_EQ(error_of(R"({"a":1,"A":2})"), "accepted") << "for whoever reads the fields to judge";
  EXPECT_EQ(error_of(R"({"a":1,"b":2,"a":1})"), R"(an object has "a" twice)");
  EXPECT_EQ(error_of(R"([{"x":{"a":1,"\u0061":null}}])"), R"(an object has "a" twice)");
  EXPECT_EQ(error_of(R"({"a":{"b":1},"a":{}})"), R"(an object has "a" twice)");
  EXPECT_EQ(error_of(R"({"a":1,"a")"), "unexpected end of JSON at byte 10");
  EXPECT_TRUE(ParseJson(R"({"a":1,"a":2})"));
}

TEST(ParseJsonTest, RefusesHostileNesting) {
  const auto nested = [](size_t depth, char open, char close) {
    return std::string(depth, open) + std::string(depth, close);
  };
  EXPECT_EQ(ParseError(nested(64, '[', ']')), "");
  EXPECT_EQ(ParseError(nested(65, '[', ']')), "JSON nested deeper than 64 levels");
  EXPECT_EQ(ParseError(std::string(500'000, '[')), "JSON nested deeper than 64 levels");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_EQ(ParseError(objects), "JSON nested deeper than 64 levels");
  // Brackets inside of a string are text.
  EXPECT_EQ(ParseError("\"\\\"" + std::string(100, '[') + "\""), "");
}

TEST(ParseJsonTest, RefusesNumbersBeyondADouble) {
  EXPECT_EQ(ParseError("1e400"), "a number is out of range");
  EXPECT_EQ(ParseError(R"({"Port": -1e999})"), "a number is out of range");
  EXPECT_EQ(ParseError("1" + std::string(400, '0')), "a number is out of range");
  EXPECT_EQ(ParseError("1e300"), "");
}

TEST(FieldReaderTest, WholeNumbersOf32Bits) {
  int port = -7;
  EXPECT_EQ(ErrorOf(R"({"F": 80})", &port), "");
  EXPECT_EQ(port, 80);
  EXPECT_EQ(ErrorOf(R"({"F": 80.0})", &port), "");
  EXPECT_EQ(ErrorOf(R"({"F": -2147483648})", &port), "");
  EXPECT_EQ(port, -2147483647 - 1);
  EXPECT_EQ(ErrorOf(R"({"F": 2147483647})", &port), "");
  EXPECT_EQ(ErrorOf(R"({"F": 2147483648})", &port),
            "F: expected a whole number of 32 bits, found 2147483648");
  EXPECT_EQ(ErrorOf(R"({"F": 80.5})", &port), "F: expected a whole number of 32 bits, found 80.5");
  EXPECT_EQ(ErrorOf(R"({"F": 18446744073709551615})", &port),
            "F: expected a whole number of 32 bits, found 18446744073709551615");
  EXPECT_EQ(ErrorOf(R"({"F": "80"})", &port), "F: expected a whole number, found a string");
  EXPECT_EQ(ErrorOf(R"({"F": true})", &port), "F: expected a whole number, found a boolean");
  EXPECT_EQ(port, 2147483647);
}

TEST(FieldReaderTest, Durations) {
  nanoseconds ttl{5};
  EXPECT_EQ(ErrorOf(R"({"F": "1m30s"})", &ttl), "");
  EXPECT_EQ(ttl, seconds(90));
  EXPECT_EQ(ErrorOf(R"({"F": 1000000000})", &ttl), "");
  EXPECT_EQ(ttl, seconds(1));
  EXPECT_EQ(ErrorOf(R"({"F": 9223372036854775807})", &ttl), "");
  EXPECT_EQ(ttl, nanoseconds::max());
  EXPECT_EQ(ErrorOf(R"({"F": 9223372036854775808})", &ttl),
            "F: expected a duration such as \"10s\", found a number out of range");
  EXPECT_EQ(ErrorOf(R"({"F": 18446744073709551615})", &ttl),
            "F: expected a duration such as \"10s\", found a number out of range");
  EXPECT_EQ(ErrorOf(R"({"F": 1.5})", &ttl),
            "F: expected a duration such as \"10s\", found a number");
  EXPECT_EQ(ErrorOf(R"({"F": []})", &ttl),
            "F: expected a duration such as \"10s\", found an array");
  EXPECT_EQ(ErrorOf(R"({"F": "10"})", &ttl), "time: missing unit in duration \"10\"");
  EXPECT_EQ(ttl, nanoseconds::max());
}

TEST(FieldReaderTest, ListsAndMapsAreTakenWhole) {
  std::vector<std::string> names = {"kept"};
  EXPECT_EQ(ErrorOf(R"({"F": ["a", 1]})", &names),
            "F: expected an array of strings, found a number in it");
  EXPECT_EQ(names, std::vector<std::string>{"kept"});
  EXPECT_EQ(ErrorOf(R"({"F": ["b", "a"]})", &names), "");
  EXPECT_EQ(names, (std::vector<std::string>{"b", "a"}));

  TextList tags = {"kept"};
  EXPECT_EQ(ErrorOf(R"({"F": ["a", 1]})", &tags),
            "F: expected an array of strings, found a number in it");
  EXPECT_EQ(ErrorOf(R"({"F": ["a", null]})", &tags),
            "F: expected an array of strings, found null in it");
  EXPECT_EQ(ErrorOf(R"({"F": "a"})", &tags), "F: expected an array of strings, found a string");
  EXPECT_EQ(tags, TextList{"kept"});
  EXPECT_EQ(ErrorOf(R"({"F": []})", &tags), "");
  EXPECT_TRUE(tags.empty());

  StringMap meta = {{"kept", ""}};
  EXPECT_EQ(ErrorOf(R"({"F": {"k": 1}})", &meta), "F.k: expected a string, found a number");
  EXPECT_EQ(ErrorOf(R"({"F": []})", &meta), "F: expected an object, found an array");
  EXPECT_EQ(meta, (StringMap{{"kept", ""}}));
  EXPECT_EQ(ErrorOf(R"({"F": {"b": "2", "a": "1"}})", &meta), "");
  EXPECT_EQ(meta, (StringMap{{"a", "1"}, {"b", "2"}}));
}

TEST(FieldReaderTest, NamesOfHeadersAreTheirOwn) {
  FlatMap<TextList> header;
  EXPECT_EQ(ErrorOf(R"({"F": {"x-a": ["1"], "X-A": ["2", "3"]}})", &header), "");
  const FlatMap<TextList> expected = {{"X-A", {"2", "3"}}, {"x-a", {"1"}}};
  EXPECT_EQ(header, expected);
  EXPECT_EQ(ErrorOf(R"({"F": {"X": "1"}})", &header),
            "F.X: expected an array of strings, found a string");
  EXPECT_EQ(ErrorOf(R"({"F": 1})", &header), "F: expected an object, found a number");
  EXPECT_EQ(header, expected);
}

TEST(FieldReaderTest, AbsentAndNullLeaveTheTarget) {
  std::string text = "kept";
  EXPECT_EQ(ErrorOf("{}", &text), "");
  EXPECT_EQ(ErrorOf(R"({"F": null})", &text), "");
  EXPECT_EQ(text, "kept");
  bool flag = true;
  EXPECT_EQ(ErrorOf(R"({"F": null})", &flag), "");
  EXPECT_TRUE(flag);
  EXPECT_EQ(ErrorOf(R"({"F": "true"})", &flag), "F: expected true or false, found a string");
}

TEST(FieldReaderTest, UnknownFieldIsNamedWhateverWasReadLast) {
  const json object = {{"enabled", true}, {"nonsense", 1}, {"tokens", "x"}};
  bool enabled = false;
  std::string tokens;
  FieldReader acl(object, "acl", KeyStyle::kCamelOrSnakeCase);
  acl.Read("Enabled", &enabled).Read("Tokens", &tokens);
  const Result<void> refused = acl.Finish();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "unknown field \"acl.nonsense\"");
}

TEST(FieldReaderTest, SnakeCaseOnlyWhereItIsAskedFor) {
  const json object = {{"enable_tag_override", true}};
  bool flag = false;
  FieldReader camel(object, "Service");
  camel.Read("EnableTagOverride", &flag);
  const Result<void> refused = camel.Finish();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "unknown field \"Service.enable_tag_override\"");
  EXPECT_FALSE(flag);
  FieldReader either(object, "Service", KeyStyle::kCamelOrSnakeCase);
  either.Read("EnableTagOverride", &flag);
  EXPECT_TRUE(either.Finish().has_value());
  EXPECT_TRUE(flag);
}

TEST(FieldReaderTest, ReportsTheFirstError) {
  const json object = {{"A", 1}, {"B", 2}, {"C", 3}};
  std::string a;
  std::string b;
  FieldReader reader(object, "");
  reader.Read("B", &b).Read("A", &a);
  const Result<void> ok = reader.Finish();
  ASSERT_FALSE(ok.has_value());
  EXPECT_EQ(ok.error().message, "B: expected a string, found a number");
}

TEST(FieldReaderTest, RefusesAFieldUnderTwoNamesWhereItIsNotWanted) {
  const json object = json::parse(R"({"name":"a","Name":null,"Port":1})");
  std::string name;
  int port = 0;
  FieldReader reader(object, "Service");
  reader.RefuseRepeats().Read("Port", &port).Read("Name", &name);
  const Result<void> ok = reader.Finish();
  ASSERT_FALSE(ok);
  EXPECT_EQ(ok.error().message, R"(Service: "Name" and "name" are the same field: leave one out)");
  FieldReader tolerant(object, "");
  tolerant.Read("Port", &port).Read("Name", &name);
  EXPECT_TRUE(tolerant.Finish());
  EXPECT_EQ(name, "a");
}

TEST(FieldReaderTest, AcceptsWhatItIgnores) {
  const json object = {{"Namespace", {{"any", "thing"}}}};
  FieldReader reader(object, "");
  EXPECT_TRUE(reader.Ignore("Namespace").Finish().has_value());
}

}  // namespace
}  // namespace rollcall::model
