#include "registry/store/etcd/etcd_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <set>

#include "tests/registry/store/etcd/etcd_cluster.h"
#include "tests/registry/store/etcd/followed_log.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Kind = Outcome::Kind;
using OpKind = Operation::Kind;

// One etcd for all tests of a program that runs them one after the other; each has a prefix of its
// own.
class EtcdLogTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    Etcd() = std::make_unique<EtcdCluster>(1);
    Etcd()->Start();
  }
  static void TearDownTestSuite() { Etcd().reset(); }

  static std::unique_ptr<EtcdCluster>& Etcd() {
    static std::unique_ptr<EtcdCluster> etcd;
    return etcd;
  }

  static EtcdOptions Options() {
    EtcdOptions options = Etcd()->options();
    options.prefix = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    options.prefix += '/';
    return options;
  }
};

std::vector<std::string> Texts(const std::vector<KeyValue>& keys) {
  std::vector<std::string> texts;
  texts.reserve(keys.size());
  for (const KeyValue& each : keys) texts.push_back(each.key + "=" + each.value);
  return texts;
}

TEST_F(EtcdLogTest, LoadsWhatWasWritten) {
  FollowedLog writer(Options());
  writer.Follow();
  const Outcome b = writer.Put("b", "2");
  ASSERT_EQ(b.kind, Kind::kCommitted) << b.error.message;
  const Outcome a = writer.Put("a", "1");
  ASSERT_EQ(a.kind, Kind::kCommitted);

  FollowedLog reader(Options());
  std::vector<KeyValue> keys;
  const auto position = reader.Load(&keys);
  ASSERT_TRUE(position) << position.error().message;
  EXPECT_THAT(Texts(keys), ElementsAre("a=1", "b=2"));
  EXPECT_EQ(keys[1].revision, b.index);
  EXPECT_EQ(position->head, a.index);
  EXPECT_GE(position->revision, a.index);
  EXPECT_THAT(position->token, HasSubstr("-2"));
}

TEST_F(EtcdLogTest, AnEmptyLogHasNoHead) {
  FollowedLog log(Options());
  std::vector<KeyValue> keys;
  const auto position = log.Load(&keys);
  ASSERT_TRUE(position) << position.error().message;
  EXPECT_THAT(keys, IsEmpty());
  EXPECT_FALSE(position->head.is_set());
  EXPECT_TRUE(position->revision.is_set());
}

TEST_F(EtcdLogTest, TellsEachTransactionAsOneEntry) {
  FollowedLog writer(Options());
  FollowedLog reader(Options());
  writer.Follow();
  reader.Follow();
  ASSERT_EQ(writer
                .Propose({}, {{OpKind::kPut, "a", "1"},
                              {OpKind::kPut, "b/1", "2"},
                              {OpKind::kPut, "b/2", "3"}})
                .kind,
            Kind::kCommitted);
  const Outcome second =
      writer.Propose({}, {{OpKind::kRemove, "a", ""}, {OpKind::kRemoveAllUnder, "b/", ""}});
  for (FollowedLog* log : {&writer, &reader}) {
    ASSERT_TRUE(log->Wait([](const Told& told) { return told.entries.size() == 2; }));
    EXPECT_THAT(log->EntryTexts(), ElementsAre("a=1 b/1=2 b/2=3 @", "a- b/1- b/2- @"));
    EXPECT_EQ(log->told().entries[1].index, second.index);
  }
  EXPECT_EQ(writer.told().entries[1].proposal, 2u);
  EXPECT_EQ(reader.told().entries[1].proposal, 0u);
}

