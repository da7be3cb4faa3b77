#include "agent/dns_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/agent/dns_messages.h"

namespace rollcall::agent {
namespace {

using std::chrono::seconds;
using test::AnswerTo;
using test::Decode;
using test::Decoded;
using test::Query;
using testing::ElementsAre;
using testing::IsEmpty;

DnsQuery QueryOf(const DnsOctets& message, DnsTransport transport = DnsTransport::kUdp) {
  const std::optional<DnsQuery> query = ReadDnsQuery(message, transport);
  EXPECT_TRUE(query.has_value());
  return query.value_or(DnsQuery());
}

KeptDnsAnswer Keep(const DnsOctets& answer) {
  const std::optional<KeptDnsAnswer> kept = KeepDnsAnswer(answer);
  EXPECT_TRUE(kept.has_value());
  return kept.value_or(KeptDnsAnswer());
}

Decoded Serve(const KeptDnsAnswer& kept, const DnsOctets& query, const DnsAge& age) {
  std::mt19937 random(1);
  const DnsOctets answer = ServeKeptDnsAnswer(kept, QueryOf(query), age, &random);
  EXPECT_LE(answer.size(), QueryOf(query).limit());
  return Decode(answer);
}

TEST(KeptDnsAnswerTest, IsFreshAsLongAsItsShortestTtl) {
  const DnsOctets query = Query({});
  EXPECT_EQ(Keep(AnswerTo(query).Address("10.0.0.1", 30).Address("10.0.0.2", 20)).ttl, seconds(20));
  EXPECT_EQ(Keep(AnswerTo(query).Address("10.0.0.1", 30).Additional("x", "10.0.0.9", 7)).ttl,
            seconds(7));
  EXPECT_EQ(Keep(AnswerTo(query).Address("10.0.0.1", 0)).ttl, seconds(0));
  // RFC 2181, section 8; RFC 8767, section 4.
  EXPECT_EQ(Keep(AnswerTo(query).Address("10.0.0.1", 0x80000001)).ttl, seconds(0));
  EXPECT_EQ(Keep(AnswerTo(query).Address("10.0.0.1", 0x7FFFFFFF)).ttl, seconds(604'800));
}

TEST(KeptDnsAnswerTest, OptRecordIsNoPartOfIt) {
  const DnsOctets query = Query({.payload = 1232});
  const KeptDnsAnswer kept = Keep(AnswerTo(query).Address("10.0.0.1", 30).Opt());
  EXPECT_EQ(kept.ttl, seconds(30));
  EXPECT_EQ(kept.octets, DnsOctets(AnswerTo(query).Address("10.0.0.1", 30)));
}

TEST(KeptDnsAnswerTest, DenialIsKeptAsLongAsTheSoaRecordSays) {
  const DnsOctets query = Query({});
  for (const uint8_t rcode : {dns_rcode::kNoError, dns_rcode::kNxDomain}) {
    EXPECT_EQ(Keep(AnswerTo(query, rcode).Soa(100, 9)).ttl, seconds(9));
    EXPECT_EQ(Keep(AnswerTo(query, rcode).Soa(8, 9)).ttl, seconds(8));
    EXPECT_EQ(Keep(AnswerTo(query, rcode).Soa(86'400, 86'400)).ttl, seconds(3600));
    EXPECT_FALSE(KeepDnsAnswer(AnswerTo(query, rcode)).has_value());
    EXPECT_FALSE(KeepDnsAnswer(AnswerTo(query, rcode).Additional("x", "10.0.0.1", 60)));
  }
}

TEST(KeptDnsAnswerTest, MalformedOnesAreNotKept) {
  const DnsOctets query = Query({});
  const DnsOctets good = AnswerTo(query).Address("10.0.0.1", 30);
  for (size_t size = kDnsHeaderSize; size < good.size(); ++size) {
    const DnsView cut = DnsView(good).first(size);
    EXPECT_FALSE(KeepDnsAnswer(cut).has_value()) << size;
    if (DnsQuestionEnd(cut) != 0) {
      EXPECT_EQ(KindOfDnsAnswer(cut), DnsAnswerKind::kMalformed) << size;
    }
  }
  const auto at = static_cast<uint8_t>(query.size());
  const DnsOctets fields = {0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4};
  for (const DnsOctets& owner : {DnsOctets{0xC0, at},                            // itself
                                 DnsOctets{1, 'a', 0xC0, at},                    // a loop
                                 DnsOctets{0xC0, static_cast<uint8_t>(at + 6)},  // ahead
                                 DnsOctets{0xC0, 2},                             // the header
                                 DnsOctets{0x80, 1}, DnsOctets{0xFF, 0xFF}}) {
    const DnsOctets bad = AnswerTo(query).Octets(owner).Octets(fields).Count(0, 1);
    EXPECT_FALSE(KeepDnsAnswer(bad).has_value()) << testing::PrintToString(owner);
    EXPECT_EQ(KindOfDnsAnswer(bad), DnsAnswerKind::kMalformed) << testing::PrintToString(owner);
  }
  // More records than there are.
  EXPECT_FALSE(KeepDnsAnswer(AnswerTo(query).Address("10.0.0.1", 30).Count(0, 1)).has_value());
  // A record behind the OPT record may have its name there.
  EXPECT_FALSE(
      KeepDnsAnswer(AnswerTo(query).Address("10.0.0.1", 30).Opt().Additional("x", "10.0.0.1", 1)));
}

TEST(KeptDnsAnswerTest, OtherRcodesAreFailures) {
  const DnsOctets query = Query({.payload = 1232});
  EXPECT_EQ(KindOfDnsAnswer(AnswerTo(query)), DnsAnswerKind::kAnswer);
  EXPECT_EQ(KindOfDnsAnswer(AnswerTo(query, 3)), DnsAnswerKind::kAnswer);
  for (const uint8_t rcode : std::initializer_list<uint8_t>{1, 2, 4, 5, 9}) {
    EXPECT_EQ(KindOfDnsAnswer(AnswerTo(query, rcode)), DnsAnswerKind::kFailure) << int{rcode};
  }
  DnsOctets bad_version = AnswerTo(query).Opt();
  bad_version[bad_version.size() - 6] = 1;  // the rcode's upper bits: BADVERS
  EXPECT_EQ(KindOfDnsAnswer(bad_version), DnsAnswerKind::kFailure);
}

TEST(KeptDnsAnswerTest, TtlsCountDown) {
  const DnsOctets query = Query({});
  const KeptDnsAnswer kept =
      Keep(AnswerTo(query).Address("10.0.0.1", 30).Additional("x", "10.0.0.9", 100));
  const Decoded served = Serve(kept, query, {.age = seconds(12)});
  EXPECT_THAT(served.answer, ElementsAre("web.service.consul. 18 A 10.0.0.1"));
  EXPECT_THAT(served.additional, ElementsAre("x. 88 A 10.0.0.9"));
  EXPECT_FALSE(served.authoritative);
  const KeptDnsAnswer denial = Keep(AnswerTo(query, 3).Soa(100, 20));
  EXPECT_THAT(Serve(denial, query, {.age = seconds(5)}).authority,
              ElementsAre("consul. 15 SOA m. r. 1 2 3 4 20"));
}

TEST(KeptDnsAnswerTest, HasTheIdAndTheSpellingOfEachQuery) {
  const KeptDnsAnswer kept = Keep(AnswerTo(Query({})).Address("10.0.0.1", 30));
  const Decoded served = Serve(kept, Query({.name = "WeB.SerVice.conSUL", .id = 777}), {});
  EXPECT_EQ(served.id, 777);
  EXPECT_EQ(served.question, "WeB.SerVice.conSUL. A");
  EXPECT_THAT(served.answer, ElementsAre("WeB.SerVice.conSUL. 30 A 10.0.0.1"));
}

TEST(KeptDnsAnswerTest, StaleOnesSaySoWhereThereIsEdns) {
  const DnsAge stale = {.age = seconds(50), .stale = true};
  for (const int payload : {0, 1232}) {
    const DnsOctets query = Query({.payload = payload, .dnssec_ok = payload != 0});
    AnswerTo answer = AnswerTo(query).Address("10.0.0.1", 30);
    const Decoded served = Serve(Keep(answer), query, stale);
    EXPECT_EQ(served.rcode, "NOERROR");
    EXPECT_THAT(served.answer, ElementsAre("web.service.consul. 5 A 10.0.0.1"));
    const Decoded denial = Serve(Keep(AnswerTo(query, 3).Soa(9, 9)), query, stale);
    EXPECT_EQ(denial.rcode, "NXDOMAIN");
    EXPECT_EQ(served.edns, payload != 0);
    EXPECT_EQ(served.dnssec_ok, payload != 0);
    if (payload == 0) {
      EXPECT_THAT(served.extended_errors, IsEmpty());
      EXPECT_THAT(served.additional, IsEmpty());
    } else {
      EXPECT_THAT(served.extended_errors, ElementsAre(3));
      EXPECT_THAT(denial.extended_errors, ElementsAre(19));
    }
  }
}

TEST(KeptDnsAnswerTest, ExtendedErrorsOfTheServerGoWithIt) {
  const DnsOctets query = Query({.payload = 1232});
  DnsOctets both = test::Option(15, {0, 29, 'x'});
  const DnsOctets cookie = test::Option(10, {1, 2, 3, 4, 5, 6, 7, 8});
  both.insert(both.end(), cookie.begin(), cookie.end());
  const KeptDnsAnswer kept = Keep(AnswerTo(query).Address("10.0.0.1", 30).Opt(both));
  EXPECT_EQ(kept.extended_errors, test::Option(15, {0, 29, 'x'}));
  EXPECT_THAT(Serve(kept, query, {}).extended_errors, ElementsAre(29));
  EXPECT_THAT(Serve(kept, query, {.age = seconds(31), .stale = true}).extended_errors,
              ElementsAre(3, 29));
}

TEST(KeptDnsAnswerTest, ExtendedErrorGoesFirstWhereThereIsNoRoom) {
  const DnsOctets query = Query({.payload = 512});
  AnswerTo answer = AnswerTo(query);
  // 36 octets of header and question, 16 for each record: 29 of them leave 12 for an OPT record.
  for (int i = 0; i < 29; ++i) answer.Address("10.0.0." + std::to_string(i), 30);
  const KeptDnsAnswer kept = Keep(answer);
  ASSERT_EQ(kept.octets.size(), 500u);
  const Decoded served = Serve(kept, query, {.age = seconds(31), .stale = true});
  EXPECT_TRUE(served.edns);
  EXPECT_THAT(served.extended_errors, IsEmpty());
  EXPECT_EQ(served.answer.size(), 29u);
}

TEST(KeptDnsAnswerTest, AddressesAreDrawnInAnyOrder) {
  const DnsOctets query = Query({});
  AnswerTo answer = AnswerTo(query);
  answer.Address("10.0.0.1", 30).Address("10.0.0.2", 30).Address("::1", 30);
  answer.Address("10.0.0.3", 30).Address("::2", 30);
  const KeptDnsAnswer kept = Keep(answer);
  std::mt19937 random(7);
  std::set<std::string> first;
  std::set<std::string> first_v6;
  for (int i = 0; i < 100; ++i) {
    const Decoded served = Decode(ServeKeptDnsAnswer(kept, QueryOf(query), {}, &random));
    ASSERT_EQ(served.answer.size(), 5u);
    first.insert(served.answer[0]);
    first_v6.insert(served.answer[2]);
    EXPECT_EQ(std::set<std::string>(served.answer.begin(), served.answer.end()).size(), 5u);
  }
  EXPECT_THAT(first,
              ElementsAre("web.service.consul. 30 A 10.0.0.1", "web.service.consul. 30 A 10.0.0.2",
                          "web.service.consul. 30 A 10.0.0.3"));
  EXPECT_THAT(first_v6,
              ElementsAre("web.service.consul. 30 AAAA ::1", "web.service.consul. 30 AAAA ::2"));
}

TEST(DnsErrorAnswerTest, KeepsTheQuestionWhereItCanBeRead) {
  DnsOctets broken = Query({});
  broken[12] = 60;  // a label that runs beyond the end
  EXPECT_EQ(DnsErrorAnswer(QueryOf(broken), 2, 22),
            (DnsOctets{0, 1, 0x81, 2, 0, 0, 0, 0, 0, 0, 0, 0}));
  const Decoded whole = Decode(DnsErrorAnswer(QueryOf(Query({.id = 9})), 2, 22));
  EXPECT_EQ(whole.id, 9);
  EXPECT_EQ(whole.rcode, "SERVFAIL");
  EXPECT_EQ(whole.question, "web.service.consul. A");
  EXPECT_FALSE(whole.edns);
}

TEST(DnsErrorAnswerTest, SaysMoreWhereThereIsEdns) {
  const DnsQuery query = QueryOf(Query({.payload = 1232}));
  EXPECT_THAT(Decode(DnsErrorAnswer(query, 2, 22)).extended_errors, ElementsAre(22));
  const Decoded without = Decode(DnsErrorAnswer(query, 2, std::nullopt));
  EXPECT_TRUE(without.edns);
  EXPECT_THAT(without.extended_errors, IsEmpty());
}

}  // namespace
}  // namespace rollcall::agent
