#include "registry/jwt/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace rollcall::jwt {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr int64_t kNowSeconds = 1'795'724'134;
const UtcTime kNow{seconds(kNowSeconds)};

int64_t In(seconds offset) { return kNowSeconds + offset.count(); }

std::string ReasonOf(const json& claims, const MethodConfig& config = {}, UtcTime now = kNow) {
  const auto life = CheckClaims(claims, config, now);
  if (life) return "taken";
  EXPECT_EQ(life.error().code, ErrorCode::kPermissionDenied);
  return life.error().message;
}

MethodConfig Strict() {
  MethodConfig config;
  config.clock_skew_leeway = nanoseconds(-1);
  return config;
}

TEST(ClaimsTest, OneOfTheTimesMustBeThere) {
  EXPECT_EQ(ReasonOf(json::object()),
            "no issue time, notbefore, or expiration time encoded in token");
  EXPECT_NE(ReasonOf({{"iat", nullptr}, {"sub", "x"}}), "taken");
  EXPECT_EQ(ReasonOf({{"iat", kNowSeconds}}), "taken");
  EXPECT_EQ(ReasonOf({{"nbf", kNowSeconds}}), "taken");
  EXPECT_EQ(ReasonOf({{"exp", kNowSeconds}}), "taken");
}

TEST(ClaimsTest, ExpiryIsExactWithoutALeeway) {
  EXPECT_EQ(ReasonOf({{"exp", kNowSeconds}}, Strict()), "taken");
  EXPECT_EQ(ReasonOf({{"exp", kNowSeconds}}, Strict(), kNow + milliseconds(1)),
            "the token has expired (exp), 0s ago");
  EXPECT_THAT(ReasonOf({{"exp", In(seconds(-61))}}, Strict()),
              HasSubstr("expired (exp), 1m1s ago"));
}

TEST(ClaimsTest, ClocksMayDifferByAMinuteUnlessSaidOtherwise) {
  const json expired = {{"exp", In(seconds(-60))}};
  EXPECT_EQ(ReasonOf(expired), "taken");
  EXPECT_THAT(ReasonOf({{"exp", In(seconds(-61))}}), HasSubstr("expired"));
  EXPECT_EQ(ReasonOf({{"nbf", In(seconds(60))}, {"exp", In(hours(1))}}), "taken");
  EXPECT_THAT(ReasonOf({{"nbf", In(seconds(61))}, {"exp", In(hours(1))}}),
              HasSubstr("not valid yet (nbf), for another 1m1s"));
  EXPECT_THAT(ReasonOf({{"iat", In(seconds(61))}, {"nbf", kNowSeconds}, {"exp", In(hours(1))}}),
              HasSubstr("issued in the future (iat), by 1m1s"));
  MethodConfig config;
  config.clock_skew_leeway = minutes(5);
  EXPECT_EQ(ReasonOf({{"exp", In(seconds(-300))}}, config), "taken");
  EXPECT_THAT(ReasonOf({{"exp", In(seconds(-301))}}, config), HasSubstr("expired"));
}

// Without exp.
TEST(ClaimsTest, ATokenIsGoodForTheExpirationLeewayAfterItWasIssued) {
  EXPECT_EQ(ReasonOf({{"iat", In(seconds(-150))}}, Strict()), "taken");
  EXPECT_THAT(ReasonOf({{"iat", In(seconds(-151))}}, Strict()), HasSubstr("expired"));
  EXPECT_EQ(ReasonOf({{"iat", In(seconds(-1000))}, {"nbf", In(seconds(-150))}}, Strict()), "taken")
      << "the later one counts";
  MethodConfig config = Strict();
  config.expiration_leeway = seconds(10);
  EXPECT_EQ(ReasonOf({{"nbf", In(seconds(-10))}}, config), "taken");
  EXPECT_THAT(ReasonOf({{"nbf", In(seconds(-11))}}, config), HasSubstr("expired"));
  config.expiration_leeway = nanoseconds(-1);
  EXPECT_THAT(ReasonOf({{"nbf", In(seconds(-1))}}, config), HasSubstr("expired"));
  EXPECT_EQ(CheckClaims({{"iat", kNowSeconds}}, {}, kNow)->expires, kNow + seconds(150));
}

// Without nbf and iat.
TEST(ClaimsTest, ATokenIsGoodFromTheNotBeforeLeewayBeforeItExpires) {
  EXPECT_EQ(ReasonOf({{"exp", In(seconds(150))}}, Strict()), "taken");
  EXPECT_THAT(ReasonOf({{"exp", In(seconds(151))}}, Strict()), HasSubstr("not valid yet"));
  EXPECT_EQ(ReasonOf({{"exp", In(hours(1))}, {"iat", kNowSeconds}}, Strict()), "taken");
  MethodConfig config = Strict();
  config.not_before_leeway = hours(1);
  EXPECT_EQ(ReasonOf({{"exp", In(hours(1))}}, config), "taken");
  config.not_before_leeway = nanoseconds(-1);
  EXPECT_EQ(ReasonOf({{"exp", kNowSeconds}}, config), "taken");
  EXPECT_THAT(ReasonOf({{"exp", In(seconds(1))}}, config), HasSubstr("not valid yet"));
}