TEST_F(EtcdLogTest, MakesOneOfTwoConflictingProposals) {
  FollowedLog one(Options());
  FollowedLog two(Options());
  one.Follow();
  two.Follow();
  for (int round = 0; round < 20; ++round) {
    const std::string key = "k" + std::to_string(round);
    const auto first = one.Start({Condition::Absent(key)}, {{OpKind::kPut, key, "one"}});
    const auto second = two.Start({Condition::Absent(key)}, {{OpKind::kPut, key, "two"}});
    const Outcome a = one.OutcomeOf(first);
    const Outcome b = two.OutcomeOf(second);
    ASSERT_NE(a.kind == Kind::kCommitted, b.kind == Kind::kCommitted);
    const Outcome& lost = a.kind == Kind::kCommitted ? b : a;
    const Outcome& won = a.kind == Kind::kCommitted ? a : b;
    EXPECT_EQ(lost.kind, Kind::kConflict);
    EXPECT_EQ(lost.index, won.index);
  }
}

TEST_F(EtcdLogTest, HoldsToEachKindOfCondition) {
  FollowedLog log(Options());
  log.Follow();
  const auto put = [&](Condition condition) {
    return log.Propose({std::move(condition)}, {{OpKind::kPut, "x", "y"}}).kind;
  };
  const Index a = log.Put("a", "1").index;
  EXPECT_EQ(put(Condition::Absent("a")), Kind::kConflict);
  EXPECT_EQ(put(Condition::Absent("b")), Kind::kCommitted);
  EXPECT_EQ(put(Condition::Unchanged("a", a)), Kind::kCommitted);
  EXPECT_EQ(put(Condition::Unchanged("a", Index(a.value() - 1))), Kind::kConflict);
  EXPECT_EQ(put(Condition::Unchanged("b", a)), Kind::kConflict);
  EXPECT_EQ(put(Condition::HasValue("a", "1")), Kind::kCommitted);
  EXPECT_EQ(put(Condition::HasValue("a", "2")), Kind::kConflict);
  EXPECT_EQ(put(Condition::HasValue("b", "")), Kind::kConflict);
  // All have to hold.
  EXPECT_EQ(log.Propose({Condition::HasValue("a", "1"), Condition::Absent("a")}, {}).kind,
            Kind::kConflict);
}

TEST_F(EtcdLogTest, RefusesWhatEtcdWouldNeverTake) {
  FollowedLog log(Options());
  log.Follow();
  std::vector<Operation> many;
  many.reserve(121);
  for (int i = 0; i < 121; ++i) many.push_back({OpKind::kPut, "k" + std::to_string(i), ""});
  const Outcome too_many = log.Propose({}, many);
  EXPECT_EQ(too_many.kind, Kind::kRefused);
  EXPECT_THAT(too_many.error.message, HasSubstr("121 operations"));
  many.pop_back();
  EXPECT_EQ(log.Propose({}, many).kind, Kind::kCommitted);

  const Outcome too_large = log.Put("a", std::string(2 << 20, 'x'));
  EXPECT_EQ(too_large.kind, Kind::kRefused);
  EXPECT_THAT(too_large.error.message, HasSubstr("bytes"));
  EXPECT_EQ(log.Put("a", std::string(1 << 20, 'x')).kind, Kind::kCommitted);

  const Outcome twice = log.Propose({}, {{OpKind::kPut, "a", "1"}, {OpKind::kPut, "a", "2"}});
  EXPECT_EQ(twice.kind, Kind::kRefused);
  EXPECT_THAT(twice.error.message, HasSubstr("duplicate key"));

  for (const char* own : {"head", "format", ""}) {
    EXPECT_EQ(log.Put(own, "x").kind, Kind::kRefused) << own;
  }
  EXPECT_EQ(log.Propose({}, {{OpKind::kRemoveAllUnder, "", ""}}).kind, Kind::kRefused);
}

