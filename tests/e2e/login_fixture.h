// A closed server that takes JWTs of one issuer, and the command line that talks to it: for the
// tests of who logs in.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/e2e/closed_server.h"
#include "tests/registry/jwt/issuer.h"

namespace rollcall::e2e {

class LoginE2eTest : public ClosedServerTest {
 protected:
  using ClosedServerTest::ClosedServerTest;

  void SetUp() override {
    Close();
    MakeMethod();
  }

  void Manage(const std::vector<std::string>& arguments) {
    const Finished done = Rollcall(arguments, management_);
    EXPECT_EQ(done.code, 0) << done.errors;
  }
  // The method "ci", by which whoever says "host" is that node, and that "service".
  void MakeMethod() {
    const Json config = {{"JWTValidationPubKeys", {issuer_.PublicPem()}},
                         {"BoundIssuer", "https://issuer.example"},
                         {"BoundAudiences", {"rollcall"}},
                         {"ClaimMappings", {{"host", "host"}, {"service", "service"}}},
                         {"ClockSkewLeeway", "-1ns"}};
    Manage({"acl", "auth-method", "create", "--name", "ci", "--type", "jwt", "--config",
            config.dump()});
    for (const char* type : {"node", "service"}) {
      const std::string claim = std::string(type) == "node" ? "host" : "service";
      Manage({"acl", "binding-rule", "create", "--method", "ci", "--bind-type", type, "--bind-name",
              "${value." + claim + "}"});
    }
  }
  void RemoveMethod() { Manage({"acl", "auth-method", "delete", "--name", "ci"}); }

  // Good for that long from now.
  std::string Jwt(std::chrono::seconds life, const std::string& service = "web") const {
    const int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
    return issuer_.Token(jwt::Algorithm::kEs256, {{"iss", "https://issuer.example"},
                                                  {"aud", "rollcall"},
                                                  {"iat", now},
                                                  {"exp", now + life.count()},
                                                  {"host", "a1"},
                                                  {"service", service}});
  }

  Reply Get(const std::string& path) { return Http(asked_->http_port()).Get(AsManager(path)); }
  std::string AsManager(const std::string& path) const {
    return path + (path.find('?') == std::string::npos ? "?" : "&") + "token=" + management_;
  }
  // Of all tokens that a login has made: their AccessorIDs.
  std::vector<std::string> TokensOfLogins() {
    std::vector<std::string> accessors;
    const Json tokens = Get("/v1/acl/tokens").json();
    for (const Json& token : tokens) {
      if (token.value("AuthMethod", "") == "ci") accessors.push_back(token.at("AccessorID"));
    }
    return accessors;
  }

  const jwt::Issuer issuer_{"P-256"};
  const Server* asked_ = &server_;  // who says what there is
};

}  // namespace rollcall::e2e