TEST(ClaimsTest, SaysWhenTheTokensTimeIsOver) {
  const auto life = CheckClaims({{"iat", kNowSeconds}, {"exp", In(hours(1))}}, {}, kNow);
  ASSERT_TRUE(life);
  EXPECT_EQ(life->expires, kNow + hours(1));
  EXPECT_EQ(life->accepted, kNow + hours(1) + minutes(1));
  const auto fraction = CheckClaims({{"iat", 0}, {"exp", double(In(hours(1))) + 0.75}}, {}, kNow);
  ASSERT_TRUE(fraction) << fraction.error().message;
  EXPECT_EQ(fraction->expires, kNow + hours(1)) << "the fraction is dropped";
  const auto far = CheckClaims({{"iat", 0}, {"exp", 253'402'300'799}}, {}, kNow);
  ASSERT_TRUE(far) << far.error().message;
  EXPECT_GT(far->expires, kNow + hours(24 * 365 * 200)) << "as late as a time can be";
  EXPECT_LE(far->expires, far->accepted);
}

TEST(ClaimsTest, TimesAreNumbersOfSecondsThatCanBe) {
  for (const char* name : {"iat", "nbf", "exp"}) {
    json claims = {{"iat", kNowSeconds}, {"nbf", kNowSeconds}, {"exp", In(hours(1))}};
    ASSERT_EQ(ReasonOf(claims), "taken");
    for (const json& bad : {json("1795724134"), json(true), json::array(), json::object(), json(-1),
                            json(253'402'300'800), json(1e300), json(UINT64_MAX), json(-1e300)}) {
      claims[name] = bad;
      EXPECT_THAT(ReasonOf(claims), HasSubstr("the claim " + std::string(name))) << bad;
    }
  }
  EXPECT_THAT(ReasonOf({{"iat", kNowSeconds}, {"exp", 0}}), HasSubstr("expired"));
}

TEST(ClaimsTest, TheIssuerMustBeTheBoundOne) {
  MethodConfig config;
  config.bound_issuer = "https://issuer.example";
  json claims = {{"iat", kNowSeconds}, {"iss", "https://issuer.example"}};
  EXPECT_EQ(ReasonOf(claims, config), "taken");
  for (const json& other : {json("https://issuer.example/"), json("HTTPS://issuer.example"),
                            json(""), json(nullptr), json({"https://issuer.example"}), json(1)}) {
    claims["iss"] = other;
    EXPECT_THAT(ReasonOf(claims, config), HasSubstr("not \"https://issuer.example\" (BoundIssuer)"))
        << other;
  }
  claims.erase("iss");
  EXPECT_THAT(ReasonOf(claims, config), HasSubstr("issuer (iss) is none"));
  EXPECT_EQ(ReasonOf({{"iat", kNowSeconds}, {"iss", "anybody"}}), "taken") << "none is bound";
}

TEST(ClaimsTest, OneAudienceMustBeABoundOne) {
  MethodConfig config;
  config.bound_audiences = {"consul", "rollcall"};
  json claims = {{"iat", kNowSeconds}};
  EXPECT_THAT(ReasonOf(claims, config), HasSubstr("not there"));
  for (const json& good : {json("rollcall"), json({"other", "consul"}), json({"consul"})}) {
    claims["aud"] = good;
    EXPECT_EQ(ReasonOf(claims, config), "taken") << good;
  }
  for (const json& bad : {json("other"), json("Consul"), json("consul "), json(""), json::array(),
                          json({"other", "third"}), json(nullptr)}) {
    claims["aud"] = bad;
    EXPECT_THAT(ReasonOf(claims, config), HasSubstr("aud claim does not match any bound audience"))
        << bad;
  }
  for (const json& bad : {json(1), json::object(), json({"consul", 1})}) {
    claims["aud"] = bad;
    EXPECT_THAT(ReasonOf(claims, config), HasSubstr("no string and no list")) << bad;
  }
}

TEST(ClaimsTest, ATokenForSomebodyIsNotForAMethodWithoutAudiences) {
  EXPECT_THAT(ReasonOf({{"iat", kNowSeconds}, {"aud", "x"}}),
              HasSubstr("audience claim found in JWT but no audiences are bound"));
  EXPECT_EQ(ReasonOf({{"iat", kNowSeconds}, {"aud", json::array()}}), "taken");
}

}  // namespace
}  // namespace rollcall::jwt
