// The prepared path against the ldns path: whatever is asked of whatever catalog, what the one
// answers is what the other does.
#include "dns/fast_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/prepared_service.h"
#include "registry/catalog/snapshot_builder.h"
#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"
#include "tests/dns/random_catalog.h"

namespace rollcall::dns {
namespace {

using Lines = std::vector<std::string>;

struct BothWays {
  bool fast = false;  // whether the fast path answered at all
  MessageText prepared;
  MessageText reference;
};

class FastPathTest : public testing::Test {
 protected:
  static DnsOptions Options() {
    DnsOptions options = TestOptions();
    options.alt_domain = "much-longer.example";
    options.service_ttl = ServiceTtls(std::chrono::seconds(3));
    options.service_ttl.Add("we*", std::chrono::seconds(30));
    options.node_ttl = std::chrono::seconds(5);
    options.negative_ttl = std::chrono::seconds(7);
    return options;
  }

  BothWays Ask(const Zone& zone, const catalog::Snapshot& snapshot, const QueryText& query,
               Transport transport) {
    Question question;
    EXPECT_EQ(ParseQuestion(EncodeQuery(query), &question), QuestionOutcome::kOk);
    const ReplySettings settings{
        transport == Transport::kTcp ? kMaxMessageSize : UdpLimit(question, 8192), 8192};
    std::vector<uint8_t> octets(settings.size);
    const AnswerSource source{zone, snapshot, random_, StableKeyOf(Ipv4{10, 0, 0, 9})};
    BothWays both;
    // With the same randomness, the same order.
    random_ = Random(query.id);
    const auto written = fast_path_.Answer(source, question, settings, octets);
    both.fast = written.has_value();
    if (!written) return both;
    EXPECT_LE(written->size, settings.size);
    octets.resize(written->size);
    both.prepared = DecodeMessage(octets);
    random_ = Random(query.id);
    const Answer answer = AnswerQuestion(source, question, MaxRecords(settings.size));
    const Message message = EncodeMessage(question, answer, settings);
    both.reference = DecodeMessage(message.octets);
    EXPECT_EQ(written->truncated, message.truncated);
    EXPECT_EQ(written->rcode, answer.rcode);
    return both;
  }

