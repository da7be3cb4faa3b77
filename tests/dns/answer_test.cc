// What each name answers to each type, as tables: the query, then what is expected.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/dns/answer_tables.h"

namespace rollcall::dns {
namespace {

using model::CheckStatus;

using Lines = std::vector<std::string>;

TEST(AnswerTest, NodesHaveTheAddressesOfTheirFamily) {
  ExpectAnswers(
      {
          {"foo.node.consul. A", "NOERROR", {"foo.node.consul. 0 A 127.1.0.1"}},
          {"foo.node.dc1.consul. A", "NOERROR", {"foo.node.dc1.consul. 0 A 127.1.0.1"}},
          {"bar.node.node.consul. A", "NOERROR", {"bar.node.node.consul. 0 A 127.1.0.2"}},
          {"mixedcase.node.consul. A", "NOERROR", {"mixedcase.node.consul. 0 A 127.1.0.3"}},
          {"v6.node.consul. AAAA", "NOERROR", {"v6.node.consul. 0 AAAA 2607:20:4005:808::200e"}},
          {"tagged.node.consul. A", "NOERROR", {"tagged.node.consul. 0 A 127.1.0.5"}},
          {"tagged.node.consul. AAAA", "NOERROR", {"tagged.node.consul. 0 AAAA 2001:db8::5"}},
          NoData("foo.node.consul. AAAA"),
          NoData("v6.node.consul. A"),
          NoData("foo.node.consul. SRV"),
          NoData("foo.node.consul. TXT"),
          NxDomain("nosuch.node.consul. A"),
          NxDomain("foo.node.dc2.consul. A"),
          NxDomain("foo.node.dc1.extra.consul. A"),
      },
      RecordedCatalog());
}

TEST(AnswerTest, OwnersKeepTheQuestionsCase) {
  AskedCatalog asked(RecordedCatalog().Build());
  const MessageText node = asked.Ask("FOO.Node.cOnSuL. A");
  EXPECT_EQ(node.answer, Lines{"FOO.Node.cOnSuL. 0 A 127.1.0.1"});
  EXPECT_EQ(node.question, Lines{"FOO.Node.cOnSuL. IN A"});
  const MessageText negative = asked.Ask("nosuch.service.CONSUL. A");
  EXPECT_EQ(negative.authority,
            Lines{"CONSUL. 0 SOA ns.CONSUL. hostmaster.CONSUL. 7 3600 600 86400 0"});
}

TEST(AnswerTest, NodeMetaIsTextByRfc1464) {
  const Lines texts = {"meta.node.consul. 0 TXT \"has`=eq=v\"",
                       "meta.node.consul. 0 TXT \"key=value\"",
                       "meta.node.consul. 0 TXT \"plain text\""};
  ExpectAnswers({{"meta.node.consul. TXT", "NOERROR", texts},
                 {"meta.node.consul. A", "NOERROR", {"meta.node.consul. 0 A 127.1.0.4"}, {}, texts},
                 {"meta.node.consul. AAAA", "NOERROR", {}, {kSoa}, texts}},
                RecordedCatalog());
}

TEST(AnswerTest, ANodeWithAHostNameIsAnAliasForEveryType) {
  const Lines alias = {"alias.node.consul. 0 CNAME www.example.com."};
  ExpectAnswers({{"alias.node.consul. A", "NOERROR", alias},
                 {"alias.node.consul. AAAA", "NOERROR", alias},
                 {"alias.node.consul. CNAME", "NOERROR", alias},
                 {"alias.node.consul. TXT", "NOERROR", alias},
                 {"alias.node.consul. ANY", "NOERROR", alias}},
                RecordedCatalog());
}

TEST(AnswerTest, ServicesLeaveOutWhatIsCritical) {
  const auto a = [](const std::string& owner) {
    return Lines{owner + " 0 A 10.8.0.1", owner + " 0 A 10.8.0.2"};
  };
  ExpectAnswers(
      {
          {"db.service.consul. A", "NOERROR", a("db.service.consul.")},
          {"db.service.dc1.consul. A", "NOERROR", a("db.service.dc1.consul.")},
          {"_db._tcp.service.consul. A", "NOERROR", a("_db._tcp.service.consul.")},
          {"db.service.consul. SRV",
           "NOERROR",
           {"db.service.consul. 0 SRV 1 1 5432 n1a.node.dc1.consul.",
            "db.service.consul. 0 SRV 1 1 5433 n1b.node.dc1.consul."},
           {},
           {"n1a.node.dc1.consul. 0 A 10.8.0.1", "n1b.node.dc1.consul. 0 A 10.8.0.2"}},
          NoData("db.service.consul. AAAA"),
          NoData("db.service.consul. MX"),
          NoData("db.service.consul. TXT"),
          NoData("db.service.consul. CNAME"),
          NxDomain("dead.service.consul. A"),
          NxDomain("dead.service.consul. SRV"),
          NxDomain("nosuch.service.consul. A"),
          NxDomain("db.service.dc2.consul. A"),
      },
      RecordedCatalog());
}

TEST(AnswerTest, OnlyPassingLeavesOutWarningsToo) {
  DnsOptions options = TestOptions();
  options.only_passing = true;
  ExpectAnswers({{"db.service.consul. A", "NOERROR", {"db.service.consul. 0 A 10.8.0.1"}},
                 NxDomain("replica.db.service.consul. A")},
                RecordedCatalog(), options);
}

TEST(AnswerTest, TagsSelectInstances) {
  ExpectAnswers(
      {
          {"primary.db.service.consul. A", "NOERROR", {"primary.db.service.consul. 0 A 10.8.0.1"}},
          {"PRIMARY.db.service.consul. A", "NOERROR", {"PRIMARY.db.service.consul. 0 A 10.8.0.1"}},
          {"v1.2.db.service.consul. A", "NOERROR", {"v1.2.db.service.consul. 0 A 10.8.0.1"}},
          {"_db._primary.service.consul. A",
           "NOERROR",
           {"_db._primary.service.consul. 0 A 10.8.0.1"}},
          {"blue.camel.service.consul. A", "NOERROR", {"blue.camel.service.consul. 0 A 10.8.0.1"}},
          NoData("2.db.service.consul. A"),  // above v1.2.db.service.consul
          NxDomain("none.db.service.consul. A"),
          NxDomain("a.b.db.service.consul. SRV"),
          NxDomain("_db._nosuch.service.consul. SRV"),
      },
      RecordedCatalog());
}

TEST(AnswerTest, Rfc2782NamesNeedNoServiceLabelForSrv) {
  const Lines addresses = {"n1a.node.dc1.consul. 0 A 10.8.0.1"};
  ExpectAnswers({{"_db._primary.consul. SRV",
                  "NOERROR",
                  {"_db._primary.consul. 0 SRV 1 1 5432 n1a.node.dc1.consul."},
                  {},
                  addresses},
                 {"_DB._PRIMARY.dc1.consul. SRV",
                  "NOERROR",
                  {"_DB._PRIMARY.dc1.consul. 0 SRV 1 1 5432 n1a.node.dc1.consul."},
                  {},
                  addresses},
                 NxDomain("_db._tcp.consul. A"),
                 NxDomain("_db._tcp.dc2.consul. SRV"),
                 NoData("_tcp.consul. SRV"),
                 NoData("_tcp.service.consul. A")},
                RecordedCatalog());
}

TEST(AnswerTest, InstancesWithTheirOwnAddressAreTargetsByIt) {
  ExpectAnswers(
      {
          {"addr.service.consul. A", "NOERROR", {"addr.service.consul. 0 A 10.8.2.100"}},
          {"addr.service.consul. SRV",
           "NOERROR",
           {"addr.service.consul. 0 SRV 1 1 80 0a080264.addr.dc1.consul."},
           {},
           {"0a080264.addr.dc1.consul. 0 A 10.8.2.100"}},
          NoData("addr6.service.consul. A"),
          {"addr6.service.consul. AAAA",
           "NOERROR",
           {"addr6.service.consul. 0 AAAA 2001:db8::beef"}},
          {"addr6.service.consul. SRV",
           "NOERROR",
           {"addr6.service.consul. 0 SRV 1 1 80 20010db800000000000000000000beef.addr.dc1.consul."},
           {},
           {"20010db800000000000000000000beef.addr.dc1.consul. 0 AAAA 2001:db8::beef"}},
      },
      RecordedCatalog());
}

TEST(AnswerTest, HostNamesAreAliasesFollowedInsideTheDomain) {
  ExpectAnswers(
      {
          {"ext.service.consul. A", "NOERROR", {"ext.service.consul. 0 CNAME api.example.org."}},
          {"ext.service.consul. HTTPS",
           "NOERROR",
           {"ext.service.consul. 0 CNAME api.example.org."}},
          {"ext.service.consul. SRV",
           "NOERROR",
           {"ext.service.consul. 0 SRV 1 1 443 api.example.org."}},
          {"extdb.service.consul. A",
           "NOERROR",
           {"extdb.service.consul. 0 CNAME www.example.com."}},
          {"extdb.service.consul. SRV",
           "NOERROR",
           {"extdb.service.consul. 0 SRV 1 1 3306 www.example.com."}},
          {"viacname.service.consul. A",
           "NOERROR",
           {"viacname.service.consul. 0 CNAME addr.service.consul.",
            "addr.service.consul. 0 A 10.8.2.100"}},
          {"viacname.service.consul. AAAA",
           "NOERROR",
           {"viacname.service.consul. 0 CNAME addr.service.consul."},
           {kSoa}},
          {"viacname.service.consul. SRV",
           "NOERROR",
           {"viacname.service.consul. 0 SRV 1 1 80 addr.service.consul."},
           {},
           {"addr.service.consul. 0 A 10.8.2.100"}},
      },
      RecordedCatalog());
}

TEST(AnswerTest, AServiceThatRefersToItselfIsAtItsNode) {
  ExpectAnswers({{"selfref.service.consul. A", "NOERROR", {"selfref.service.consul. 0 A 10.8.0.1"}},
                 {"selfref.service.dc1.consul. A",
                  "NOERROR",
                  {"selfref.service.dc1.consul. 0 CNAME selfref.service.consul.",
                   "selfref.service.consul. 0 A 10.8.0.1"}},
                 {"selfref.service.consul. SRV",
                  "NOERROR",
                  {"selfref.service.consul. 0 SRV 1 1 80 n1a.node.dc1.consul."},
                  {},
                  {"n1a.node.dc1.consul. 0 A 10.8.0.1"}}},
                RecordedCatalog());
}

TEST(AnswerTest, AliasesThatLeadNowhereEnd) {
  CatalogText text;
  text.Node("n1", "127.0.0.1");
  text.Instance({.node = "n1", .name = "a", .address = "b.service.consul"});
  text.Instance({.node = "n1", .name = "b", .address = "a.service.consul"});
  text.Instance({.node = "n1", .name = "dangling", .address = "nosuch.service.consul"});
  for (int i = 0; i < 20; ++i) {
    text.Instance({.node = "n1",
                   .name = "chain" + std::to_string(i),
                   .address = "chain" + std::to_string(i + 1) + ".service.consul"});
  }
  ExpectAnswers({{"a.service.consul. A",
                  "NOERROR",
                  {"a.service.consul. 0 CNAME b.service.consul.",
                   "b.service.consul. 0 CNAME a.service.consul."}},
                 {"dangling.service.consul. A",
                  "NXDOMAIN",
                  {"dangling.service.consul. 0 CNAME nosuch.service.consul."},
                  {kSoa}}},
                text);
  AskedCatalog asked(text.Build());
  EXPECT_EQ(asked.Ask("chain0.service.consul. A").answer.size(), 8u);
}

TEST(AnswerTest, AddressesWinOverHostNamesOfTheSameService) {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Node("n2", "www.example.com");
  text.Instance({.node = "n1", .name = "mix"}).Instance({.node = "n2", .name = "mix"});
  ExpectAnswers({{"mix.service.consul. A", "NOERROR", {"mix.service.consul. 0 A 127.0.0.1"}},
                 NoData("mix.service.consul. AAAA"),
                 NoData("mix.service.consul. CNAME")},
                text);
}

TEST(AnswerTest, WeightsFollowTheInstancesState) {
  CatalogText text;
  text.Node("w1", "10.8.5.1").Node("w2", "10.8.5.2").Node("w3", "10.8.5.3");
  text.Instance({.node = "w1", .name = "weighted", .port = 1, .weights = {10, 2}});
  text.Instance({.node = "w2", .name = "weighted", .port = 2, .weights = {5, 3}});
  text.Instance({.node = "w3", .name = "weighted", .port = 3, .weights = {100000, -1}});
  text.Check("w2", "weighted", CheckStatus::kWarning);
  ExpectAnswers({{"weighted.service.consul. SRV",
                  "NOERROR",
                  {"weighted.service.consul. 0 SRV 1 10 1 w1.node.dc1.consul.",
                   "weighted.service.consul. 0 SRV 1 3 2 w2.node.dc1.consul.",
                   "weighted.service.consul. 0 SRV 1 65535 3 w3.node.dc1.consul."},
                  {},
                  {"w1.node.dc1.consul. 0 A 10.8.5.1", "w2.node.dc1.consul. 0 A 10.8.5.2",
                   "w3.node.dc1.consul. 0 A 10.8.5.3"}}},
                text);
}

TEST(AnswerTest, DuplicatesAreSentOnce) {
  CatalogText text;
  text.Node("dup", "10.8.6.1");
  text.Instance({.node = "dup", .name = "dup", .port = 1, .id = "dup1"});
  text.Instance({.node = "dup", .name = "dup", .port = 2, .id = "dup2"});
  text.Instance({.node = "dup", .name = "dup", .port = 2, .id = "dup3"});
  ExpectAnswers({{"dup.service.consul. A", "NOERROR", {"dup.service.consul. 0 A 10.8.6.1"}},
                 {"dup.service.consul. SRV",
                  "NOERROR",
                  {"dup.service.consul. 0 SRV 1 1 1 dup.node.dc1.consul.",
                   "dup.service.consul. 0 SRV 1 1 2 dup.node.dc1.consul."},
                  {},
                  {"dup.node.dc1.consul. 0 A 10.8.6.1"}}},
                text);
}

TEST(AnswerTest, TargetsOfBothFamiliesBringBothAddresses) {
  CatalogText text;
  text.Node(NodeOfBothFamilies()).Node("four", "10.0.0.4");
  text.Instance({.node = "tagged", .name = "both"});
  text.Instance(
      {.node = "four", .name = "own", .tagged_addresses = {{"lan_ipv6", {"2001:db8::4", 80}}}});
  ExpectAnswers(
      {{"both.service.consul. SRV",
        "NOERROR",
        {"both.service.consul. 0 SRV 1 1 80 tagged.node.dc1.consul."},
        {},
        {"tagged.node.dc1.consul. 0 A 127.1.0.5", "tagged.node.dc1.consul. 0 AAAA 2001:db8::5"}},
       {"own.service.consul. A", "NOERROR", {"own.service.consul. 0 A 10.0.0.4"}},
       {"own.service.consul. AAAA", "NOERROR", {"own.service.consul. 0 AAAA 2001:db8::4"}}},
      text);
}

TEST(AnswerTest, NodeNamesThatAreNoLabelsAreTargetsByTheirAddress) {
  CatalogText text;
  text.Node("a..b", "10.0.0.1").Node(std::string(64, 'x'), "10.0.0.2").Node("dot.", "10.0.0.3");
  text.Node("sp ace", "10.0.0.4");
  text.Instance({.node = "a..b", .name = "odd", .port = 1});
  text.Instance({.node = std::string(64, 'x'), .name = "odd", .port = 2});
  text.Instance({.node = "dot.", .name = "odd", .port = 3});
  text.Instance({.node = "sp ace", .name = "odd", .port = 4});
  ExpectAnswers(
      {{"odd.service.consul. SRV",
        "NOERROR",
        {"odd.service.consul. 0 SRV 1 1 1 0a000001.addr.dc1.consul.",
         "odd.service.consul. 0 SRV 1 1 2 0a000002.addr.dc1.consul.",
         "odd.service.consul. 0 SRV 1 1 3 0a000003.addr.dc1.consul.",
         "odd.service.consul. 0 SRV 1 1 4 sp\\032ace.node.dc1.consul."},
        {},
        {"0a000001.addr.dc1.consul. 0 A 10.0.0.1", "0a000002.addr.dc1.consul. 0 A 10.0.0.2",
         "0a000003.addr.dc1.consul. 0 A 10.0.0.3", "sp\\032ace.node.dc1.consul. 0 A 10.0.0.4"}},
       {"sp\\032ace.node.dc1.consul. A", "NOERROR", {"sp\\032ace.node.dc1.consul. 0 A 10.0.0.4"}}},
      text);
}

TEST(AnswerTest, AddressNamesSpellAnAddress) {
  const std::string v6 = "20010db800000000000000000000beef.addr.dc1.consul.";
  ExpectAnswers(
      {{"0a080001.addr.consul. A", "NOERROR", {"0a080001.addr.consul. 0 A 10.8.0.1"}},
       {"0A080001.addr.dc1.consul. A", "NOERROR", {"0A080001.addr.dc1.consul. 0 A 10.8.0.1"}},
       {v6 + " AAAA", "NOERROR", {v6 + " 0 AAAA 2001:db8::beef"}},
       NoData("0a080001.addr.consul. AAAA"),
       NoData("0a080001.addr.consul. SRV"),
       NoData(v6 + " A"),
       NxDomain("zz080001.addr.consul. A"),
       NxDomain("0a08.addr.consul. A"),
       NxDomain("x.0a080001.addr.consul. A")},
      RecordedCatalog());
}

TEST(AnswerTest, TheApexHasSoaAndNs) {
  ExpectAnswers({{"consul. SOA", "NOERROR", {kSoa}, {kNs}, {kNsAddress}},
                 {"consul. NS", "NOERROR", {kNs}, {}, {kNsAddress}},
                 NoData("consul. A"),
                 {"db.service.consul. SOA", "NOERROR", {kSoa}, {kNs}, {kNsAddress}},
                 {"meta.node.consul. NS", "NOERROR", {kNs}, {}, {kNsAddress}},
                 NxDomain("nosuch.service.consul. NS")},
                RecordedCatalog());
}

TEST(AnswerTest, NamesAboveOthersExistWithoutData) {
  std::vector<AnswerCase> cases;
  for (const char* name :
       {"dc1", "service", "node", "addr", "service.dc1", "node.dc1", "addr.dc1"}) {
    cases.push_back(NoData(std::string(name) + ".consul. A"));
    cases.push_back(NoData(std::string(name) + ".consul. NS"));
  }
  for (const char* name : {"bogus", "consul", "dc2", "service.dc2", "query", "x.query"}) {
    cases.push_back(NxDomain(std::string(name) + ".consul. A"));
  }
  ExpectAnswers(cases, RecordedCatalog());
}

TEST(AnswerTest, AnyIsAnsweredMinimally) {
  ExpectAnswers(
      {{"db.service.consul. ANY", "NOERROR", {"db.service.consul. 0 HINFO \"RFC8482\" \"\""}},
       {"foo.node.consul. ANY", "NOERROR", {"foo.node.consul. 0 HINFO \"RFC8482\" \"\""}},
       NxDomain("nosuch.node.consul. ANY")},
      RecordedCatalog());
}

TEST(AnswerTest, WhatIsNotOursIsRefused) {
  ExpectAnswers({{"www.example.com. A", "REFUSED"},
                 {"com. NS", "REFUSED"},
                 {". NS", "REFUSED"},
                 {"notconsul. A", "REFUSED"},
                 {"arpa. NS", "REFUSED"},
                 {"home.arpa. A", "REFUSED"}},
                RecordedCatalog());
}

TEST(AnswerTest, AnyIsEverythingWhenToldSo) {
  DnsOptions options = TestOptions();
  options.minimal_any = false;
  ExpectAnswers(
      {{"replica.db.service.consul. ANY", "NOERROR", {"replica.db.service.consul. 0 A 10.8.0.2"}},
       {"meta.node.consul. ANY",
        "NOERROR",
        {"meta.node.consul. 0 A 127.1.0.4", "meta.node.consul. 0 TXT \"has`=eq=v\"",
         "meta.node.consul. 0 TXT \"key=value\"", "meta.node.consul. 0 TXT \"plain text\""}},
       {"tagged.node.consul. ANY",
        "NOERROR",
        {"tagged.node.consul. 0 A 127.1.0.5", "tagged.node.consul. 0 AAAA 2001:db8::5"}},
       {"alias.node.consul. ANY", "NOERROR", {"alias.node.consul. 0 CNAME www.example.com."}},
       {"0a080001.addr.consul. ANY", "NOERROR", {"0a080001.addr.consul. 0 A 10.8.0.1"}},
       {"consul. ANY", "NOERROR", {kSoa, kNs}, {}, {kNsAddress}},
       {"1.0.8.10.in-addr.arpa. ANY",
        "NOERROR",
        {"1.0.8.10.in-addr.arpa. 0 PTR n1a.node.dc1.consul."}},
       NoData("service.consul. ANY"),
       NxDomain("nosuch.node.consul. ANY")},
      RecordedCatalog(), options);
}

TEST(AnswerTest, TxtOfAServiceIsTheMetadataOfItsInstances) {
  CatalogText text = RecordedCatalog();
  text.Instance({.node = "n1a", .name = "api", .meta = {{"rfc1035-0", "plain"}, {"v", "1"}}});
  text.Instance({.node = "n1b", .name = "api", .tags = {"b"}, .meta = {{"v", "1"}, {"w", "2"}}});
  text.Instance({.node = "n1c", .name = "api", .meta = {{"of a critical one", "x"}}});
  text.Check("n1c", "api", CheckStatus::kCritical);
  ExpectAnswers({{"api.service.consul. TXT",
                  "NOERROR",
                  {"api.service.consul. 0 TXT \"plain\"", "api.service.consul. 0 TXT \"v=1\"",
                   "api.service.consul. 0 TXT \"w=2\""}},
                 {"b.api.service.consul. TXT",
                  "NOERROR",
                  {"b.api.service.consul. 0 TXT \"v=1\"", "b.api.service.consul. 0 TXT \"w=2\""}},
                 NoData("db.service.consul. TXT")},
                text);
}

TEST(AnswerTest, TransfersAreNotImplemented) {
  ExpectAnswers({{"consul. AXFR", "NOTIMPL"}, {"consul. IXFR", "NOTIMPL"}}, RecordedCatalog());
}

TEST(AnswerTest, TtlsAreThoseOfTheirKind) {
  DnsOptions options = TestOptions();
  options.node_ttl = std::chrono::seconds(11);
  options.service_ttl.Add("*", std::chrono::seconds(22));
  options.service_ttl.Add("add*", std::chrono::seconds(44));
  options.negative_ttl = std::chrono::seconds(33);
  const std::string soa = "consul. 33 SOA ns.consul. hostmaster.consul. 7 3600 600 86400 33";
  ExpectAnswers({{"foo.node.consul. A", "NOERROR", {"foo.node.consul. 11 A 127.1.0.1"}},
                 {"primary.db.service.consul. SRV",
                  "NOERROR",
                  {"primary.db.service.consul. 22 SRV 1 1 5432 n1a.node.dc1.consul."},
                  {},
                  {"n1a.node.dc1.consul. 22 A 10.8.0.1"}},
                 {"addr.service.consul. A", "NOERROR", {"addr.service.consul. 44 A 10.8.2.100"}},
                 {"100.2.8.10.in-addr.arpa. PTR",
                  "NOERROR",
                  {"100.2.8.10.in-addr.arpa. 44 PTR addr.service.dc1.consul."}},
                 {"nosuch.service.consul. A", "NXDOMAIN", {}, {soa}}},
                RecordedCatalog(), options);
}

TEST(AnswerTest, ASecondDomainAnswersInItsOwnNames) {
  DnsOptions options = TestOptions();
  options.alt_domain = "sd.consul";
  ExpectAnswers({{"primary.db.service.sd.consul. SRV",
                  "NOERROR",
                  {"primary.db.service.sd.consul. 0 SRV 1 1 5432 n1a.node.dc1.sd.consul."},
                  {},
                  {"n1a.node.dc1.sd.consul. 0 A 10.8.0.1"}},
                 {"nosuch.node.sd.consul. A",
                  "NXDOMAIN",
                  {},
                  {"sd.consul. 0 SOA ns.sd.consul. hostmaster.sd.consul. 7 3600 600 86400 0"}},
                 {"foo.node.consul. A", "NOERROR", {"foo.node.consul. 0 A 127.1.0.1"}}},
                RecordedCatalog(), options);
}

}  // namespace
}  // namespace rollcall::dns