TEST_F(EtcdLogTest, LoadsMoreThanAPage) {
  FollowedLog log(Options());
  log.Follow();
  // Of very different sizes: some hundred small ones, and large ones behind them.
  constexpr int kSmall = 1200;
  constexpr int kLarge = 90;
  for (int i = 0; i < kSmall; i += 100) {
    std::vector<Operation> puts;
    for (int k = i; k < i + 100; ++k) puts.push_back({OpKind::kPut, "a" + std::to_string(k), "1"});
    ASSERT_EQ(log.Propose({}, puts).kind, Kind::kCommitted);
  }
  for (int i = 0; i < kLarge; ++i) {
    ASSERT_EQ(log.Put("b" + std::to_string(i), std::string(1'000'000, 'x')).kind, Kind::kCommitted);
  }
  size_t pages = 0;
  std::vector<std::string> keys;
  const auto take = [&](std::vector<KeyValue> page) {
    ++pages;
    for (KeyValue& each : page) keys.push_back(std::move(each.key));
    return true;
  };
  const auto position = log.log().Load(take, {});
  ASSERT_TRUE(position) << position.error().message;
  EXPECT_EQ(keys.size(), size_t{kSmall + kLarge});
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
  EXPECT_GT(pages, 3u);
}

TEST_F(EtcdLogTest, LoadEndsWhenNoMoreIsWanted) {
  FollowedLog log(Options());
  log.Follow();
  for (int i = 0; i < 300; i += 100) {
    std::vector<Operation> puts;
    for (int k = i; k < i + 100; ++k) puts.push_back({OpKind::kPut, "a" + std::to_string(k), "1"});
    ASSERT_EQ(log.Propose({}, puts).kind, Kind::kCommitted);
  }
  int pages = 0;
  const auto take = [&](const std::vector<KeyValue>&) { return ++pages < 1; };
  const auto position = log.log().Load(take, {});
  ASSERT_TRUE(position);
  EXPECT_EQ(pages, 1);
  EXPECT_TRUE(position->head.is_set());
}

TEST_F(EtcdLogTest, ReadHeadIsAsNewAsAnyAcknowledgedWrite) {
  FollowedLog writer(Options());
  FollowedLog reader(Options());
  writer.Follow();
  reader.Follow();
  for (int i = 0; i < 10; ++i) {
    const Outcome written = writer.Put("a", std::to_string(i));
    std::promise<Result<Index>> head;
    reader.log().ReadHead([&](Result<Index> index) { head.set_value(std::move(index)); });
    const auto index = head.get_future().get();
    ASSERT_TRUE(index) << index.error().message;
    EXPECT_EQ(*index, written.index);
  }
}

TEST_F(EtcdLogTest, ReadOfTheHeadWaitsUntilTheLogIsFollowed) {
  FollowedLog writer(Options());
  writer.Follow();
  const Index written = writer.Put("a", "1").index;
  FollowedLog log(Options());
  const auto position = log.Load();
  ASSERT_TRUE(position) << position.error().message;
  log.log().Follow(*position, &log);
  // No member can have been reached yet.
  std::promise<Result<Index>> head;
  log.log().ReadHead([&](Result<Index> index) { head.set_value(std::move(index)); });
  const auto index = head.get_future().get();
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(*index, written);
}

TEST_F(EtcdLogTest, ReadOfTheHeadIsRefusedWhereNothingIsFollowed) {
  FollowedLog log(Options());
  log.Follow();
  log.log().Stop();
  std::promise<Result<Index>> head;
  log.log().ReadHead([&](Result<Index> index) { head.set_value(std::move(index)); });
  EXPECT_FALSE(head.get_future().get());
}

TEST_F(EtcdLogTest, AnswersEveryReadOfTheHead) {
  FollowedLog log(Options());
  log.Follow();
  const Index index = log.Put("a", "1").index;
  constexpr int kReads = 500;
  std::atomic<int> right{0};
  std::latch all(kReads);
  for (int i = 0; i < kReads; ++i) {
    log.log().ReadHead([&](const Result<Index>& head) {
      if (head && *head == index) ++right;
      all.count_down();
    });
  }
  all.wait();
  EXPECT_EQ(right, kReads);
}