  Random random_{1};
  FastPath fast_path_{&random_};
};

Lines Sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

void ExpectSameFrame(const MessageText& a, const MessageText& b) {
  EXPECT_EQ(a.rcode, b.rcode);
  EXPECT_EQ(a.flags, b.flags);
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.question, b.question);
  EXPECT_EQ(a.edns, b.edns);
  EXPECT_EQ(a.dnssec_ok, b.dnssec_ok);
  EXPECT_EQ(a.options, b.options);
}

TEST_F(FastPathTest, AnswersAsTheLdnsPathDoesOverRandomCatalogs) {
  size_t fast = 0, cut = 0, hits = 0, absent = 0;
  for (uint64_t seed = 1; seed <= 250; ++seed) {
    RandomCatalog random(seed);
    const std::shared_ptr<const catalog::Snapshot> snapshot = random.Build();
    DnsOptions options = Options();
    options.only_passing = seed % 3 == 0;
    if (seed % 4 == 0) options.order = AnswerOrder::kStable;
    if (seed % 5 == 0) options.max_answers = 3;
    const std::shared_ptr<const Zone> zone = TestZone(options);
    for (int i = 0; i < 100; ++i) {
      const QueryText query = random.DrawQuery();
      const Transport transport = i % 10 == 0 ? Transport::kTcp : Transport::kUdp;
      const BothWays both = Ask(*zone, *snapshot, query, transport);
      if (!both.fast) continue;
      SCOPED_TRACE("seed " + std::to_string(seed) + ": " + query.name + " " + query.type);
      ++fast;
      ExpectSameFrame(both.prepared, both.reference);
      if (both.prepared.flags.find("tc") == std::string::npos) {
        if (options.order == AnswerOrder::kStable) {
          EXPECT_EQ(both.prepared.answer, both.reference.answer);
        } else if (options.max_answers == 0) {
          EXPECT_EQ(Sorted(both.prepared.answer), Sorted(both.reference.answer));
        } else {
          EXPECT_EQ(both.prepared.answer.size(), both.reference.answer.size());
          continue;
        }
        EXPECT_EQ(both.prepared.authority, both.reference.authority);
        EXPECT_EQ(Sorted(both.prepared.additional), Sorted(both.reference.additional));
        // Only names beyond the reach of pointers are compressed in another way.
        if (both.reference.size < kMaxPointed) {
          EXPECT_EQ(both.prepared.size, both.reference.size);
        }
      } else {
        ++cut;
        EXPECT_FALSE(both.prepared.answer.empty());
        if (query.type == "A") {
          EXPECT_EQ(both.prepared.answer.size(), both.reference.answer.size());
        }
      }
      hits += both.prepared.answer.empty() ? 0 : 1;
      absent += both.prepared.rcode == "NXDOMAIN" ? 1 : 0;
      ASSERT_FALSE(HasFailure());
    }
  }
  // The test says something only about what it saw.
  EXPECT_GT(fast, 10'000u);
  EXPECT_GT(hits, 2000u);
  EXPECT_GT(absent, 2000u);
  EXPECT_GT(cut, 100u);
}

// Where every instance has a target of its own, even the order and the cut are the same.
TEST_F(FastPathTest, CutsWhereTheLdnsPathCuts) {
  CatalogText text;
  for (int i = 0; i < 120; ++i) {
    const std::string number = std::to_string(i);
    text.Node("n" + number + std::string(static_cast<size_t>(i % 17), 'x'), "10.0.0." + number)
        .Instance({.node = "n" + number + std::string(static_cast<size_t>(i % 17), 'x'),
                   .name = "web",
                   .weights = {.passing = i % 7, .warning = 1}});
  }
  const std::shared_ptr<const catalog::Snapshot> snapshot = text.Build();
  const std::shared_ptr<const Zone> zone = TestZone(Options());
  for (uint16_t size = 512; size < 8000; size = static_cast<uint16_t>(size + 37)) {
    const BothWays both =
        Ask(*zone, *snapshot, {.name = "web.service.consul.", .type = "SRV", .edns = size},
            Transport::kUdp);
    ASSERT_TRUE(both.fast);
    ExpectSameFrame(both.prepared, both.reference);
    EXPECT_EQ(both.prepared.answer, both.reference.answer);
    EXPECT_EQ(both.prepared.additional, both.reference.additional);
    ASSERT_FALSE(HasFailure()) << size;
  }
}

TEST_F(FastPathTest, KeepsARecordWhoseAddressesDoNotFit) {
  // The record fits into 512 octets, with its two addresses it does not.
  const std::string label(60, 'n');
  const std::string node = label + "." + label + "." + label;
  const std::string tag = node + "." + std::string(45, 't');
  CatalogText text;
  model::Node record;
  record.name = node;
  record.address = "10.0.0.1";
  record.tagged_addresses = {{"lan_ipv6", "2001:db8::1"}};
  text.Node(record).Instance({.node = node, .name = "web", .tags = {tag}});
  const BothWays both = Ask(*TestZone(Options()), *text.Build(),
                            {.name = tag + ".web.service.consul.", .type = "SRV"}, Transport::kUdp);
  ASSERT_TRUE(both.fast);
  ExpectSameFrame(both.prepared, both.reference);
  EXPECT_EQ(both.prepared.answer.size(), 1u);
  EXPECT_EQ(both.prepared.answer, both.reference.answer);
  EXPECT_EQ(both.prepared.additional, Lines());
  EXPECT_THAT(both.prepared.flags, testing::HasSubstr("tc"));
}

TEST_F(FastPathTest, AnswersForAServiceOfWhichAPartIsAtHostNamesOfOthers) {
  CatalogText text;
  text.Node("n1", "10.0.0.1").Node("n2", "www.example.com");
  for (const char* node : {"n1", "n2"}) text.Instance({.node = node, .name = "web"});
  const std::shared_ptr<const catalog::Snapshot> snapshot = text.Build();
  const std::shared_ptr<const Zone> zone = TestZone(Options());
  for (const char* type : {"SRV", "A", "AAAA", "MX"}) {
    const BothWays both =
        Ask(*zone, *snapshot, {.name = "web.service.consul.", .type = type}, Transport::kUdp);
    ASSERT_TRUE(both.fast);
    ExpectSameFrame(both.prepared, both.reference);
    EXPECT_EQ(Sorted(both.prepared.answer), Sorted(both.reference.answer)) << type;
    EXPECT_EQ(both.prepared.additional, both.reference.additional);
    EXPECT_EQ(both.prepared.size, both.reference.size);
  }
}

TEST_F(FastPathTest, LeavesAliasesToTheLdnsPath) {
  CatalogText text;
  text.Node("n1", "10.0.0.1")
      .Instance({.node = "n1", .name = "web", .address = "www.example.com"})
      .Instance({.node = "n1", .name = "part", .address = "n1.node.consul"})
      .Instance({.node = "n1", .name = "part", .id = "at-its-node"})
      .Instance({.node = "n1", .name = "db"});
  const std::shared_ptr<const catalog::Snapshot> snapshot = text.Build();
  const std::shared_ptr<const Zone> zone = TestZone(Options());
  for (const char* type : {"SRV", "A", "AAAA", "MX"}) {
    EXPECT_FALSE(
        Ask(*zone, *snapshot, {.name = "web.service.consul.", .type = type}, Transport::kUdp).fast);
    EXPECT_FALSE(
        Ask(*zone, *snapshot, {.name = "part.service.consul.", .type = type}, Transport::kUdp)
            .fast);
    EXPECT_TRUE(
        Ask(*zone, *snapshot, {.name = "db.service.consul.", .type = type}, Transport::kUdp).fast);
  }
}

TEST(PreparedServiceTest, StaysInPlaceWhileAnotherServiceChanges) {
  const auto snapshot = CatalogText()
                            .Node("n1", "10.0.0.1")
                            .Instance({.node = "n1", .name = "web", .tags = {"v1"}})
                            .Instance({.node = "n1", .name = "db"})
                            .Build();
  const std::shared_ptr<const Zone> zone = TestZone();
  const PreparedService* const web = PreparedService::Of(*snapshot->FindService("web"), *zone);
  const PreparedAnswer* const tagged = &web->Find("v1", *zone);

  model::Instance instance;
  instance.node = "n1";
  instance.id = instance.service = "db";
  instance.port = 5432;
  catalog::SnapshotBuilder builder(*snapshot);
  builder.Apply({model::PutInstance{std::make_shared<const model::Instance>(instance)}}, Index(8));
  const auto next = builder.Finish();
  EXPECT_EQ(PreparedService::Of(*next->FindService("web"), *zone), web);
  EXPECT_EQ(&web->Find("v1", *zone), tagged);
  EXPECT_NE(PreparedService::Of(*next->FindService("db"), *zone),
            PreparedService::Of(*snapshot->FindService("db"), *zone));
}

TEST(PreparedServiceTest, TakesItsTtlFromTheZoneThatIsThereNow) {
  const auto snapshot =
      CatalogText().Node("n1", "10.0.0.1").Instance({.node = "n1", .name = "web"}).Build();
  DnsOptions options = TestOptions();
  for (const int ttl : {5, 0, 86400}) {
    options.service_ttl = ServiceTtls(std::chrono::seconds(ttl));
    const std::shared_ptr<const Zone> zone = TestZone(options);
    const PreparedService* const web = PreparedService::Of(*snapshot->FindService("web"), *zone);
    ASSERT_NE(web, nullptr);
    EXPECT_EQ(web->Ttl(*zone), static_cast<uint32_t>(ttl));
    EXPECT_EQ(web->Ttl(*zone), static_cast<uint32_t>(ttl));
  }
}

TEST(PreparedServiceTest, KeepsAnAnswerForEachHealthFilter) {
  const auto snapshot = CatalogText()
                            .Node("n1", "10.0.0.1")
                            .Instance({.node = "n1", .name = "web"})
                            .Check("n1", "web", model::CheckStatus::kWarning)
                            .Build();
  const std::shared_ptr<const Zone> zone = TestZone();
  DnsOptions strict = TestOptions();
  strict.only_passing = true;
  const std::shared_ptr<const Zone> strict_zone = TestZone(strict);
  const PreparedService* const web = PreparedService::Of(*snapshot->FindService("web"), *zone);
  ASSERT_EQ(PreparedService::Of(*snapshot->FindService("web"), *strict_zone), web);
  EXPECT_EQ(web->Find("", *zone).state, LookupState::kHit);
  EXPECT_EQ(web->Find("", *strict_zone).state, LookupState::kNxDomain);
  EXPECT_EQ(web->Find("", *strict_zone).absence, Absence::kNotHealthy);
}

// Its length is the body's limit alone; no question can name more than 253 octets of it.
TEST(PreparedServiceTest, ATagOfAnyLengthCostsNoMoreThanAName) {
  std::string tag;
  while (tag.size() < 500'000) tag += "a.";
  tag += "end";
  const auto snapshot = CatalogText()
                            .Node("n1", "10.0.0.1")
                            .Instance({.node = "n1", .name = "web", .tags = {tag, "x..y", "v1."}})
                            .Build();
  const std::shared_ptr<const Zone> zone = TestZone();
  const PreparedService* const web = PreparedService::Of(*snapshot->FindService("web"), *zone);
  EXPECT_EQ(web->Find("end", *zone).state, LookupState::kNoData);
  EXPECT_EQ(web->Find("a.a.end", *zone).state, LookupState::kNoData);
  EXPECT_EQ(web->Find("b.end", *zone).state, LookupState::kNxDomain);
  EXPECT_EQ(web->Find("y", *zone).state, LookupState::kNoData);
  EXPECT_EQ(web->Find("v1.", *zone).state, LookupState::kHit);
}

TEST(PreparedServiceTest, IsNotForAZoneThatWouldAnswerOtherwise) {
  const auto snapshot =
      CatalogText().Node("n1", "10.0.0.1").Instance({.node = "n1", .name = "web"}).Build();
  ASSERT_NE(PreparedService::Of(*snapshot->FindService("web"), *TestZone()), nullptr);
  DnsOptions other = TestOptions();
  other.order = AnswerOrder::kStable;
  EXPECT_EQ(PreparedService::Of(*snapshot->FindService("web"), *TestZone(other)), nullptr);
  other = TestOptions();
  other.datacenter = "dc2";
  EXPECT_EQ(PreparedService::Of(*snapshot->FindService("web"), *TestZone(other)), nullptr);
}

}  // namespace
}  // namespace rollcall::dns
