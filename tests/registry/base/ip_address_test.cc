#include "registry/base/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace rollcall {
namespace {

// As the system reads it.
std::optional<IpAddress> ByTheSystem(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  Ipv4 v4;
  if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return v4;
  Ipv6 v6;
  if (inet_pton(AF_INET6, text.c_str(), v6.data()) == 1) return v6;
  return std::nullopt;
}

TEST(IpAddressTest, IsReadAsTheSystemReadsIt) {
  using std::string_literals::operator""s;
  for (const std::string& text : {"0.0.0.0"s,
                                  "255.255.255.255"s,
                                  "10.8.0.1"s,
                                  "256.0.0.1"s,
                                  "1.2.3"s,
                                  "1.2.3.4.5"s,
                                  "1.2.3."s,
                                  ".1.2.3"s,
                                  "1..2.3"s,
                                  "01.2.3.4"s,
                                  "1.2.3.00"s,
                                  "1.2.3.4 "s,
                                  " 1.2.3.4"s,
                                  "1.2.3.4\0"s,
                                  "1.2.3.0004"s,
                                  "1.2.3.99999999999"s,
                                  "+1.2.3.4"s,
                                  "0x1.2.3.4"s,
                                  ""s,
                                  "::"s,
                                  "::1"s,
                                  "2001:db8::7"s,
                                  "::ffff:10.8.0.1"s,
                                  "fe80::1%eth0"s,
                                  "g::"s,
                                  "localhost"s,
                                  std::string(200, '1'),
                                  "1.1.1.1" + std::string(100, '1')}) {
    EXPECT_EQ(ParseIpAddress(text), ByTheSystem(text)) << text;
  }
}

TEST(IpAddressTest, AnyTextIsReadAsTheSystemReadsIt) {
  std::mt19937 random(1);
  constexpr std::string_view kCharacters = "00123459....:f";
  int addresses = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const size_t size = 5 + random() % 10;
    while (text.size() < size) text += kCharacters[random() % kCharacters.size()];
    EXPECT_EQ(ParseIpAddress(text), ByTheSystem(text)) << text;
    addresses += ParseIpAddress(text) ? 1 : 0;
  }
  EXPECT_GT(addresses, 100);
}

}  // namespace
}  // namespace rollcall
