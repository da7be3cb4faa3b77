#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/registry/store/etcd/etcd_cluster.h"
#include "tests/registry/store/etcd/followed_log.h"

namespace rollcall::store {
namespace {

using ::testing::HasSubstr;
using Kind = Outcome::Kind;

class EtcdContinuityTest : public ::testing::Test {
 protected:
  EtcdContinuityTest() { etcd_.Start(); }

  // Where a follower is that knows all there is now.
  Position Here() {
    FollowedLog log(etcd_.options());
    const auto position = log.Load();
    EXPECT_TRUE(position);
    return position ? *position : Position{};
  }
  void Write(int times) {
    FollowedLog writer(etcd_.options());
    writer.Follow();
    for (int i = 0; i < times; ++i) ASSERT_EQ(writer.Put("a", "x").kind, Kind::kCommitted);
  }
  // Follows from there. How that ended; nothing: it did not.
  static std::optional<Error> BrokenFrom(const Position& position, FollowedLog* log) {
    log->log().Follow(position, log);
    EXPECT_TRUE(
        log->Wait([](const Told& told) { return !told.broken.empty() || !told.contacts.empty(); }));
    const Told told = log->told();
    return told.broken.empty() ? std::nullopt : std::make_optional(told.broken.front());
  }
  std::optional<Error> BrokenFrom(const Position& position) {
    FollowedLog log(etcd_.options());
    return BrokenFrom(position, &log);
  }

  EtcdCluster etcd_{1};
};

TEST_F(EtcdContinuityTest, SaysWhenWhatIsMissingWasCompactedAway) {
  Write(3);
  const Position position = Here();
  Write(3);
  EXPECT_FALSE(BrokenFrom(position));
  etcd_.Ctl({"compact", std::to_string(Here().revision.value())});
  const auto broken = BrokenFrom(position);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->code, ErrorCode::kUnavailable);
  EXPECT_THAT(broken->message, HasSubstr("compacted"));
}

TEST_F(EtcdContinuityTest, ForgetsHistoryWhenToldTo) {
  FollowedLog owner(etcd_.options());
  owner.Follow();
  ASSERT_EQ(owner.Put("a", "1").kind, Kind::kCommitted);
  const Position position = Here();
  const Index last = owner.Put("a", "2").index;
  owner.Put("a", "3");
  owner.log().Compact(last);
  // A second one of the same is an error to etcd, and nothing to us.
  owner.log().Compact(last);
  while (!BrokenFrom(position)) ASSERT_TRUE(owner.ContactSince(SteadyClock().Now()));
  // Who has seen it goes on.
  EXPECT_FALSE(BrokenFrom(Here()));
  EXPECT_TRUE(owner.told().broken.empty());
}

TEST_F(EtcdContinuityTest, SaysWhenEtcdIsRestoredWhileItIsFollowed) {
  Write(1);
  const std::string snapshot = etcd_.SaveSnapshot("snapshot");
  FollowedLog log(etcd_.options());
  log.Follow();
  ASSERT_EQ(log.Put("a", "lost").kind, Kind::kCommitted);
  ASSERT_TRUE(log.Wait([](const Told& told) { return told.entries.size() == 1; }));
  etcd_.KillAll();
  etcd_.RestoreSnapshot(snapshot);
  etcd_.Start();
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.broken.empty(); }));
  EXPECT_EQ(log.told().broken[0].code, ErrorCode::kCorruption);
  EXPECT_THAT(log.told().broken[0].message, HasSubstr("restored"));
  const Outcome refused = log.Put("a", "1");
  EXPECT_EQ(refused.kind, Kind::kRefused);

  // Loaded anew it goes on.
  log.Follow();
  EXPECT_EQ(log.Put("a", "1").kind, Kind::kCommitted);
}

TEST_F(EtcdContinuityTest, SaysWhenEtcdWasRestoredAndWrittenBeyond) {
  Write(2);
  const std::string snapshot = etcd_.SaveSnapshot("snapshot");
  Write(3);
  const Position position = Here();
  etcd_.KillAll();
  etcd_.RestoreSnapshot(snapshot);
  etcd_.Start();
  // The same revisions, for other writes: the head was moved at the very same one.
  Write(3);
  ASSERT_EQ(Here().head, position.head);
  const auto same = BrokenFrom(position);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->code, ErrorCode::kCorruption);
  Write(10);
  const auto beyond = BrokenFrom(position);
  ASSERT_TRUE(beyond);
  EXPECT_EQ(beyond->code, ErrorCode::kCorruption);
  EXPECT_THAT(beyond->message, HasSubstr("restored"));
}

TEST_F(EtcdContinuityTest, SaysWhenTheLogIsAnotherOne) {
  Write(1);
  const Position position = Here();
  FollowedLog log(etcd_.options());
  ASSERT_TRUE(log.Load());
  etcd_.Ctl({"del", "--prefix", "rollcall/"});
  const auto gone = BrokenFrom(position);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->code, ErrorCode::kCorruption);
  Write(1);
  const auto other = BrokenFrom(position, &log);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->code, ErrorCode::kCorruption);
  EXPECT_THAT(other->message, HasSubstr("another log"));
}

TEST_F(EtcdContinuityTest, SaysWhenSomebodyRemovesTheLogWhileItIsFollowed) {
  FollowedLog log(etcd_.options());
  log.Follow();
  etcd_.Ctl({"del", "--prefix", "rollcall/"});
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.broken.empty(); }));
  EXPECT_EQ(log.told().broken[0].code, ErrorCode::kCorruption);
  // Who has followed it takes an empty etcd for no log; who comes anew makes one there.
  const auto again = log.Load();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(again.error().message, HasSubstr("restart this server"));
  FollowedLog other(etcd_.options());
  ASSERT_TRUE(other.Load());
  EXPECT_TRUE(log.Load());
}

TEST_F(EtcdContinuityTest, FollowsABacklogLargerThanAnAnswer) {
  const Position position = Here();
  FollowedLog writer(etcd_.options());
  writer.Follow();
  constexpr size_t kWrites = 90;  // of a megabyte each: more than a channel takes in one message
  for (size_t i = 0; i < kWrites; ++i) {
    ASSERT_EQ(writer.Put("a", std::string(1'000'000, 'x')).kind, Kind::kCommitted);
  }
  FollowedLog log(etcd_.options());
  EXPECT_FALSE(BrokenFrom(position, &log));
  ASSERT_TRUE(log.Wait([](const Told& told) { return told.entries.size() == kWrites; }))
      << log.TroubleText();
  EXPECT_EQ(log.TroubleText(), "");
}

}  // namespace
}  // namespace rollcall::store
