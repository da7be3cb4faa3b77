#include "api/audit/audit_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "api/http/request_reader.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

using enum RouteTraits::Effect;

const std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1'790'000'000'120)};

class AuditEntryTest : public testing::Test {
 protected:
  // As a server reads it.
  void Receive(const std::string& head, const std::string& body = "") {
    http::RequestReader reader(request_, limits_);
    const std::string bytes =
        head + "Host: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    std::string_view input = bytes;
    ASSERT_EQ(reader.Consume(input), http::RequestReader::State::kComplete);
  }

  AuditEntry Entry(const RouteTraits& route, const http::Response& answer) const {
    return MakeAuditEntry(route, request_, &answer, "an accessor", kTime);
  }

  const http::Limits limits_{};
  http::Request request_{"10.0.0.1"};
  const RouteTraits register_{.pattern = "/v1/catalog/register", .effect = kWrite};
  const RouteTraits token_{
      .pattern = "/v1/acl/token/:id", .effect = kWrite, .handles_secrets = true};
};

TEST_F(AuditEntryTest, AWriteIsOneLineOfJson) {
  Receive("PUT /v1/catalog/register?dc=dc1 HTTP/1.1\r\nX-Request-ID: abc\r\n", "{}");
  http::Response answer = http::JsonResponse("true");
  answer.change = {Index(17), true};
  EXPECT_EQ(LineOf(Entry(register_, answer)),
            R"({"time":"2026-09-21T14:13:20.120Z","accessor":"an accessor","client":"10.0.0.1",)"
            R"("method":"PUT","path":"/v1/catalog/register","route":"/v1/catalog/register",)"
            R"("status":200,"index":17,"changed":true,"request_id":"abc"})"
            "\n");
}

TEST_F(AuditEntryTest, ARefusalSaysWhyAndNoIndex) {
  Receive("PUT /v1/catalog/register HTTP/1.1\r\n", "{}");
  const json line =
      json::parse(LineOf(Entry(register_, http::TextResponse(403, "Permission denied"))));
  EXPECT_EQ(line.at("status"), 403);
  EXPECT_EQ(line.at("error"), "Permission denied");
  EXPECT_FALSE(line.contains("index"));
  EXPECT_FALSE(line.contains("request_id"));
}

TEST_F(AuditEntryTest, SecretsAreNowhere) {
  Receive(
      "PUT /v1/acl/token/s3cr3t-in-path?token=s3cr3t-in-query HTTP/1.1\r\n"
      "X-Consul-Token: s3cr3t-in-header\r\nAuthorization: Bearer s3cr3t-in-bearer\r\n",
      R"({"SecretID": "s3cr3t-in-body"})");
  for (const int status : {400, 401, 403, 404, 429, 500}) {
    const std::string text = status == 400 ? "invalid: last read 's3cr3t-in-body'" : "no";
    const std::string line = LineOf(Entry(token_, http::TextResponse(status, text)));
    EXPECT_THAT(line, Not(HasSubstr("s3cr3t"))) << status;
    EXPECT_THAT(line, HasSubstr(R"("path":"/v1/acl/token/:id")")) << status;
  }
  const std::string ok =
      LineOf(Entry(token_, http::JsonResponse(R"({"SecretID": "s3cr3t-made"})")));
  // Also where it is answered that there is no such token any more.
  EXPECT_THAT(ok, Not(HasSubstr("s3cr3t-in-path")));
  EXPECT_THAT(ok, Not(HasSubstr("s3cr3t-made")));
  EXPECT_THAT(ok, Not(HasSubstr("s3cr3t-in-query")));
}

TEST_F(AuditEntryTest, NothingThatAClientSendsEndsTheLineOrForgesAField) {
  AuditEntry entry;
  entry.time = kTime;
  entry.client = "10.0.0.1";
  entry.method = "PUT";
  entry.route = "/v1/catalog/register";
  const std::string hostile[] = {
      "/a\n{\"time\":\"forged\"}",
      "\",\"status\":200,\"x\":\"",
      "\r\n\r\n",
      std::string("\0\x01\x1b[2J\x7f", 7),
      "\xff\xfe\xc3",
      "\xc2\x9b"
      "2J",                        // a C1 control
      "\xe2\x80\xa8\xe2\x80\xae",  // a line separator, and one that turns text around
      "\xed\xa0\x80",              // a surrogate
      "\\\\\"",
  };
  for (const std::string& text : hostile) {
    entry.path = entry.error = entry.request_id = entry.accessor = entry.certificate = text;
    const std::string line = LineOf(entry);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    EXPECT_EQ(line.back(), '\n');
    EXPECT_TRUE(std::all_of(line.begin(), line.end() - 1, [](char c) {
      return c >= 0x20 && c < 0x7f;
    })) << line;
    const json parsed = json::parse(line);
    EXPECT_EQ(parsed.at("status"), 0) << line;
    EXPECT_EQ(parsed.size(), 10u) << line;
  }
  entry.path = "say \"hi\"\n\xff";
  EXPECT_EQ(json::parse(LineOf(entry)).at("path"), "say \"hi\"\n\xef\xbf\xbd");
}

