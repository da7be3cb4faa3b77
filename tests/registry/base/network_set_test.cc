#include "registry/base/network_set.h"

#include <gtest/gtest.h>

#include <string>

namespace rollcall {
namespace {

NetworkSet Networks(const std::string& text) {
  const Result<NetworkSet> parsed = NetworkSet::Parse(text);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? *parsed : NetworkSet();
}

bool Contains(const NetworkSet& set, const std::string& address) {
  return set.Contains(ParseIpAddress(address).value());
}

TEST(NetworkSetTest, ContainsWhatBeginsWithThePrefix) {
  struct Case {
    std::string network;
    std::string inside;
    std::string outside;
  };
  const Case cases[] = {
      {"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
      {"172.16.0.0/12", "172.31.255.255", "172.32.0.0"},
      {"192.0.2.128/25", "192.0.2.255", "192.0.2.127"},
      {"192.0.2.1", "192.0.2.1", "192.0.2.0"},
      {"192.0.2.1/32", "192.0.2.1", "192.0.2.3"},
      {"0.0.0.0/0", "255.255.255.255", "::1"},
      {"::/0", "2001:db8::1", "192.0.2.1"},
      {"::/0", "::1", "::ffff:192.0.2.1"},
      {"::1", "::1", "::2"},
      {"fc00::/7", "fdff::1", "fe00::"},
      {"fe80::/10", "febf::1", "fec0::"},
      {"2001:db8::/127", "2001:db8::1", "2001:db8::2"},
  };
  for (const Case& c : cases) {
    const NetworkSet set = Networks(c.network);
    EXPECT_TRUE(Contains(set, c.inside)) << c.network << " " << c.inside;
    EXPECT_FALSE(Contains(set, c.outside)) << c.network << " " << c.outside;
  }
}

TEST(NetworkSetTest, ContainsWhatAnyOfItsNetworksDoes) {
  const NetworkSet set = Networks("10.0.0.0/8,fd00::/8,192.0.2.1");
  EXPECT_TRUE(Contains(set, "10.1.2.3"));
  EXPECT_TRUE(Contains(set, "fd00::1"));
  EXPECT_TRUE(Contains(set, "192.0.2.1"));
  EXPECT_FALSE(Contains(set, "192.0.2.2"));
}

TEST(NetworkSetTest, AMappedAddressIsTheIpv4Address) {
  EXPECT_TRUE(Contains(Networks("10.0.0.0/8"), "::ffff:10.0.0.1"));
  EXPECT_FALSE(Contains(Networks("10.0.0.0/8"), "::ffff:11.0.0.1"));
  EXPECT_TRUE(Contains(Networks("::ffff:10.0.0.0/104"), "10.0.0.1"));
  EXPECT_EQ(Networks("::ffff:10.0.0.0/104"), Networks("10.0.0.0/8"));
}

TEST(NetworkSetTest, NoTextHoldsNothing) {
  EXPECT_TRUE(Networks("").empty());
  EXPECT_FALSE(Contains(Networks(""), "127.0.0.1"));
  EXPECT_EQ(Networks("").ToText(), "");
}

TEST(NetworkSetTest, IsTheSameInAnyOrder) {
  EXPECT_EQ(Networks("10.0.0.0/8,::1"), Networks("::1/128,10.0.0.0/8,::1"));
  EXPECT_FALSE(Networks("10.0.0.0/8") == Networks("10.0.0.0/9"));
  EXPECT_FALSE(Networks("10.0.0.0/8") == Networks("10.0.0.0/8,::1"));
  EXPECT_FALSE(Networks("0.0.0.0/0") == Networks("::/0"));
}

TEST(NetworkSetTest, ItsTextReadsBack) {
  const NetworkSet set = Networks("fd00::/8,192.0.2.1,10.0.0.0/8");
  EXPECT_EQ(set.ToText(), "10.0.0.0/8,192.0.2.1/32,fd00::/8");
  EXPECT_EQ(Networks(set.ToText()), set);
}

TEST(NetworkSetTest, LocalNetworksAreThoseOfNoProvider) {
  const NetworkSet local = NetworkSet::LocalNetworks();
  for (const char* inside : {"127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.1.1",
                             "::1", "fd12::1", "fe80::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(Contains(local, inside)) << inside;
  }
  for (const char* outside : {"8.8.8.8", "172.32.0.1", "192.169.0.1", "100.64.0.1", "0.0.0.0",
                              "::", "2001:db8::1", "::ffff:8.8.8.8"}) {
    EXPECT_FALSE(Contains(local, outside)) << outside;
  }
}

TEST(NetworkSetTest, NamesWhatItCannotRead) {
  struct Case {
    std::string text;
    std::string message;
  };
  const std::string no_address =
      ": it begins with no IP address; write it as 10.0.0.0/8, fd00::/8 or ::1";
  const Case cases[] = {
      {"localhost", "bad network \"localhost\"" + no_address},
      {"10.0.0.0/8,,::1", "bad network \"\"" + no_address},
      {"10.0.0.0/8,", "bad network \"\"" + no_address},
      {" 10.0.0.0/8", "bad network \" 10.0.0.0/8\"" + no_address},
      {"10.0.0/8", "bad network \"10.0.0/8\"" + no_address},
      {"10.0.0.0/33",
       "bad network \"10.0.0.0/33\": behind the slash belongs a prefix length from 0 to 32"},
      {"10.0.0.0/",
       "bad network \"10.0.0.0/\": behind the slash belongs a prefix length from 0 to 32"},
      {"10.0.0.0/8x",
       "bad network \"10.0.0.0/8x\": behind the slash belongs a prefix length from 0 to 32"},
      {"10.0.0.0/-1",
       "bad network \"10.0.0.0/-1\": behind the slash belongs a prefix length from 0 to 32"},
      {"::/129", "bad network \"::/129\": behind the slash belongs a prefix length from 0 to 128"},
      {"10.1.2.3/8",
       "bad network \"10.1.2.3/8\": bits are set beyond the prefix; write it as 10.0.0.0/8, or as "
       "10.1.2.3 for that address alone"},
      {"fd00::1/9",
       "bad network \"fd00::1/9\": bits are set beyond the prefix; write it as fd00::/9, or as "
       "fd00::1 for that address alone"},
  };
  for (const Case& c : cases) {
    const Result<NetworkSet> parsed = NetworkSet::Parse(c.text);
    ASSERT_FALSE(parsed) << c.text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(parsed.error().message, c.message);
  }
}

}  // namespace
}  // namespace rollcall
