// Whatever the catalog, the rules and the question: the answer is the one that a catalog gives
// which has nothing but what may be read, on both answer paths.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/fast_path.h"
#include "registry/catalog/snapshot_builder.h"
#include "registry/model/mutation.h"
#include "tests/dns/asked.h"
#include "tests/dns/guarded_catalog.h"
#include "tests/dns/random_catalog.h"

namespace rollcall::dns {
namespace {

using Lines = std::vector<std::string>;
using SnapshotPtr = std::shared_ptr<const catalog::Snapshot>;

Lines Sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

// A snapshot with what `may` lets be read of another, worked out without the server's own Sight.
class Reduction {
 public:
  Reduction(const catalog::Snapshot& from, const acl::Authorizer& may) : may_(may) {
    for (const catalog::NodeEntry& node : from.nodes()) AddNode(node);
  }

  SnapshotPtr Build(Index index) const {
    catalog::SnapshotBuilder builder{catalog::Snapshot()};
    builder.Apply(records_, index);
    return builder.Finish();
  }
  size_t left_out() const { return left_out_; }

 private:
  void AddNode(const catalog::NodeEntry& node) {
    if (!may_.MayRead(acl::Resource::kNode, node.node->name)) {
      ++left_out_;
      return;
    }
    records_.push_back(model::PutNode{std::make_shared<const model::Node>(*node.node)});
    for (const catalog::InstanceEntry& entry : node.instances) {
      if (!may_.MayRead(acl::Resource::kService, entry.instance->service)) {
        ++left_out_;
        continue;
      }
      records_.push_back(
          model::PutInstance{std::make_shared<const model::Instance>(*entry.instance)});
      for (const auto& check : entry.checks) AddCheck(*check);
    }
    for (const auto& check : node.node_checks) AddCheck(*check);
  }
  void AddCheck(const catalog::CheckEntry& entry) {
    records_.push_back(model::PutCheck{std::make_shared<const model::Check>(*entry.check)});
  }

  const acl::Authorizer& may_;
  model::Transaction records_;
  size_t left_out_ = 0;
};

class AccessPropertyTest : public testing::Test {
 protected:
  struct Asked {
    std::optional<MessageText> fast;
    MessageText slow;
  };

  Asked Ask(const Zone& zone, const catalog::Snapshot& snapshot, const Sight& sight,
            const QueryText& query) {
    Question question;
    EXPECT_EQ(ParseQuestion(EncodeQuery(query), &question), QuestionOutcome::kOk);
    const ReplySettings settings{kMaxMessageSize, 8192};
    AnswerSource source{zone, snapshot, random_, StableKeyOf(Ipv4{10, 0, 0, 9})};
    source.sight = sight;
    Asked asked;
    std::vector<uint8_t> octets(settings.size);
    if (const auto written = fast_path_.Answer(source, question, settings, octets)) {
      asked.fast = DecodeMessage(std::span(octets).first(written->size));
    }
    const Answer answer = AnswerQuestion(source, question, MaxRecords(settings.size));
    asked.slow = DecodeMessage(EncodeMessage(question, answer, settings).octets);
    return asked;
  }

  static void ExpectSame(const MessageText& got, const MessageText& expected) {
    EXPECT_EQ(got.rcode, expected.rcode);
    EXPECT_EQ(got.flags, expected.flags);
    EXPECT_EQ(Sorted(got.answer), Sorted(expected.answer));
    EXPECT_EQ(got.authority, expected.authority);
    EXPECT_EQ(Sorted(got.additional), Sorted(expected.additional));
  }

