// Replays what was recorded of a real Consul against a real server process, and accounts for every
// step: answered as recorded, or deliberately different.
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include "tests/conformance/comparison.h"
#include "tests/conformance/expectations.h"
#include "tests/conformance/recorded_steps.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::conformance {
namespace {

using std::chrono::milliseconds;

// Change them with the tables, so that no step leaves the replay unseen.
constexpr int kStepsAsRecorded = 218;
constexpr int kStepsDifferent = 34;
constexpr int kStepsOfAgents = 85;

struct Answer {
  int status = 0;
  std::string body;
  httplib::Headers headers;
  milliseconds took{0};

  // Null when it is not there.
  const std::string* Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? nullptr : &found->second;
  }
};

class Replay {
 public:
  // With a token, where access is controlled.
  explicit Replay(int port, const std::string& token = "") : client_("127.0.0.1", port) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_url_encode(false);
    client_.set_read_timeout(std::chrono::seconds(20));
    if (token.empty()) return;
    client_.set_default_headers({{"X-Consul-Token", token}});
    own_token_ = token;
  }

  Answer Send(const RecordedStep& step) {
    std::this_thread::sleep_for(step.pause);
    Answer answer = SendOnce(step);
    // Answering at once cannot be told from a slow machine by one try; a read can be repeated.
    for (int i = 0; i < 3 && step.method == "GET" && AnsweredLate(step, answer); ++i) {
      answer = SendOnce(step);
    }
    if (!step.save_index_as.empty() && answer.Header("X-Consul-Index") != nullptr) {
      saved_[step.save_index_as] = *answer.Header("X-Consul-Index");
    }
    return answer;
  }

  // Consul did not block, and this answer took as long as the shortest `wait` of the record.
  static bool AnsweredLate(const RecordedStep& step, const Answer& answer) {
    return step.expect.value("blocked_ms", -1.0) == 0 && answer.took >= milliseconds(200);
  }

 private:
  Answer SendOnce(const RecordedStep& step) {
    httplib::Request request;
    request.method = step.method;
    request.path = step.path;
    for (const auto& [name, value] : saved_) {
      const std::string variable = "${" + name + "}";
      const size_t at = request.path.find(variable);
      if (at != std::string::npos) request.path.replace(at, variable.size(), value);
    }
    ReplaceRecordedToken(&request.path);
    request.body = step.body;
    if (!step.body.empty()) request.set_header("Content-Type", "application/json");
    const auto start = std::chrono::steady_clock::now();
    const httplib::Result result = client_.send(request);
    const auto took = std::chrono::steady_clock::now() - start;
    if (!result) return {};
    return {result->status, result->body, result->headers,
            std::chrono::duration_cast<milliseconds>(took)};
  }

  // A token of the record is none here, and was none to a Consul without access control.
  void ReplaceRecordedToken(std::string* path) const {
    constexpr std::string_view kRecorded = "token=x";
    const size_t at = path->find(kRecorded);
    if (own_token_.empty() || at == std::string::npos) return;
    path->replace(at, kRecorded.size(), "token=" + own_token_);
  }

  std::string own_token_;
  httplib::Client client_;
  std::map<std::string, std::string> saved_;
};

std::string Shown(const std::string* header) { return header == nullptr ? "none" : *header; }

// What every answer is asked for, whoever's words it has.
void ExpectText(const std::string& expected, const Answer& answer) {
  EXPECT_EQ(answer.body, expected);
  if (answer.status >= 400 && !expected.empty()) {
    EXPECT_EQ(Shown(answer.Header("Content-Type")), "text/plain; charset=utf-8");
  }
}

void ExpectHeaders(const Json& expect, const Answer& answer) {
  for (const auto& [name, value] : expect.at("headers").items()) {
    EXPECT_EQ(Shown(answer.Header(name)), value.get<std::string>()) << name;
  }
  const std::string* index = answer.Header("X-Consul-Index");
  EXPECT_EQ(index != nullptr, expect.at("has_index").get<bool>())
      << "X-Consul-Index: " << Shown(index);
  EXPECT_NE(Shown(index), "0");
}

void ExpectAsRecorded(const RecordedStep& step, const Answer& answer) {
  const Json& expect = step.expect;
  EXPECT_EQ(answer.status, expect.at("status").get<int>());
  ExpectHeaders(expect, answer);
  if (expect.contains("text")) {
    EXPECT_EQ(answer.body, expect.at("text").get<std::string>());
  } else if (!Json::accept(answer.body)) {
    ADD_FAILURE() << "not JSON: " << answer.body;
  } else {
    const Json got = Normalised(step.path, Json::parse(answer.body));
    EXPECT_EQ(Difference(step.path, Normalised(step.path, expect.at("json")), got), "")
        << "expected " << expect.at("json").dump() << "\ngot " << got.dump();
  }
  if (expect.contains("blocked_ms")) {
    EXPECT_FALSE(Replay::AnsweredLate(step, answer)) << answer.took.count() << " ms";
    // The record is rounded to 100 ms; a wait is never cut short.
    EXPECT_GE(static_cast<double>(answer.took.count()), expect.at("blocked_ms").get<double>());
  }
}

