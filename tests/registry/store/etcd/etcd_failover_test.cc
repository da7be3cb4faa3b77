#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <set>
#include <stop_token>

#include "tests/e2e/harness/eventually.h"
#include "tests/registry/store/etcd/etcd_cluster.h"
#include "tests/registry/store/etcd/followed_log.h"

namespace rollcall::store {
namespace {

using ::testing::HasSubstr;
using Kind = Outcome::Kind;

class EtcdFailoverTest : public ::testing::Test {
 protected:
  EtcdFailoverTest() { etcd_.Start(); }

  EtcdOptions Options() const {
    EtcdOptions options = etcd_.options();
    options.timeouts.probe_interval = std::chrono::milliseconds(100);
    return options;
  }
  // Follows by way of this member first.
  EtcdOptions OptionsFrom(size_t member) const {
    EtcdOptions options = Options();
    options.endpoints = {etcd_.endpoint(member)};
    return options;
  }
  size_t MemberOf(FollowedLog& log) const {
    for (size_t i = 0; i < 3; ++i) {
      if (log.log().status().endpoint == etcd_.address(i)) return i;
    }
    ADD_FAILURE() << "follows none";
    return 0;
  }

  EtcdCluster etcd_{3};
};

// Each write that was acknowledged is told once, in order, to both; one whose outcome nobody knows
// at most once.
void ExpectNothingMissed(FollowedLog& writer, FollowedLog& reader) {
  // An outcome may be told before its entry.
  ASSERT_TRUE(writer.Wait([](const Told& told) {
    return std::all_of(told.outcomes.begin(), told.outcomes.end(), [&told](const auto& each) {
      return each.second.empty() || each.second[0].kind != Kind::kCommitted ||
             std::any_of(told.entries.begin(), told.entries.end(),
                         [&each](const Entry& entry) { return entry.proposal == each.first; });
    });
  }));
  const Told written = writer.told();
  std::map<ProposalId, int> times;
  std::vector<Index> indexes;
  for (const Entry& each : written.entries) {
    ++times[each.proposal];
    indexes.push_back(each.index);
  }
  EXPECT_TRUE(std::is_sorted(indexes.begin(), indexes.end()));
  for (const auto& [id, outcomes] : written.outcomes) {
    ASSERT_EQ(outcomes.size(), 1u) << id;
    if (outcomes[0].kind == Kind::kCommitted) {
      EXPECT_EQ(times[id], 1) << id;
    } else {
      EXPECT_LE(times[id], outcomes[0].kind == Kind::kUnknown ? 1 : 0) << id;
    }
  }
  ASSERT_TRUE(reader.Wait([&](const Told& told) {
    return !told.entries.empty() && told.entries.back().index >= indexes.back();
  }));
  std::vector<Index> read;
  for (const Entry& each : reader.told().entries) read.push_back(each.index);
  EXPECT_EQ(read, indexes);
}

TEST_F(EtcdFailoverTest, GoesOnAtTheNextMemberWhenOneIsKilled) {
  FollowedLog log(Options());
  FollowedLog reader(Options());
  log.Follow();
  reader.Follow();
  for (int i = 0; i < 50; ++i) log.Start({}, {{Operation::Kind::kPut, "a", std::to_string(i)}});
  const size_t killed = MemberOf(log);
  etcd_.Kill(killed);
  for (int i = 0; i < 50; ++i) log.Start({}, {{Operation::Kind::kPut, "a", std::to_string(i)}});
  ASSERT_TRUE(log.Wait([](const Told& told) { return told.outcomes.size() == 100; }));
  // Whether its leader was killed or another one: it writes again.
  while (log.Put("b", "1").kind != Kind::kCommitted) {
    ASSERT_TRUE(log.ContactSince(SteadyClock().Now())) << log.TroubleText();
  }
  EXPECT_NE(MemberOf(log), killed);
  EXPECT_THAT(log.TroubleText(), HasSubstr(etcd_.address(killed)));
  ExpectNothingMissed(log, reader);
}

TEST_F(EtcdFailoverTest, GoesOnAtTheNextMemberWhenOneIsPaused) {
  FollowedLog log(Options());
  log.Follow();
  const size_t paused = MemberOf(log);
  FollowedLog reader(OptionsFrom((paused + 1) % 3));
  reader.Follow();
  ASSERT_EQ(log.Put("a", "1").kind, Kind::kCommitted);
  etcd_.Signal(paused, SIGSTOP);
  for (int i = 0; i < 10; ++i) log.Start({}, {{Operation::Kind::kPut, "a", std::to_string(i)}});
  ASSERT_TRUE(log.Wait(
      [](const Told& told) { return told.outcomes.size() == 11 && !told.troubles.empty(); }));
  while (log.Put("b", "1").kind != Kind::kCommitted) {
    ASSERT_TRUE(log.ContactSince(SteadyClock().Now())) << log.TroubleText();
  }
  EXPECT_NE(MemberOf(log), paused);
  EXPECT_THAT(log.TroubleText(), HasSubstr(etcd_.address(paused) + ": no answer in time"));
  etcd_.Signal(paused, SIGCONT);
  // What it had taken in, and still writes now that it can, is told too.
  ASSERT_TRUE(log.ContactSince(SteadyClock().Now()));
  ExpectNothingMissed(log, reader);
}

TEST_F(EtcdFailoverTest, LoadThatIsGivenUpWaitsForNoMember) {
  EtcdOptions options = Options();
  options.timeouts.dial = std::chrono::minutes(1);
  FollowedLog log(options);
  ASSERT_TRUE(log.Load());
  for (size_t i = 0; i < 3; ++i) etcd_.Signal(i, SIGSTOP);
  std::stop_source given_up;
  auto loading = std::async(std::launch::async, [&] {
    const auto take = [](const std::vector<KeyValue>&) { return true; };
    return log.log().Load(take, given_up.get_token());
  });
  EXPECT_EQ(loading.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  given_up.request_stop();
  EXPECT_EQ(loading.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  for (size_t i = 0; i < 3; ++i) etcd_.Signal(i, SIGCONT);
  EXPECT_FALSE(loading.get());
  EXPECT_TRUE(log.Load());
}

TEST_F(EtcdFailoverTest, ComesBackWhenAllMembersDo) {
  FollowedLog log(Options());
  log.Follow();
  const Index first = log.Put("a", "1").index;
  etcd_.KillAll();
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.troubles.empty(); }));

