#include "dns/name.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dns/address_labels.h"
#include "dns/constants.h"
#include "dns/domain_name.h"
#include "dns/zone.h"
#include "tests/dns/asked.h"

namespace rollcall::dns {
namespace {

DomainName Name(const std::string& text) { return DomainName::FromText(text).value(); }

// "service db tag v1.2", "node bar.node", "address 0a080001", "apex", ...
std::string Meaning(const std::string& text, uint16_t question_type = type::kA) {
  const DomainName name = Name(text);
  const DottedLabels labels(name);
  const NameForm form = InterpretName(name, labels, question_type, *TestZone());
  switch (form.kind) {
    case NameKind::kOutside:
      return "outside";
    case NameKind::kApex:
      return "apex";
    case NameKind::kEmptyNonTerminal:
      return "empty";
    case NameKind::kUnknown:
      return "unknown";
    case NameKind::kService:
      return "service " + std::string(form.service) +
             (form.tag.empty() ? "" : " tag " + std::string(form.tag));
    case NameKind::kNode:
      return "node " + std::string(form.node);
    case NameKind::kAddress:
      return "address " + ToHex(form.address);
    case NameKind::kReverse:
      return "reverse " + ToHex(form.prefix.address) + "/" + std::to_string(form.prefix.bits);
  }
  return "";
}

TEST(NameTest, TheLastKindWordDecides) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"db.service.consul", "service db"},
      {"DB.Service.DC1.Consul.", "service db"},
      {"v1.2.db.service.consul", "service db tag v1.2"},
      {"node.service.consul", "service node"},
      {"x.service.node.consul", "node x.service"},
      {"service.node.consul", "node service"},
      {"a.b.c.node.dc1.consul", "node a.b.c"},
      {"0A080001.addr.consul", "address 0a080001"},
      {"0a08000.addr.consul", "unknown"},
      {"0a08000g.addr.consul", "unknown"},
      {"+a080001.addr.consul", "unknown"},
      {"1.0.8.10.in-addr.arpa", "reverse 0a080001/32"},
      {"8.10.IN-ADDR.ARPA", "reverse 0a080000/16"},
      {"in-addr.arpa", "reverse 00000000/0"},
      {"1.2.0.8.10.in-addr.arpa", "unknown"},
      {"1.08.10.in-addr.arpa", "unknown"},
      {"-1.in-addr.arpa", "unknown"},
      {"B.d.0.1.0.0.2.ip6.arpa", "reverse 20010db" + std::string(25, '0') + "/28"},
      {"ip6.arpa", "reverse " + std::string(32, '0') + "/0"},
      {"10.ip6.arpa", "unknown"},
      {"arpa", "outside"},
      {"consul", "apex"},
      {"dc1.consul", "empty"},
      {"service.consul", "empty"},
      {"addr.dc1.consul", "empty"},
      {"dc1.dc1.consul", "unknown"},
      {"db.service.dc1.dc1.consul", "unknown"},
      {"db.service.dc2.consul", "unknown"},
      {"db.consul", "unknown"},
      {"consul.example", "outside"},
      {"notconsul", "outside"},
      {".", "outside"},
  };
  for (const auto& [name, meaning] : table) EXPECT_EQ(Meaning(name), meaning) << name;
}

TEST(NameTest, TheApexIsAsItIsWrittenInTheName) {
  const auto apex_of = [](const char* text) {
    const DomainName name = Name(text);
    const DottedLabels labels(name);
    const NameForm form = InterpretName(name, labels, type::kA, *TestZone());
    return form.ApexName().ToText() + (form.in_arpa ? " arpa" : "");
  };
  EXPECT_EQ(apex_of("db.service.CoNsUl"), "CoNsUl.");
  EXPECT_EQ(apex_of("CONSUL"), "CONSUL.");
  EXPECT_EQ(apex_of("1.0.8.10.in-addr.ARPA"), "in-addr.ARPA. arpa");
  EXPECT_EQ(apex_of("nonsense.ip6.arpa"), "ip6.arpa. arpa");
}

