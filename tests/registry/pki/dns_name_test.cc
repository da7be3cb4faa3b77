#include "registry/pki/dns_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::pki {
namespace {

using testing::HasSubstr;

std::string LongName(size_t size) {
  std::string name;
  while (name.size() < size) name += std::string(63, 'a') + ".";
  name.resize(size);
  if (name.back() == '.') name.back() = 'a';
  return name;
}

TEST(DnsNameTest, TakesWhatDnsTakes) {
  for (const std::string& text :
       {std::string("localhost"), std::string("server.dc1.consul"), std::string("a"),
        std::string("_web._tcp.x"), std::string("1.2.3.x"), std::string("xn--bcher-kva.example"),
        std::string("UPPER.Case"), std::string(63, 'a') + ".b", LongName(253)}) {
    const Result<DnsName> name = DnsName::Parse(text);
    ASSERT_TRUE(name) << text << ": " << name.error().message;
    EXPECT_EQ(name->text(), text);
  }
}

TEST(DnsNameTest, RefusesEverythingElse) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "empty"},
      {".", "dot too many"},
      {"a..b", "dot too many"},
      {".a", "dot too many"},
      {"a.", "dot too many"},
      {std::string(64, 'a'), "longer than 63"},
      {"b." + std::string(64, 'a'), "longer than 63"},
      {LongName(254), "longer than the 253"},
      {std::string(1'000'000, 'a'), "longer than the 253"},
      {"-a.b", "begins or ends with -"},
      {"a-.b", "begins or ends with -"},
      {"a b", "letters, digits"},
      {"a,IP:10.0.0.1", "letters, digits"},
      {"a\nb", "letters, digits"},
      {std::string("a\0b", 3), "letters, digits"},
      {"https://web", "letters, digits"},
      {"b\xc3\xbc"
       "cher.example",
       "xn--"},
      {"10.0.0.1", "not an IP address"},
      {"::1", "not an IP address"},
      {"a.*.b", "letters, digits"},
      {"*.web.example", "no wildcard"},
  };
  for (const auto& [text, why] : cases) {
    const Result<DnsName> name = DnsName::Parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(name.error().message, HasSubstr(why)) << text;
  }
}

TEST(DnsNameTest, AWildcardIsTheWholeFirstLabelOfThree) {
  const auto parse = [](const char* text) {
    return DnsName::Parse(text, DnsName::Wildcard::kAllowed);
  };
  EXPECT_TRUE(parse("*.web.example"));
  EXPECT_TRUE(parse("plain.example"));
  for (const char* text : {"*", "*.", "*.example", "*a.b.c", "a*.b.c", "**.b.c", "*.*.b.c",
                           "*.b..c", "*.b.c.", "a.*.b.c"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

}  // namespace
}  // namespace rollcall::pki
