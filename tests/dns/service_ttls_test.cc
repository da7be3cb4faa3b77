#include "dns/service_ttls.h"

#include <gtest/gtest.h>

namespace rollcall::dns {
namespace {

using std::chrono::seconds;

TEST(ServiceTtlsTest, TheOwnNameWinsThenTheLongestBeginningThenAll) {
  ServiceTtls ttls;
  EXPECT_EQ(ttls.For("web"), seconds(0));
  EXPECT_TRUE(ttls.Add("web*", seconds(1)));
  EXPECT_TRUE(ttls.Add("web-admin", seconds(2)));
  EXPECT_TRUE(ttls.Add("*", seconds(3)));
  EXPECT_TRUE(ttls.Add("web-a*", seconds(4)));
  EXPECT_TRUE(ttls.Add("DB", seconds(5)));
  EXPECT_EQ(ttls.For("web"), seconds(1));
  EXPECT_EQ(ttls.For("WEB-2"), seconds(1));
  EXPECT_EQ(ttls.For("web-admin"), seconds(2));
  EXPECT_EQ(ttls.For("web-admin2"), seconds(4));
  EXPECT_EQ(ttls.For("we"), seconds(3));
  EXPECT_EQ(ttls.For("db"), seconds(5));
  EXPECT_EQ(ttls.For("db2"), seconds(3));
  EXPECT_EQ(ttls.ToText(), "*=3s,db=5s,web*=1s,web-a*=4s,web-admin=2s");
}

TEST(ServiceTtlsTest, OnePatternHasOneTtl) {
  ServiceTtls ttls;
  for (const char* pattern : {"*", "web", "web*"}) {
    EXPECT_TRUE(ttls.Add(pattern, seconds(1))) << pattern;
    EXPECT_FALSE(ttls.Add(pattern, seconds(2))) << pattern;
  }
  EXPECT_FALSE(ttls.Add("WEB", seconds(2)));
  for (const char* pattern : {"", "**", "*web", "w*b", "w**"}) {
    EXPECT_FALSE(ttls.Add(pattern, seconds(2))) << pattern;
  }
  EXPECT_EQ(ttls.For("web"), seconds(1));
}

TEST(ServiceTtlsTest, OneForAllIsItsText) {
  EXPECT_EQ(ServiceTtls(seconds(7)).ToText(), "7s");
  EXPECT_EQ(ServiceTtls(seconds(7)).For("web"), seconds(7));
  EXPECT_EQ(ServiceTtls(seconds(7)), ServiceTtls(seconds(7)));
  EXPECT_NE(ServiceTtls(seconds(7)), ServiceTtls(seconds(8)));
  EXPECT_EQ(ServiceTtls(), ServiceTtls(seconds(0)));
  ServiceTtls written_out;
  EXPECT_TRUE(written_out.Add("*", seconds(7)));
  EXPECT_EQ(written_out, ServiceTtls(seconds(7)));
  EXPECT_TRUE(written_out.Add("web", seconds(7)));
  EXPECT_NE(written_out, ServiceTtls(seconds(7)));
}

}  // namespace
}  // namespace rollcall::dns
