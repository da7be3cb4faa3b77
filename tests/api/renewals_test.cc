// What the owner of expiry makes of another server's report, and of what is none.
#include "api/renewals_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/shared_api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPath = "/v1/internal/renewals";
constexpr const char* kOwner = "run-1.4";
constexpr const char* kOther = "run-2";

json Report(json renewals, const std::string& owner = "", int64_t time = 0) {
  return {{"From", kOther}, {"Owner", owner}, {"Time", time}, {"Renewals", std::move(renewals)}};
}

class RenewalsTest : public SharedApiTest {
 protected:
  RenewalsTest() { SetGroup({{kSelf, ""}, {kOther, ""}}, kOwner); }

  // A node with a check "alive" that has a TTL, and one without.
  void RegisterBeating() {
    const json body = {
        {"Node", "host"},
        {"Address", "10.0.0.1"},
        {"Checks",
         {{{"CheckID", "alive"}, {"Definition", {{"TTL", "1h"}}}}, {{"CheckID", "untimed"}}}}};
    ASSERT_EQ(Put("/v1/catalog/register", body).status, 200);
  }
  Clock::TimePoint Due() {
    return catalog().snapshots().Get()->FindCheck("host", "alive")->ttl->due();
  }
  std::optional<Clock::TimePoint> HeardUntil() { return heard().HeardUntil(clock().Now()); }
};