TEST_F(EtcdLogTest, TellsContactAgainAndAgain) {
  EtcdOptions options = Options();
  options.timeouts.probe_interval = std::chrono::milliseconds(20);
  FollowedLog log(options);
  log.Follow();
  ASSERT_TRUE(log.Wait([](const Told& told) { return told.contacts.size() >= 5; }));
  const auto contacts = log.told().contacts;
  EXPECT_TRUE(std::is_sorted(contacts.begin(), contacts.end()));
  EXPECT_EQ(log.log().status().endpoint, Etcd()->address(0));
}

TEST_F(EtcdLogTest, LeavesAnotherProgramsKeysAlone) {
  const std::string prefix = Options().prefix;
  Etcd()->Ctl({"put", prefix + "config", "theirs"});
  FollowedLog log(Options());
  const auto position = log.Load();
  ASSERT_FALSE(position);
  EXPECT_EQ(position.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(position.error().message, HasSubstr("not rollcall's"));
  EXPECT_EQ(Etcd()->Ctl({"get", "--prefix", "--keys-only", prefix}), prefix + "config\n\n");

  // Beside its prefix they may be.
  EtcdOptions beside = Options();
  beside.prefix += "rollcall/";
  FollowedLog ours(beside);
  EXPECT_TRUE(ours.Load());
}

TEST_F(EtcdLogTest, RefusesANewerFormat) {
  Etcd()->Ctl({"put", Options().prefix + "format", "3 something"});
  FollowedLog log(Options());
  const auto position = log.Load();
  ASSERT_FALSE(position);
  EXPECT_EQ(position.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(position.error().message, HasSubstr("newer rollcall"));
}

std::string FormatOf(EtcdCluster* etcd, const EtcdOptions& options) {
  std::string text = etcd->Ctl({"get", "--print-value-only", options.prefix + "format"});
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

TEST_F(EtcdLogTest, GetsAHigherFormatByTheFirstWriteThatNeedsIt) {
  FollowedLog one(Options());
  // One that does not reach all members, of which another one might hold what it knows.
  EtcdOptions with_a_dead_member = Options();
  with_a_dead_member.endpoints.push_back({"127.0.0.1", 1});
  FollowedLog other(with_a_dead_member);
  one.Follow();
  other.Follow();
  ASSERT_EQ(one.Put("a", "1").kind, Kind::kCommitted);
  const std::string before = FormatOf(Etcd().get(), Options());
  ASSERT_THAT(before, StartsWith("1 "));

  const Outcome raised = one.OutcomeOf(one.Start({}, {{OpKind::kPut, "b", "1"}}, kAclLogFormat));
  ASSERT_EQ(raised.kind, Kind::kCommitted) << raised.error.message;
  EXPECT_EQ(FormatOf(Etcd().get(), Options()), "2" + before.substr(1));
  for (FollowedLog* log : {&one, &other}) {
    ASSERT_TRUE(log->Wait([](const Told& told) { return told.entries.size() == 2; }));
    EXPECT_THAT(log->EntryTexts(), ElementsAre("a=1 @", "b=1 @"));
  }
  // Everybody goes on, and knows it: nobody's write is in the way of the next one by it.
  for (FollowedLog* log : {&one, &other}) {
    const auto outcome = log->OutcomeOf(log->Start({}, {{OpKind::kPut, "c", "1"}}, kAclLogFormat));
    EXPECT_EQ(outcome.kind, Kind::kCommitted);
    EXPECT_THAT(log->told().broken, IsEmpty());
  }
  // It is the same log for who loads it again.
  std::vector<KeyValue> keys;
  ASSERT_TRUE(other.Load(&keys));
  EXPECT_THAT(Texts(keys), ElementsAre("a=1", "b=1", "c=1"));
  EXPECT_EQ(FormatOf(Etcd().get(), Options()), "2" + before.substr(1));
}

TEST_F(EtcdLogTest, GetsAHigherFormatOnceOfSeveralWritersAtATime) {
  FollowedLog one(Options());
  FollowedLog other(Options());
  one.Follow();
  other.Follow();
  const auto first = one.Start({}, {{OpKind::kPut, "a", "1"}}, kAclLogFormat);
  const auto second = other.Start({}, {{OpKind::kPut, "b", "1"}}, kAclLogFormat);
  const Index a = one.OutcomeOf(first).index;
  const Outcome b = other.OutcomeOf(second);
  ASSERT_EQ(
      one.told().outcomes.at(first).front().kind == Kind::kCommitted || b.kind == Kind::kCommitted,
      true);
  // Who comes second has been told of the first by the time that it tries again.
  for (const auto& [log, id] : {std::pair(&one, first), std::pair(&other, second)}) {
    const Outcome outcome = log->OutcomeOf(id);
    if (outcome.kind == Kind::kCommitted) continue;
    ASSERT_EQ(outcome.kind, Kind::kConflict) << outcome.error.message;
    EXPECT_EQ(outcome.index, log == &one ? b.index : a);
    ASSERT_TRUE(log->Wait([&](const Told& told) {
      return !told.entries.empty() && told.entries.back().index >= outcome.index;
    }));
    EXPECT_EQ(log->OutcomeOf(log->Start({}, {{OpKind::kPut, "c", "1"}}, kAclLogFormat)).kind,
              Kind::kCommitted);
  }
  EXPECT_EQ(one.TroubleText() + other.TroubleText(), "");
}

// What a server does that is too old for what another one has written.
TEST_F(EtcdLogTest, StopsWhenTheLogGetsAFormatThatItDoesNotKnow) {
  FollowedLog log(Options());
  log.Follow();
  const std::string format = FormatOf(Etcd().get(), Options());
  Etcd()->Ctl({"put", Options().prefix + "format", "3" + format.substr(1)});
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.broken.empty(); }));
  const Error broken = log.told().broken.front();
  EXPECT_EQ(broken.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(broken.message, HasSubstr("upgrade this server"));
  EXPECT_EQ(log.Put("a", "1").kind, Kind::kRefused);
  const auto again = log.Load();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, broken.message) << "so that it is said once";
  // An operator who puts it back has it again.
  Etcd()->Ctl({"put", Options().prefix + "format", format});
  log.Follow();
  EXPECT_EQ(log.Put("a", "1").kind, Kind::kCommitted);
}