void ExpectDifference(const RecordedStep& step, const DeliberateDifference& difference,
                      const Answer& answer) {
  if (!difference.header.empty()) {
    RecordedStep changed = step;
    changed.expect.at("headers").at(difference.header) = difference.header_value;
    EXPECT_NE(changed.expect.at("headers").at(difference.header),
              step.expect.at("headers").at(difference.header))
        << "this is no difference";
    return ExpectAsRecorded(changed, answer);
  }
  const std::string recorded = step.expect.value("text", "");
  EXPECT_TRUE(difference.status != step.expect.at("status") ||
              (difference.text && *difference.text != recorded))
      << "this is no difference";
  EXPECT_EQ(answer.status, difference.status);
  ExpectText(difference.text.value_or(recorded), answer);
}

// What is told of the steps that were sent.
struct Tally {
  int as_recorded = 0;
  int different = 0;
};

void SendAndExpect(Replay& replay, const RecordedStep& step, Tally* tally) {
  SCOPED_TRACE(step.scenario + ", step " + std::to_string(step.number) + ": " + step.Request() +
               " " + step.body);
  const DeliberateDifference* difference = FindDifference(step);
  if (difference != nullptr) {
    ExpectDifference(step, *difference, replay.Send(step));
    ++tally->different;
  } else {
    ExpectAsRecorded(step, replay.Send(step));
    ++tally->as_recorded;
  }
}

// The recorded Consul was a server and an agent in one: what it said as an agent, rollcall-agent
// says too.
TEST(HttpConformanceTest, AnAgentAnswersEveryRecordedStepOfAgents) {
  e2e::Server server("registry");
  ASSERT_TRUE(server.Start());
  e2e::Agent agent({.server_url = server.Url(), .node = "n1"});
  agent.Start();
  ASSERT_TRUE(
      e2e::Eventually([&] { return e2e::Http(agent.http_port()).Get("/v1/agent/self").ok(); }));
  Replay replay(agent.http_port());
  Tally tally;
  for (const RecordedStep& step : LoadRecordedSteps(ROLLCALL_RECORDED_HTTP)) {
    if (step.path.starts_with("/v1/agent/")) SendAndExpect(replay, step, &tally);
  }
  std::cout << tally.as_recorded << " steps as recorded, " << tally.different
            << " deliberately different\n";
  EXPECT_EQ(tally.as_recorded + tally.different, kStepsOfAgents);
}

Tally SendAllAndExpect(Replay replay) {
  Tally tally;
  for (const RecordedStep& step : LoadRecordedSteps(ROLLCALL_RECORDED_HTTP)) {
    SendAndExpect(replay, step, &tally);
  }
  return tally;
}

TEST(HttpConformanceTest, AnswersEveryRecordedStepWhereAccessIsControlled) {
  e2e::Server server;
  ASSERT_TRUE(server.Start({"--acl"}));
  const e2e::Reply bootstrapped = server.Put("/v1/acl/bootstrap");
  ASSERT_TRUE(bootstrapped.ok()) << bootstrapped.body;
  const std::string management = bootstrapped.json().at("SecretID");
  const Tally tally = SendAllAndExpect(Replay(server.http_port(), management));
  EXPECT_EQ(tally.as_recorded, kStepsAsRecorded);
  EXPECT_EQ(tally.different, kStepsDifferent);
}

TEST(HttpConformanceTest, AnswersEveryRecordedStep) {
  e2e::Server server;
  ASSERT_TRUE(server.Start());
  const Tally tally = SendAllAndExpect(Replay(server.http_port()));
  for (const DeliberateDifference& each : DeliberateDifferences()) {
    std::cout << "different: " << each.request << ": " << each.status << ", " << each.reason
              << "\n";
  }
  std::cout << tally.as_recorded << " steps as recorded, " << tally.different
            << " deliberately different\n";
  EXPECT_EQ(tally.as_recorded, kStepsAsRecorded);
  EXPECT_EQ(tally.different, kStepsDifferent);
  EXPECT_EQ(static_cast<size_t>(tally.different), DeliberateDifferences().size());
}

}  // namespace
}  // namespace rollcall::conformance