TEST_F(RenewalsTest, MoveTheirDeadlinesAndAreAnsweredWithAStamp) {
  RegisterBeating();
  const Clock::TimePoint due = Due();
  const Answer answer = Put(kPath, Report({{"host", "alive", 0}}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_GT(Due(), due);
  EXPECT_EQ(answer.json()["Owner"], kOwner);
  EXPECT_LE(answer.json()["Time"], clock().Now().time_since_epoch().count());
  EXPECT_EQ(answer.json().size(), 2u);
  EXPECT_EQ(catalog().renewals().received(), 1u);
}

TEST_F(RenewalsTest, CountFromWhenTheyWere) {
  RegisterBeating();
  const Clock::TimePoint due = Due();
  // Before the registration, which had been enough.
  ASSERT_EQ(Put(kPath, Report({{"host", "alive", 600'000}})).status, 200);
  EXPECT_EQ(Due(), due);
}

TEST_F(RenewalsTest, OfWhatIsNotThereAreNone) {
  RegisterBeating();
  const json renewals = {
      {"nosuch", "alive", 0}, {"host", "nosuch", 0}, {"host", "untimed", 0}, {"", "", 0}};
  EXPECT_EQ(Put(kPath, Report(renewals)).status, 200);
}

TEST_F(RenewalsTest, AStampThatComesBackSaysHowFarItsServerHasBeenHeard) {
  const json stamp = Put(kPath, Report(json::array())).json();
  EXPECT_EQ(HeardUntil(), std::nullopt);
  ASSERT_EQ(Put(kPath, Report(json::array(), kOwner, stamp["Time"])).status, 200);
  EXPECT_EQ(HeardUntil(), Clock::TimePoint(Clock::TimePoint::duration(stamp["Time"])));
}

TEST_F(RenewalsTest, AStampOfTheFutureCountsForNothing) {
  const int64_t now = clock().Now().time_since_epoch().count();
  for (const int64_t time : {now + int64_t{3'600'000'000'000}, INT64_MAX}) {
    EXPECT_EQ(Put(kPath, Report(json::array(), kOwner, time)).status, 200);
    EXPECT_EQ(HeardUntil(), std::nullopt);
  }
}

TEST_F(RenewalsTest, AStampOfAnotherOwnerCountsForNothing) {
  for (const char* owner : {"", "run-1.3", "run-2.4", "run-1"}) {
    EXPECT_EQ(Put(kPath, Report(json::array(), owner, 1)).status, 200);
    EXPECT_EQ(HeardUntil(), std::nullopt);
  }
}

TEST_F(RenewalsTest, OfAnUnknownServerAreRefused) {
  json report = Report({{"host", "alive", 0}});
  report["From"] = "run-3";
  const Answer answer = Put(kPath, report);
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("run-3"));
  EXPECT_EQ(catalog().renewals().received(), 0u);
}

TEST_F(RenewalsTest, AreRefusedByAServerThatDoesNotOwnExpiry) {
  for (const auto& owner : {std::optional<std::string>(), std::optional<std::string>("run-2.1")}) {
    SetGroup({{kSelf, ""}, {kOther, ""}}, owner);
    const Answer answer = Put(kPath, Report(json::array()));
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.body, "this server does not own expiry");
  }
}

TEST_F(RenewalsTest, WhatIsNoReportIsRefused) {
  std::vector<std::string> bodies = {"",
                                     "{",
                                     "[]",
                                     "null",
                                     "7",
                                     "\"text\"",
                                     "{}",
                                     "\xff\xfe",
                                     std::string(10'000, '['),
                                     R"({"From": "run-2", "Owner": "", "Time": 0})",
                                     R"({"From": "run-2", "Owner": "", "Renewals": []})",
                                     R"({"From": "run-2", "Time": 0, "Renewals": []})",
                                     R"({"Owner": "", "Time": 0, "Renewals": []})"};
  const auto with = [&bodies](const char* member, json value) {
    json report = Report(json::array());
    report[member] = std::move(value);
    bodies.push_back(report.dump());
  };
  with("From", 7);
  with("From", nullptr);
  with("Owner", json::array());
  with("Time", "1");
  with("Time", 1.5);
  with("Time", true);
  with("Renewals", json::object());
  with("Renewals", "host");
  for (json renewal :
       {json("host"), json::array(), json({"host", "alive"}), json({"host", "alive", 0, 0}),
        json({7, "alive", 0}), json({"host", nullptr, 0}), json({"host", "alive", "0"}),
        json({"host", "alive", 0.5}), json({"host", "alive", -1}),
        json({"host", "alive", INT64_MIN}), json({"host", "alive", UINT64_MAX})}) {
    with("Renewals", json::array({std::move(renewal)}));
  }
  for (const std::string& body : bodies) {
    const Answer answer = PutText(kPath, body);
    EXPECT_EQ(answer.status, 400) << body.substr(0, 200);
    EXPECT_THAT(answer.body, StartsWith("Request decode failed: ")) << body.substr(0, 200);
  }
  EXPECT_EQ(catalog().renewals().received(), 0u);
}

TEST_F(RenewalsTest, OneReportHasAsManyAsItMayHaveAndNotOneMore) {
  json renewals = json::array();
  for (size_t i = 0; i < kMostRenewals; ++i) {
    renewals.push_back({"host", "check-" + std::to_string(i), 0});
  }
  EXPECT_EQ(Put(kPath, Report(renewals)).status, 200);
  EXPECT_EQ(catalog().renewals().received(), kMostRenewals);
  renewals.push_back({"host", "one more", 0});
  const Answer answer = Put(kPath, Report(renewals));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("at most " + std::to_string(kMostRenewals)));
}

// Else one server that was away for a weekend would be heard no more.
TEST_F(RenewalsTest, AnOldOneDoesNoHarmToTheOthers) {
  const auto read = ParseRenewalReport(Report({{"host", "alive", INT64_MAX}}).dump());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->renewals[0].age, std::chrono::hours(24));
}

TEST_F(RenewalsTest, ABodyBeyondTheLimitIsRefused) {
  json report = Report({{"host", "alive", 0}});
  report["From"] = std::string(600'000, 'x');
  EXPECT_EQ(Put(kPath, report).status, 413);
}

TEST_F(RenewalsTest, ReportAndStampAreReadAsTheyWereWritten) {
  RenewalReport report;
  report.from = "run-2";
  report.stamp = {"run-1.4", 123456789012345};
  report.renewals = {{"host \"1\"", "alive", std::chrono::milliseconds(1500)}};
  const auto read = ParseRenewalReport(RenewalReportJson(report));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->from, report.from);
  EXPECT_EQ(read->stamp.owner, report.stamp.owner);
  EXPECT_EQ(read->stamp.time, report.stamp.time);
  ASSERT_EQ(read->renewals.size(), 1u);
  EXPECT_EQ(read->renewals[0].node, "host \"1\"");
  EXPECT_EQ(read->renewals[0].check_id, "alive");
  EXPECT_EQ(read->renewals[0].age, std::chrono::milliseconds(1500));
  report.renewals[0].node = "no UTF-8: \xff";
  EXPECT_TRUE(ParseRenewalReport(RenewalReportJson(report)));
}

TEST_F(RenewalsTest, AnAnswerThatIsNoStampIsNone) {
  EXPECT_TRUE(ParseStamp(R"({"Owner": "run-1.4", "Time": 7})"));
  for (const char* body : {"", "[]", "null", "[1]", "{}", R"({"Owner": "x"})",
                           R"({"Owner": 1, "Time": 7})", R"({"Owner": "x", "Time": "7"})"}) {
    EXPECT_FALSE(ParseStamp(body)) << body;
  }
}

using RenewalsOfOneServerTest = ApiTest;

TEST_F(RenewalsOfOneServerTest, AServerThatHasItsStoreToItselfTakesNone) {
  const Answer answer = Put(kPath, Report(json::array()));
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.body, "this server has its store to itself");
}

}  // namespace
}  // namespace rollcall::api
