// AccessMatrix: what the tests have in common that ask every route of a table, the registry's and
// the agent's, by bearers of all kinds of tokens. What each gets follows from what the row says
// that it needs. The test's thread.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "api/http/router.h"
#include "api/shared/needs.h"

namespace rollcall::access_matrix {

// What the tokens "read", "write", "deny" and "other" grant, of the node n1, the service web and
// the event deploy, which the samples are about. "deny" may write all but these. "expired" is one
// like "write" whose time is over, "no-such" is none, and "" stands for a request without a token.
inline constexpr const char* kReadRules = R"(
  service "web" { policy = "read" }  node "n1" { policy = "read" }  agent "n1" { policy = "read" }
  event "deploy" { policy = "read" }  operator = "read"  acl = "read")";
inline constexpr const char* kWriteRules = R"(
  service "web" { policy = "write" }  node "n1" { policy = "write" }
  agent "n1" { policy = "write" }  event "deploy" { policy = "write" }
  operator = "write"  acl = "write")";
inline constexpr const char* kDenyRules = R"(
  service "web" { policy = "deny" }  service_prefix "" { policy = "write" }
  node "n1" { policy = "deny" }  node_prefix "" { policy = "write" }
  agent "n1" { policy = "deny" }  agent_prefix "" { policy = "write" }
  event "deploy" { policy = "deny" }  event_prefix "" { policy = "write" }
  operator = "deny"  acl = "deny")";
inline constexpr const char* kOtherRules = R"(
  service "other" { policy = "write" }  node "n2" { policy = "write" }
  agent "n2" { policy = "write" }  event "other" { policy = "write" })";

inline auto Tokens() {
  return testing::Values("", "no-such", "read", "write", "deny", "expired", "other");
}
// As a part of a test's name.
inline std::string NameOfToken(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.empty() ? "none" : info.param;
  std::erase(name, '-');
  return name;
}

enum class Expected {
  kAnswered,  // as whoever may do everything
  kNarrowed,  // with what may be seen, and a header that says that it is not all
  kDenied,    // 403 "Permission denied"
  kUnknown,   // 403 "ACL not found"
};

inline Expected ExpectedFor(const api::Needs& needs, const std::string& secret) {
  using How = api::Needs::How;
  if (needs.how == How::kNothing || needs.how == How::kPassedOn) return Expected::kAnswered;
  if (needs.how == How::kServer) return Expected::kDenied;
  if (secret == "no-such" || secret == "expired") return Expected::kUnknown;
  const bool takes_any_token = needs.scalars.empty() && needs.resources.empty();
  if (takes_any_token || secret == "write") return Expected::kAnswered;
  if (secret == "read" && needs.right == acl::Right::kRead) return Expected::kAnswered;
  return needs.how == How::kFiltered ? Expected::kNarrowed : Expected::kDenied;
}

struct Seen {
  int status = 0;  // 0: no answer came
  std::string body;
  std::string narrowed;  // the header X-Consul-Results-Filtered-By-ACLs
};

// `ask_for_all` asks as a bearer who may do everything; only where that is to be compared.
template <typename Ask>
void ExpectSeen(Expected expected, const Seen& answer, const Ask& ask_for_all) {
  switch (expected) {
    case Expected::kAnswered: {
      const Seen whole = ask_for_all();
      EXPECT_NE(whole.status, 403) << whole.body;
      EXPECT_NE(whole.status, 0);
      EXPECT_EQ(answer.status, whole.status) << answer.body;
      EXPECT_EQ(answer.narrowed, "");
      break;
    }
    case Expected::kNarrowed:
      EXPECT_EQ(answer.status, 200) << answer.body;
      EXPECT_EQ(answer.narrowed, "true");
      break;
    case Expected::kDenied:
      EXPECT_EQ(answer.status, 403);
      EXPECT_EQ(answer.body, "Permission denied");
      break;
    case Expected::kUnknown:
      EXPECT_EQ(answer.status, 403);
      EXPECT_EQ(answer.body, "ACL not found");
      break;
  }
}

// "GET /v1/agent/self"
inline std::string KeyOf(const http::Route& route) {
  return std::string(http::MethodName(route.method)) + " " + route.pattern;
}

// Calls check(row, sample) for each row of the table. One that has no sample fails the test, and so
// does a sample that belongs to none.
template <typename Row, typename Sample, typename Check>
void ForEachRow(const std::vector<Row>& table, const std::map<std::string, Sample>& samples,
                const Check& check) {
  for (const Row& row : table) {
    const std::string key = KeyOf(row.route);
    const testing::ScopedTrace trace(__FILE__, __LINE__, key);
    const auto sample = samples.find(key);
    ASSERT_NE(sample, samples.end()) << "no sample request of this route";
    check(row, sample->second);
  }
  EXPECT_EQ(table.size(), samples.size());
}

}  // namespace rollcall::access_matrix