TEST_F(AuditEntryTest, WhatIsLongIsCut) {
  Receive("PUT /" + std::string(5000, 'a') +
          " HTTP/1.1\r\nX-Request-ID: " + std::string(5000, 'b') + "\r\n");
  const AuditEntry entry = Entry(register_, http::TextResponse(400, std::string(5000, 'c')));
  EXPECT_EQ(entry.path, "/" + std::string(1023, 'a') + "...");
  EXPECT_EQ(entry.request_id, std::string(256, 'b') + "...");
  EXPECT_EQ(entry.error, std::string(256, 'c') + "...");
}

TEST_F(AuditEntryTest, AnExchangeWithoutAnAnswerMayHaveDoneIt) {
  Receive("PUT /v1/catalog/register HTTP/1.1\r\n");
  const AuditEntry entry = MakeAuditEntry(register_, request_, nullptr, "", kTime);
  EXPECT_EQ(entry.status, 500);
  EXPECT_THAT(entry.error, HasSubstr("never answered"));
}

TEST_F(AuditEntryTest, WritesRefusalsAndRenewalsThatChangeSomethingAreTold) {
  const RouteTraits read{.pattern = "/v1/catalog/nodes"};
  const RouteTraits health{.pattern = "/v1/agent/health", .answers_with_429 = true};
  const RouteTraits beat{.pattern = "/v1/catalog/heartbeat", .effect = kRenewal};
  http::Response changed = http::EmptyResponse(200);
  changed.change = {Index(1), true};
  http::Response unchanged = http::EmptyResponse(200);
  unchanged.change = {Index(1), false};
  const struct {
    const RouteTraits& route;
    http::Response answer;
    bool told;
  } cases[] = {
      {register_, http::EmptyResponse(200), true},
      {register_, http::EmptyResponse(400), true},
      {register_, http::EmptyResponse(503), true},
      {read, http::EmptyResponse(200), false},
      {read, http::EmptyResponse(404), false},
      {read, http::EmptyResponse(500), false},
      {read, http::EmptyResponse(401), true},
      {read, http::EmptyResponse(403), true},
      {read, http::EmptyResponse(429), true},
      {health, http::EmptyResponse(429), false},
      {health, http::EmptyResponse(403), true},
      {beat, http::EmptyResponse(200), false},
      {beat, unchanged, false},
      {beat, changed, true},
      {beat, http::EmptyResponse(404), false},
      {beat, http::EmptyResponse(403), true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsAudited(c.route, &c.answer), c.told) << c.route.pattern << " " << c.answer.status;
  }
  EXPECT_TRUE(IsAudited(register_, nullptr));
  EXPECT_FALSE(IsAudited(read, nullptr));
}

TEST_F(AuditEntryTest, TimesHaveThreeDigits) {
  using std::chrono::milliseconds;
  using std::chrono::system_clock;
  EXPECT_EQ(AuditTime(system_clock::time_point(milliseconds(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(AuditTime(system_clock::time_point(milliseconds(1005))), "1970-01-01T00:00:01.005Z");
}

TEST(RouteTraitsTest, AreToldFromMethodAndPattern) {
  using http::Method;
  EXPECT_EQ(TraitsOf(Method::kGet, "/v1/catalog/nodes", {200}).effect, kRead);
  EXPECT_EQ(TraitsOf(Method::kPut, "/v1/catalog/register", {200}).effect, kWrite);
  EXPECT_EQ(TraitsOf(Method::kDelete, "/v1/acl/token/:id", {200}).effect, kWrite);
  EXPECT_EQ(TraitsOf(Method::kPut, "/v1/agent/check/pass/*id", {200}).effect, kRenewal);
  EXPECT_TRUE(TraitsOf(Method::kPut, "/v1/agent/check/pass/*id", {200}).is_limited);
  EXPECT_EQ(TraitsOf(Method::kPut, "/v1/catalog/heartbeat", {200}).kind(), RequestKind::kWrite);
  EXPECT_FALSE(TraitsOf(Method::kPut, "/v1/catalog/heartbeat", {200}).is_limited);
  EXPECT_TRUE(TraitsOf(Method::kGet, "/x", {200, 429}).answers_with_429);
  EXPECT_TRUE(TraitsOf(Method::kPost, "/v1/acl/login", {200}).is_login);
  EXPECT_TRUE(TraitsOf(Method::kPut, "/v1/agent/token/default", {200}).handles_secrets);
  EXPECT_FALSE(TraitsOf(Method::kGet, "/v1/catalog/nodes", {200}).handles_secrets);
}

}  // namespace
}  // namespace rollcall::api