TEST_F(EtcdLogTest, TellsNothingAfterStop) {
  FollowedLog log(Options());
  FollowedLog writer(Options());
  writer.Follow();
  log.Follow();
  log.log().Stop();
  const size_t contacts = log.told().contacts.size();
  ASSERT_EQ(writer.Put("a", "1").kind, Kind::kCommitted);
  log.Start({}, {{OpKind::kPut, "b", "1"}});
  ASSERT_TRUE(writer.ContactSince(SteadyClock().Now()));
  EXPECT_THAT(log.told().entries, IsEmpty());
  EXPECT_EQ(log.told().contacts.size(), contacts);
  EXPECT_TRUE(log.told().outcomes.empty());
}

TEST_F(EtcdLogTest, GoesOnFromWhereItWas) {
  FollowedLog writer(Options());
  FollowedLog log(Options());
  writer.Follow();
  log.Follow();
  writer.Put("a", "1");
  ASSERT_TRUE(log.Wait([](const Told& told) { return told.entries.size() == 1; }));
  log.log().Stop();
  writer.Put("a", "2");
  const Entry last = log.told().entries.back();
  auto position = writer.Load();
  ASSERT_TRUE(position);
  // As of its last entry, of which it has the token by a Load only.
  log.log().Follow({.revision = log.position().revision,
                    .head = log.position().head,
                    .token = log.position().token},
                   &log);
  ASSERT_TRUE(log.Wait([](const Told& told) { return told.entries.size() == 3; }));
  EXPECT_THAT(log.EntryTexts(), ElementsAre("a=1 @", "a=1 @", "a=2 @"));
  EXPECT_EQ(log.told().entries[1].index, last.index);
}

}  // namespace
}  // namespace rollcall::store
