// What is answered by what the token for DNS may read: all forms of names, all types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/dns/answer_tables.h"
#include "tests/dns/asked.h"
#include "tests/dns/guarded_catalog.h"

namespace rollcall::dns {
namespace {

using testing::HasSubstr;

constexpr const char* kReadAll =
    R"(service_prefix "" { policy = "read" } node_prefix "" { policy = "read" })";
constexpr const char* kReadWeb =
    R"(service "web" { policy = "read" } node_prefix "" { policy = "read" })";
constexpr const char* kReadWebOnNodeA =
    R"(service "web" { policy = "read" } node "a" { policy = "read" })";
constexpr const char* kReadServices = R"(service_prefix "" { policy = "read" })";
constexpr const char* kReadNodes = R"(node_prefix "" { policy = "read" })";

model::Node NodeWithMetaAt(std::string name, std::string address) {
  model::Node node;
  node.name = std::move(name);
  node.address = std::move(address);
  node.meta = {{"rack", "r1"}};
  return node;
}

CatalogText Shop() {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Node("a", "10.0.0.1").Node("b", "10.0.0.2");
  text.Node(NodeWithMetaAt("c", "10.0.0.3")).Node("pointer", "a.node.consul");
  text.Instance({.node = "a", .name = "web", .tags = {"v1", "x.y"}, .meta = {{"who", "a"}}});
  text.Instance({.node = "b", .name = "web", .tags = {"v2"}, .meta = {{"who", "b"}}});
  text.Instance({.node = "b", .name = "db", .port = 5432, .address = "10.9.9.9"});
  text.Instance({.node = "a", .name = "db", .port = 5433, .address = "10.9.9.8"});
  text.Instance({.node = "b", .name = "only-b", .meta = {{"k", "v"}}});
  text.Instance({.node = "a", .name = "to-db", .address = "db.service.consul"});
  text.Instance({.node = "a", .name = "to-b", .address = "b.node.consul"});
  text.Instance({.node = "a", .name = "to-web", .address = "web.service.consul"});
  return text;
}

struct Case {
  std::string query;
  std::string told;
};

void ExpectTold(GuardedCatalog* guarded, const std::vector<Case>& cases) {
  for (const Case& expected : cases) {
    EXPECT_EQ(guarded->Told(expected.query), expected.told) << expected.query;
  }
}

TEST(DnsAccessTest, WhoReadsAllIsAnsweredAsIfAccessWereNotControlled) {
  AskedCatalog open(Shop().Build());
  GuardedCatalog guarded(Shop());
  guarded.AnswerWith(kReadAll);
  for (const char* name :
       {"web.service.consul.", "v1.web.service.consul.", "_web._tcp.service.consul.",
        "db.service.consul.", "to-db.service.consul.", "to-b.service.consul.", "a.node.consul.",
        "c.node.consul.", "pointer.node.consul.", "0a000001.addr.consul.", "consul.",
        "1.0.0.10.in-addr.arpa.", "9.9.9.10.in-addr.arpa.", "0.10.in-addr.arpa.", "x.consul.",
        "nobody.service.consul.", "nobody.node.consul.", "7.7.7.7.in-addr.arpa.", "example.com."}) {
    for (const char* type : {"A", "AAAA", "SRV", "TXT", "ANY", "PTR", "NS", "CNAME", "MX"}) {
      SCOPED_TRACE(std::string(name) + " " + type);
      const MessageText seen = open.Ask(std::string(name) + " " + type);
      const MessageText got = guarded.Ask(std::string(name) + " " + type);
      EXPECT_EQ(got.rcode, seen.rcode);
      EXPECT_EQ(got.flags, seen.flags);
      EXPECT_EQ(got.options, seen.options);
      EXPECT_THAT(got.answer, testing::UnorderedElementsAreArray(seen.answer));
      EXPECT_THAT(got.additional, testing::UnorderedElementsAreArray(seen.additional));
      EXPECT_EQ(got.authority.size(), seen.authority.size());
    }
  }
}

TEST(DnsAccessTest, OneServiceOnAllNodes) {
  GuardedCatalog guarded(Shop());
  guarded.AnswerWith(kReadWeb);
  const std::string web = "NOERROR: web.service.consul. 0 ";
  ExpectTold(
      &guarded,
      {
          {"web.service.consul. A", web + "A 10.0.0.1, web.service.consul. 0 A 10.0.0.2"},
          {"web.service.consul. TXT", web + "TXT \"who=a\", web.service.consul. 0 TXT \"who=b\""},
          {"v2.web.service.consul. A", "NOERROR: v2.web.service.consul. 0 A 10.0.0.2"},
          {"v2.web.service.consul. SRV",
           "NOERROR: v2.web.service.consul. 0 SRV 1 1 80 b.node.dc1.consul.; "
           "b.node.dc1.consul. 0 A 10.0.0.2"},
          {"_web._v2.consul. SRV",
           "NOERROR: _web._v2.consul. 0 SRV 1 1 80 b.node.dc1.consul.; "
           "b.node.dc1.consul. 0 A 10.0.0.2"},
          {"v9.web.service.consul. A", "NXDOMAIN (0)"},
          {"b.node.consul. A", "NOERROR: b.node.consul. 0 A 10.0.0.2"},
          {"nobody.node.consul. A", "NXDOMAIN (0)"},
          {"2.0.0.10.in-addr.arpa. PTR",
           "NOERROR: 2.0.0.10.in-addr.arpa. 0 PTR b.node.dc1.consul."},
      });
  // Whether it is there or not.
  for (const char* name : {"db.service.consul.", "nobody.service.consul.", "v1.db.service.consul.",
                           "_db._tcp.service.consul.", "to-db.service.consul."}) {
    for (const char* type : {"A", "AAAA", "SRV", "TXT", "ANY", "SOA", "NS", "CNAME", "MX"}) {
      EXPECT_EQ(guarded.Told(std::string(name) + " " + type), "NXDOMAIN (18)") << name << type;
    }
  }
}

TEST(DnsAccessTest, SomeNodes) {
  GuardedCatalog guarded(Shop());
  guarded.AnswerWith(kReadWebOnNodeA);
  ExpectTold(
      &guarded,
      {
          {"web.service.consul. A", "NOERROR: web.service.consul. 0 A 10.0.0.1 (17)"},
          {"web.service.consul. AAAA", "NOERROR (17)"},
          {"web.service.consul. SRV",
           "NOERROR: web.service.consul. 0 SRV 1 1 80 a.node.dc1.consul.; "
           "a.node.dc1.consul. 0 A 10.0.0.1 (17)"},
          {"web.service.consul. TXT", "NOERROR: web.service.consul. 0 TXT \"who=a\" (17)"},
          {"web.service.consul. ANY", "NOERROR: web.service.consul. 0 HINFO \"RFC8482\" \"\" (17)"},
          {"web.service.consul. MX", "NOERROR (17)"},
          {"v1.web.service.consul. A", "NOERROR: v1.web.service.consul. 0 A 10.0.0.1 (17)"},
          // The same for a tag of what may not be seen as for one of nobody's.
          {"v2.web.service.consul. A", "NXDOMAIN (17)"},
          {"v9.web.service.consul. A", "NXDOMAIN (17)"},
          {"y.web.service.consul. A", "NOERROR (17)"},
          {"only-b.service.consul. A", "NXDOMAIN (18)"},
          {"a.node.consul. A", "NOERROR: a.node.consul. 0 A 10.0.0.1"},
          {"b.node.consul. A", "NXDOMAIN (18)"},
          {"nobody.node.consul. A", "NXDOMAIN (18)"},
          {"c.node.consul. TXT", "NXDOMAIN (18)"},
          {"c.node.consul. A", "NXDOMAIN (18)"},
          {"0a000002.addr.consul. A", "NOERROR: 0a000002.addr.consul. 0 A 10.0.0.2"},
          {"x.consul. A", "NXDOMAIN (0)"},
          {"service.consul. A", "NOERROR"},
      });
}

TEST(DnsAccessTest, NoNodesIsNoInstances) {
  GuardedCatalog guarded(Shop());
  guarded.AnswerWith(kReadServices);
  for (const char* type : {"A", "AAAA", "SRV", "TXT", "ANY", "NS"}) {
    for (const char* name : {"web.service.consul. ", "v1.web.service.consul. ",
                             "only-b.service.consul. ", "_db._tcp.service.consul. "}) {
      EXPECT_EQ(guarded.Told(std::string(name) + type), "NXDOMAIN (17)") << name << type;
    }
    EXPECT_EQ(guarded.Told(std::string("nobody.service.consul. ") + type), "NXDOMAIN (0)");
    EXPECT_EQ(guarded.Told(std::string("a.node.consul. ") + type), "NXDOMAIN (18)");
  }
  EXPECT_EQ(guarded.Told("1.0.0.10.in-addr.arpa. PTR"), "NXDOMAIN (17)");
}

TEST(DnsAccessTest, NodesAloneAreNoServices) {
  GuardedCatalog guarded(Shop());
  guarded.AnswerWith(kReadNodes);
  ExpectTold(&guarded, {
                           {"web.service.consul. A", "NXDOMAIN (18)"},
                           {"nobody.service.consul. SRV", "NXDOMAIN (18)"},
                           {"b.node.consul. A", "NOERROR: b.node.consul. 0 A 10.0.0.2"},
                           {"c.node.consul. TXT", "NOERROR: c.node.consul. 0 TXT \"rack=r1\""},
                           {"2.0.0.10.in-addr.arpa. PTR",
                            "NOERROR: 2.0.0.10.in-addr.arpa. 0 PTR b.node.dc1.consul."},
                           {"9.9.9.10.in-addr.arpa. PTR", "NXDOMAIN (17)"},
                       });
}

TEST(DnsAccessTest, NothingIsTheZoneAlone) {
  GuardedCatalog guarded(Shop());
  ExpectTold(&guarded, {
                           {"web.service.consul. A", "NXDOMAIN (18)"},
                           {"a.node.consul. A", "NXDOMAIN (18)"},
                           {"1.0.0.10.in-addr.arpa. PTR", "NXDOMAIN (17)"},
                           {"7.7.7.7.in-addr.arpa. PTR", "NXDOMAIN (17)"},
                           // The address of the server is its node's.
                           {"consul. NS", "NOERROR: consul. 0 NS n1.node.dc1.consul."},
                           {"consul. A", "NOERROR"},
                           {"example.com. A", "REFUSED (20)"},
                       });
  EXPECT_THAT(guarded.Told("consul. SOA"), HasSubstr("NOERROR: consul. 0 SOA ns.consul."));
  const MessageText denied = guarded.Ask("web.service.consul. A");
  EXPECT_EQ(denied.authority.size(), 1u);  // how long that is to be believed
  EXPECT_EQ(denied.flags, "qr aa rd");
  EXPECT_EQ(ExtendedErrorIn(denied.options), "18 the token for DNS may not read this name");
}

TEST(DnsAccessTest, TheNameServersAddressIsForWhoReadsItsNode) {
  GuardedCatalog guarded(Shop());
  guarded.AnswerWith(R"(node "n1" { policy = "read" })");
  EXPECT_EQ(guarded.Told("consul. NS"),
            "NOERROR: consul. 0 NS n1.node.dc1.consul.; n1.node.dc1.consul. 0 A 127.0.0.1");
}

TEST(DnsAccessTest, AliasesLeadNoFurtherThanWhatMayBeRead) {
  GuardedCatalog guarded(Shop());
  guarded.AnswerWith(R"(
      service_prefix "to-" { policy = "read" }
      service "web" { policy = "read" }
      node "a" { policy = "read" }
      node "pointer" { policy = "read" })");
  const auto alias = [](const std::string& name, const std::string& to) {
    return name + " 0 CNAME " + to;
  };
  ExpectTold(
      &guarded,
      {
          {"to-db.service.consul. A",
           "NXDOMAIN: " + alias("to-db.service.consul.", "db.service.consul.") + " (18)"},
          {"to-b.service.consul. A",
           "NXDOMAIN: " + alias("to-b.service.consul.", "b.node.consul.") + " (18)"},
          {"to-web.service.consul. A",
           "NOERROR: " + alias("to-web.service.consul.", "web.service.consul.") +
               ", web.service.consul. 0 A 10.0.0.1 (17)"},
          {"to-db.service.consul. SRV",
           "NOERROR: to-db.service.consul. 0 SRV 1 1 80 db.service.consul."},
          {"to-b.service.consul. SRV", "NOERROR: to-b.service.consul. 0 SRV 1 1 80 b.node.consul."},
          {"to-web.service.consul. SRV",
           "NOERROR: to-web.service.consul. 0 SRV 1 1 80 web.service.consul.; "
           "web.service.consul. 0 A 10.0.0.1"},
          {"pointer.node.consul. A", "NOERROR: a.node.consul. 0 A 10.0.0.1, " +
                                         alias("pointer.node.consul.", "a.node.consul.")},
      });
}

// The size of what may not be seen takes nothing from what an answer looks up for others.
TEST(DnsAccessTest, WhatMayNotBeReadCostsAnAnswerNothing) {
  CatalogText text = Shop();
  for (int i = 0; i < 1999; ++i) {
    text.Instance({.node = "b", .name = "huge", .id = "huge" + std::to_string(i)});
  }
  for (const char* target : {"huge", "web"}) {
    text.Instance({.node = "a",
                   .name = "refers",
                   .address = std::string(target) + ".service.consul",
                   .id = std::string("refers-to-") + target});
  }
  GuardedCatalog guarded(text);
  guarded.AnswerWith(R"(service "refers" { policy = "read" } service "web" { policy = "read" }
                        node "a" { policy = "read" })");
  for (int i = 0; i < 10; ++i) {  // in whatever order
    EXPECT_THAT(guarded.Told("refers.service.consul. SRV"),
                HasSubstr("; web.service.consul. 0 A 10.0.0.1"));
  }
}

TEST(DnsAccessTest, AddressesLeadBackToWhatMayBeRead) {
  CatalogText text = Shop();
  text.Node("twin", "10.0.0.1");
  text.Instance({.node = "b", .name = "guest", .address = "10.0.0.1"});
  text.Instance({.node = "c", .name = "hidden", .address = "10.9.9.9"});
  GuardedCatalog guarded(text);
  guarded.AnswerWith(R"(node "a" { policy = "read" } node "b" { policy = "read" }
                        service "db" { policy = "read" } service "guest" { policy = "read" })");
  const std::string a =
      "NOERROR: 1.0.0.10.in-addr.arpa. 0 PTR a.node.dc1.consul., "
      "1.0.0.10.in-addr.arpa. 0 PTR guest.service.dc1.consul. (17)";
  ExpectTold(&guarded, {
                           {"1.0.0.10.in-addr.arpa. PTR", a},
                           {"1.0.0.10.in-addr.arpa. A", "NOERROR"},
                           {"9.9.9.10.in-addr.arpa. PTR",
                            "NOERROR: 9.9.9.10.in-addr.arpa. 0 PTR db.service.dc1.consul. (17)"},
                           {"3.0.0.10.in-addr.arpa. PTR", "NXDOMAIN (17)"},
                           {"3.0.0.10.in-addr.arpa. TXT", "NXDOMAIN (17)"},
                           {"7.7.7.7.in-addr.arpa. PTR", "NXDOMAIN (17)"},
                           // Nothing is told of what there is below a name.
                           {"0.10.in-addr.arpa. PTR", "NOERROR"},
                           {"7.7.in-addr.arpa. PTR", "NOERROR"},
                       });
  // An instance on a node that may not be read does not make its service be there.
  guarded.AnswerWith(R"(node "a" { policy = "read" } service "db" { policy = "read" })");
  EXPECT_EQ(guarded.Told("9.9.9.10.in-addr.arpa. PTR"), "NXDOMAIN (17)");
  EXPECT_EQ(guarded.Told("8.9.9.10.in-addr.arpa. PTR"),
            "NOERROR: 8.9.9.10.in-addr.arpa. 0 PTR db.service.dc1.consul.");
}

// An address of more names than are looked at is answered, and says that it is not all.
TEST(DnsAccessTest, AnAddressOfAGreatManyNamesTakesOnlySoLong) {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Node("zz", "10.0.0.1");
  for (int i = 0; i < 6000; ++i) text.Node("m" + std::to_string(i), "10.0.0.1");
  GuardedCatalog guarded(text);
  guarded.AnswerWith(R"(node "zz" { policy = "read" })");
  EXPECT_EQ(guarded.Told("1.0.0.10.in-addr.arpa. PTR"), "NXDOMAIN (17)");
  EXPECT_EQ(guarded.Told("zz.node.consul. A"), "NOERROR: zz.node.consul. 0 A 10.0.0.1");
}

TEST(DnsAccessTest, EverythingOfAnyIsFilteredToo) {
  DnsOptions options = TestOptions();
  options.minimal_any = false;
  GuardedCatalog guarded(Shop(), options);
  guarded.AnswerWith(kReadWebOnNodeA);
  ExpectTold(&guarded,
             {
                 {"web.service.consul. ANY", "NOERROR: web.service.consul. 0 A 10.0.0.1 (17)"},
                 {"a.node.consul. ANY", "NOERROR: a.node.consul. 0 A 10.0.0.1"},
                 {"c.node.consul. ANY", "NXDOMAIN (18)"},
                 {"db.service.consul. ANY", "NXDOMAIN (18)"},
             });
}

// The catalog takes names without regard to case, the rules do not: the record's name counts.
TEST(DnsAccessTest, TheNameOfTheRecordCounts) {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Node("Big", "10.0.0.1");
  text.Instance({.node = "Big", .name = "Web"});
  GuardedCatalog guarded(text);
  guarded.AnswerWith(R"(service "Web" { policy = "read" } node "Big" { policy = "read" })");
  EXPECT_EQ(guarded.Told("web.service.consul. A"), "NOERROR: web.service.consul. 0 A 10.0.0.1");
  EXPECT_EQ(guarded.Told("bIg.node.consul. A"), "NOERROR: bIg.node.consul. 0 A 10.0.0.1");
  // Who may read the name that was asked for learns as much as if nothing were there.
  guarded.AnswerWith(R"(service "web" { policy = "read" } service "api" { policy = "read" }
                        node "big" { policy = "read" } node "small" { policy = "read" })");
  for (const char* type : {"A", "SRV", "TXT", "ANY", "SOA"}) {
    EXPECT_EQ(ExtendedErrorIn(guarded.Ask(std::string("Web.service.consul. ") + type).options),
              ExtendedErrorIn(guarded.Ask(std::string("api.service.consul. ") + type).options));
    EXPECT_EQ(ExtendedErrorIn(guarded.Ask(std::string("Big.node.consul. ") + type).options),
              ExtendedErrorIn(guarded.Ask(std::string("small.node.consul. ") + type).options));
  }
  EXPECT_EQ(guarded.Told("web.service.consul. A"), "NXDOMAIN (0)");
}

TEST(DnsAccessTest, WithoutARuleTheDefaultHolds) {
  GuardedCatalog guarded(Shop(), {}, acl::DefaultPolicy::kAllow);
  EXPECT_EQ(guarded.Told("only-b.service.consul. A"),
            "NOERROR: only-b.service.consul. 0 A 10.0.0.2");
  guarded.AnswerWith(R"(service "web" { policy = "deny" } node "b" { policy = "deny" })");
  ExpectTold(&guarded, {
                           {"web.service.consul. A", "NXDOMAIN (18)"},
                           {"only-b.service.consul. A", "NXDOMAIN (17)"},
                           {"nobody.service.consul. A", "NXDOMAIN (0)"},
                           {"a.node.consul. A", "NOERROR: a.node.consul. 0 A 10.0.0.1"},
                       });
}

TEST(DnsAccessTest, WithoutEdnsNothingIsExplained) {
  GuardedCatalog guarded(Shop());
  guarded.AnswerWith(kReadWebOnNodeA);
  const MessageText part = guarded.Ask(QueryText{.name = "web.service.consul.", .type = "A"});
  EXPECT_EQ(part.answer, std::vector<std::string>{"web.service.consul. 0 A 10.0.0.1"});
  EXPECT_FALSE(part.edns);
  EXPECT_EQ(guarded.Ask(QueryText{.name = "db.service.consul.", .type = "A"}).rcode, "NXDOMAIN");
}

}  // namespace
}  // namespace rollcall::dns
