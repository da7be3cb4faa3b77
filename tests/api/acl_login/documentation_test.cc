// What docs/jwt.md shows is what happens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/acl_login/login.h"
#include "api/acl_login/rule_check.h"
#include "registry/acl/methods/config.h"
#include "registry/acl/methods/drafts.h"
#include "registry/acl/methods/login_request.h"
#include "registry/acl/methods/requests.h"
#include "tests/registry/jwt/issuer.h"

namespace rollcall::api::acl_login {
namespace {

using nlohmann::json;
using testing::ElementsAre;

std::string Page() {
  std::ifstream file(ROLLCALL_JWT_PAGE);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Its claims, its method and its rule.
std::vector<std::string> JsonBlocks() {
  constexpr std::string_view kBegin = "```json\n";
  const std::string page = Page();
  std::vector<std::string> blocks;
  for (size_t at = page.find(kBegin); at != std::string::npos; at = page.find(kBegin, at)) {
    at += kBegin.size();
    blocks.push_back(page.substr(at, page.find("```", at) - at));
  }
  return blocks;
}

TEST(JwtPageTest, ItsExampleLogsIn) {
  const std::vector<std::string> blocks = JsonBlocks();
  ASSERT_EQ(blocks.size(), 3U);
  const json claims = json::parse(blocks[0]);
  const auto method = acl::MakeAuthMethod(acl::ParseAuthMethodRequest(blocks[1]).value(), nullptr);
  ASSERT_TRUE(method) << method.error().message;
  const auto rule = acl::MakeBindingRule(
      acl::ParseBindingRuleRequest(blocks[2]).value(), nullptr,
      [&method](std::string_view) { return *method; }, CheckSelector);
  ASSERT_TRUE(rule) << rule.error().message;

  const jwt::Issuer& issuer = jwt::Issuer::For(jwt::Algorithm::kEs256);
  const auto token = jwt::ParseCompactJws(issuer.Token(jwt::Algorithm::kEs256, claims, "k"));
  const UtcTime now{std::chrono::seconds(claims.at("iat").get<int64_t>())};
  const auto identity = jwt::IdentityOf(*token, jwt::KeySet::FromJwks(issuer.JwksOf("k")).value(),
                                        acl::ParseJwtConfig(method->config).value(), now);
  ASSERT_TRUE(identity) << identity.error().message;
  const auto no_role = [](const acl::LinkRequest&) { return std::nullopt; };
  const auto made = TokenOfLogin(*method, {*rule}, *identity, "", {no_role, "dc1", now});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(made->token.service_identities,
              ElementsAre(acl::ServiceIdentity{"payments-api", {}}));
  EXPECT_EQ(made->token.expiration_time, now + std::chrono::minutes(30));
}

TEST(JwtPageTest, ItsNumbersAreThoseOfTheCode) {
  const std::string page = Page();
  EXPECT_EQ(jwt::kMaxTokenSize, 16U * 1024);
  EXPECT_NE(page.find("larger than 16 KiB"), std::string::npos);
  EXPECT_EQ(acl::kMaxLoginMeta, 64U);
  EXPECT_EQ(acl::kMaxLoginMetaBytes, 2048U);
  EXPECT_NE(page.find("up to 64 texts, with 2,048 bytes"), std::string::npos);
  EXPECT_EQ(jwt::kDefaultExpirationLeeway, std::chrono::seconds(150));
  EXPECT_EQ(jwt::kDefaultNotBeforeLeeway, std::chrono::seconds(150));
  EXPECT_EQ(jwt::kDefaultClockSkewLeeway, std::chrono::seconds(60));
  for (const jwt::Algorithm algorithm : jwt::kAlgorithms) {
    EXPECT_NE(page.find('`' + std::string(jwt::ToString(algorithm)) + '`'), std::string::npos);
  }
  for (const char* refused : {"none", "HS256"}) {
    EXPECT_NE(page.find('`' + jwt::ParseAlgorithm(refused).error().message + '`'),
              std::string::npos)
        << refused;
  }
}

}  // namespace
}  // namespace rollcall::api::acl_login