  // Held for a moment, then refused; and the next at once.
  const Outcome held = log.Put("a", "2");
  EXPECT_NE(held.kind, Kind::kCommitted);
  const Outcome refused = log.Put("a", "3");
  EXPECT_EQ(refused.kind, Kind::kRefused);
  EXPECT_EQ(refused.error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error.message, HasSubstr("etcd cannot be followed"));
  std::promise<Result<Index>> head;
  log.log().ReadHead([&](Result<Index> index) { head.set_value(std::move(index)); });
  EXPECT_FALSE(head.get_future().get());

  etcd_.Start();
  ASSERT_TRUE(log.ContactSince(SteadyClock().Now())) << log.TroubleText();
  const Outcome second = log.Put("a", "4");
  ASSERT_EQ(second.kind, Kind::kCommitted) << second.error.message;
  EXPECT_GT(second.index, first);
  ASSERT_TRUE(
      log.Wait([&](const Told& told) { return told.entries.back().index == second.index; }));
  EXPECT_TRUE(log.told().broken.empty()) << log.TroubleText();
}

TEST_F(EtcdFailoverTest, LoadsByWayOfWhoeverAnswers) {
  FollowedLog log(Options());
  log.Follow();
  ASSERT_EQ(log.Put("a", "1").kind, Kind::kCommitted);
  etcd_.Kill(0);
  FollowedLog other(Options());
  std::vector<KeyValue> keys;
  // There may be no leader for a moment, which each member says at once.
  EXPECT_TRUE(e2e::Eventually([&] { return static_cast<bool>(other.Load(&keys)); }));
  EXPECT_EQ(keys.size(), 1u);

  etcd_.KillAll();
  const auto position = other.Load();
  ASSERT_FALSE(position);
  EXPECT_EQ(position.error().code, ErrorCode::kUnavailable);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(position.error().message, HasSubstr(etcd_.address(i)));
  }
}

}  // namespace
}  // namespace rollcall::store