TEST(NameTest, Rfc2782NamesStandForServices) {
  EXPECT_EQ(Meaning("_db._tcp.service.consul"), "service db");
  EXPECT_EQ(Meaning("_db._Primary.service.consul"), "service db tag primary");
  EXPECT_EQ(Meaning("_db._udp.service.dc1.consul"), "service db tag udp");
  EXPECT_EQ(Meaning("x._db._tcp.service.consul"), "service _tcp tag x._db");
  EXPECT_EQ(Meaning("_db._tcp.consul", type::kSrv), "service db");
  EXPECT_EQ(Meaning("_db._tcp.dc1.consul", type::kSrv), "service db");
  EXPECT_EQ(Meaning("_db._tcp.consul", type::kA), "unknown");
  EXPECT_EQ(Meaning("x._db._tcp.consul", type::kSrv), "unknown");
  EXPECT_EQ(Meaning("_tcp.consul", type::kSrv), "empty");
}

TEST(DomainNameTest, TextIsReadLabelByLabel) {
  EXPECT_EQ(Name("web.example.com").ToText(), "web.example.com.");
  EXPECT_EQ(Name("web.example.com."), Name("WEB.example.COM"));
  EXPECT_EQ(Name("sp ace").ToText(), "sp\\032ace.");
  EXPECT_TRUE(Name(".").is_root());
  for (const char* bad : {"", "..", "a..b", ".a", "a.."}) {
    EXPECT_FALSE(DomainName::FromText(bad)) << bad;
  }
}

TEST(DomainNameTest, LengthsHaveLimits) {
  EXPECT_TRUE(DomainName::FromText(std::string(63, 'a')));
  EXPECT_FALSE(DomainName::FromText(std::string(64, 'a')));
  std::string longest = "a";  // 127 labels of one letter are 255 octets with the root's
  for (int i = 0; i < 126; ++i) longest += ".a";
  EXPECT_TRUE(DomainName::FromText(longest));
  EXPECT_FALSE(DomainName::FromText(longest + ".a"));
  EXPECT_FALSE(DomainName::FromText("b", Name(longest)));
}

TEST(DomainNameTest, ContainmentGoesByLabels) {
  EXPECT_TRUE(Name("a.B.consul").IsAtOrBelow(Name("b.CONSUL")));
  EXPECT_TRUE(Name("consul").IsAtOrBelow(Name("consul")));
  EXPECT_FALSE(Name("notconsul").IsAtOrBelow(Name("consul")));
  EXPECT_FALSE(Name("consul").IsAtOrBelow(Name("a.consul")));
  // A label that holds what looks like the domain's wire form.
  EXPECT_FALSE(DomainName::FromWire(std::string_view("\x08x\x06"
                                                     "consul\0",
                                                     10))
                   ->IsAtOrBelow(Name("consul")));
}

TEST(ZoneTest, OptionsThatCannotBeNamesAreRefused) {
  const auto message = [](auto change) {
    DnsOptions options = TestOptions();
    change(&options);
    const Result<Zone> zone = Zone::Make(options);
    return zone ? std::string() : zone.error().message;
  };
  EXPECT_EQ(message([](DnsOptions*) {}), "");
  EXPECT_EQ(message([](DnsOptions* o) { o->domain = "a..b"; }),
            "dns domain \"a..b\" is not a usable domain name");
  EXPECT_EQ(message([](DnsOptions* o) { o->domain = ""; }),
            "dns domain \"\" is not a usable domain name");
  EXPECT_EQ(message([](DnsOptions* o) { o->datacenter = "dc.1"; }),
            "datacenter \"dc.1\" is not a DNS label");
  EXPECT_EQ(message([](DnsOptions* o) { o->node_name = "a..b"; }),
            "node name \"a..b\" cannot be part of a DNS name");
  EXPECT_EQ(message([](DnsOptions* o) { o->max_udp_payload = 511; }),
            "dns max_udp_payload 511 is not from 512 to 65507");
}

}  // namespace
}  // namespace rollcall::dns