  Random random_{1};
  FastPath fast_path_{&random_};
};

TEST_F(AccessPropertyTest, AnswersAreThoseOfWhatMayBeReadAlone) {
  size_t hits = 0, fast = 0, filtered = 0, prohibited = 0, left_out = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    RandomCatalog random(seed);
    const SnapshotPtr whole = random.Build();
    const acl::Rules rules = random.DrawRules();
    const std::vector<const acl::Rules*> policies{&rules};
    const acl::Authorizer may(
        policies, seed % 2 == 0 ? acl::DefaultPolicy::kDeny : acl::DefaultPolicy::kAllow);
    const Reduction reduction(*whole, may);
    left_out += reduction.left_out();
    const SnapshotPtr readable = reduction.Build(whole->index());
    DnsOptions options = TestOptions();
    options.alt_domain = "much-longer.example";
    options.minimal_any = seed % 3 == 0;
    options.order = AnswerOrder::kStable;  // or an alias of several names is drawn
    const std::shared_ptr<const Zone> zone = TestZone(options);
    for (int i = 0; i < 60; ++i) {
      const QueryText query = random.DrawQuery();
      SCOPED_TRACE("seed " + std::to_string(seed) + ": " + query.name + " " + query.type);
      const Asked got = Ask(*zone, *whole, Sight(may), query);
      ExpectSame(got.slow, Ask(*zone, *readable, Sight(), query).slow);
      // Whether what may not be read is there, is not told either, but where a part of a service is
      // left out.
      const Asked reduced = Ask(*zone, *readable, Sight(may), query);
      ExpectSame(got.slow, reduced.slow);
      const std::string why = ExtendedErrorIn(got.slow.options);
      if (!why.starts_with("17 ")) EXPECT_EQ(why, ExtendedErrorIn(reduced.slow.options));
      if (got.fast) {
        ExpectSame(*got.fast, got.slow);
        EXPECT_EQ(got.fast->options, got.slow.options);
        ++fast;
      }
      hits += got.slow.answer.empty() ? 0 : 1;
      filtered += why.starts_with("17 ") ? 1 : 0;
      prohibited += why.starts_with("18 ") ? 1 : 0;
      ASSERT_FALSE(HasFailure());
    }
  }
  // The test says something only about what it saw.
  EXPECT_GT(left_out, 1000u);
  EXPECT_GT(hits, 1000u);
  EXPECT_GT(fast, 1000u);
  EXPECT_GT(filtered, 300u);
  EXPECT_GT(prohibited, 300u);
}

// What is prepared for who sees everything is not what others get, in whatever order they ask.
TEST_F(AccessPropertyTest, WhatIsPreparedForOneIsNotTheOthersAnswer) {
  const SnapshotPtr snapshot = CatalogText()
                                   .Node("n1", "127.0.0.1")
                                   .Node("n2", "10.0.0.2")
                                   .Instance({.node = "n1", .name = "web", .tags = {"v1"}})
                                   .Instance({.node = "n2", .name = "web", .tags = {"v2"}})
                                   .Build();
  const std::shared_ptr<const Zone> zone = TestZone();
  acl::Rules rules;
  rules.named = {{acl::Resource::kService, acl::Match::kExact, "web", acl::Access::kRead, {}},
                 {acl::Resource::kNode, acl::Match::kExact, "n1", acl::Access::kRead, {}}};
  const std::vector<const acl::Rules*> policies{&rules};
  const acl::Authorizer part(policies, acl::DefaultPolicy::kDeny);
  rules.named[1] = {acl::Resource::kNode, acl::Match::kPrefix, "", acl::Access::kRead, {}};
  const acl::Authorizer service(policies, acl::DefaultPolicy::kDeny);
  const QueryText query{.name = "web.service.consul.", .type = "A", .edns = 4096};
  for (int i = 0; i < 3; ++i) {
    const Asked some = Ask(*zone, *snapshot, Sight(part), query);
    EXPECT_FALSE(some.fast);
    EXPECT_EQ(some.slow.answer, Lines{"web.service.consul. 0 A 127.0.0.1"});
    EXPECT_FALSE(Ask(*zone, *snapshot, Sight(acl::Authorizer::DenyAll()), query).fast);
    // All nodes and this service: that is all of it.
    for (const Sight& sight : {Sight(), Sight(acl::Authorizer::AllowAll()), Sight(service)}) {
      const Asked all = Ask(*zone, *snapshot, sight, query);
      ASSERT_TRUE(all.fast);
      EXPECT_EQ(all.fast->answer.size(), 2u);
    }
  }
}

// Recursors are asked for an address of ours that may not be read, as for one of nobody's.
TEST_F(AccessPropertyTest, AnAddressThatMayNotBeReadGoesToRecursorsAsNobodysDoes) {
  const SnapshotPtr snapshot = CatalogText().Node("n1", "10.0.0.1").Build();
  const std::shared_ptr<const Zone> zone = TestZone();
  for (const char* name : {"1.0.0.10.in-addr.arpa.", "7.7.7.7.in-addr.arpa."}) {
    Question question;
    ASSERT_EQ(ParseQuestion(EncodeQuery({.name = name, .type = "PTR"}), &question),
              QuestionOutcome::kOk);
    AnswerSource source{*zone, *snapshot, random_, 0, Recursion::kAllowed};
    source.sight = Sight(acl::Authorizer::DenyAll());
    EXPECT_TRUE(AnswerQuestion(source, question, 10).ask_recursors) << name;
    source.sight = Sight();
    EXPECT_EQ(AnswerQuestion(source, question, 10).ask_recursors.has_value(), name[0] == '7');
  }
}

}  // namespace
}  // namespace rollcall::dns
