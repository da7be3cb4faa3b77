#include <gtest/gtest.h>

#include <csignal>

#include "tests/registry/store/etcd/etcd_cluster.h"
#include "tests/registry/store/etcd/followed_log.h"

namespace rollcall::store {
namespace {

using Kind = Outcome::Kind;
using OpKind = Operation::Kind;

constexpr std::chrono::seconds kTtl{2};  // etcd's least, with its own timings

class EtcdLeaseTest : public ::testing::Test {
 protected:
  EtcdLeaseTest() { etcd_.Start(); }

  EtcdOptions Options() const {
    EtcdOptions options = etcd_.options();
    options.timeouts.lease_ttl = kTtl;
    return options;
  }
  static bool HasLease(const Told& told) {
    return !told.leases.empty() && told.leases.back().has_value();
  }
  static Outcome PutWhileAlive(FollowedLog& log, const std::string& key) {
    return log.Propose({}, {{OpKind::kPutWhileAlive, key, "here"}});
  }
  std::string Stored(const std::string& key) {
    return etcd_.Ctl({"get", "--print-value-only", "rollcall/" + key});
  }

  EtcdCluster etcd_{1};
};

TEST_F(EtcdLeaseTest, KeepsKeysOfALiveServer) {
  FollowedLog log(Options());
  log.Follow();
  ASSERT_TRUE(log.Wait(HasLease));
  ASSERT_EQ(PutWhileAlive(log, "server/1").kind, Kind::kCommitted);
  // For longer than the lease: it is renewed several times.
  const auto until = *log.told().leases.back() + 2 * kTtl;
  ASSERT_TRUE(log.Wait([&](const Told& told) { return told.leases.back() > until; }));
  EXPECT_EQ(Stored("server/1"), "here\n");
  for (const auto& each : log.told().leases) EXPECT_TRUE(each);
}

TEST_F(EtcdLeaseTest, RemovesKeysOfAServerThatIsKilled) {
  FollowedLog log(Options());
  log.Follow();
  std::vector<std::string> argv = {ETCD_LOG_HOLDER, etcd_.address(0), "server/1"};
  e2e::Process holder({.argv = argv, .output_path = etcd_.dir().File("holder.log")});
  const auto told_of = [](const std::string& text) {
    return [text](const Told& told) {
      for (const Entry& entry : told.entries) {
        for (const KeyChange& each : entry.changes) {
          if (each.key + (each.value ? "=" + *each.value : "-") == text) return true;
        }
      }
      return false;
    };
  };
  ASSERT_TRUE(log.Wait(told_of("server/1=here"))) << holder.Output();
  holder.Kill();
  EXPECT_TRUE(log.Wait(told_of("server/1-")));
  EXPECT_EQ(Stored("server/1"), "");
}

TEST_F(EtcdLeaseTest, RemovesKeysAtOnceWhenStopped) {
  EtcdOptions options = Options();
  options.timeouts.lease_ttl = std::chrono::hours(1);
  FollowedLog log(options);
  log.Follow();
  ASSERT_TRUE(log.Wait(HasLease));
  ASSERT_EQ(PutWhileAlive(log, "server/1").kind, Kind::kCommitted);
  EXPECT_EQ(Stored("server/1"), "here\n");
  log.log().Stop();
  EXPECT_EQ(Stored("server/1"), "");
}

TEST_F(EtcdLeaseTest, SaysWhenItMayHaveRunOut) {
  FollowedLog log(Options());
  log.Follow();
  ASSERT_TRUE(log.Wait(HasLease));
  ASSERT_EQ(PutWhileAlive(log, "server/1").kind, Kind::kCommitted);
  etcd_.Signal(0, SIGSTOP);
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.leases.back(); }));
  etcd_.Signal(0, SIGCONT);
  // There is a new one, and keys can be put under it.
  ASSERT_TRUE(log.Wait(HasLease));
  ASSERT_EQ(PutWhileAlive(log, "server/1").kind, Kind::kCommitted);
  const auto until = *log.told().leases.back() + 2 * kTtl;
  ASSERT_TRUE(
      log.Wait([&](const Told& told) { return HasLease(told) && told.leases.back() > until; }));
  EXPECT_EQ(Stored("server/1"), "here\n");
}

TEST_F(EtcdLeaseTest, SaysWhenSomebodyRevokedIt) {
  FollowedLog log(Options());
  log.Follow();
  ASSERT_TRUE(log.Wait(HasLease));
  // "found 1 leases\n<id>\n"
  const std::string listed = etcd_.Ctl({"lease", "list"});
  const size_t line = listed.find('\n');
  etcd_.Ctl({"lease", "revoke", listed.substr(line + 1, listed.size() - line - 2)});
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.leases.back(); }));
  ASSERT_TRUE(log.Wait(HasLease));
}

TEST_F(EtcdLeaseTest, IsKeptThroughARestartOfEtcd) {
  EtcdOptions options = Options();
  options.timeouts.lease_ttl = std::chrono::seconds(30);
  FollowedLog log(options);
  log.Follow();
  ASSERT_TRUE(log.Wait(HasLease));
  ASSERT_EQ(PutWhileAlive(log, "server/1").kind, Kind::kCommitted);
  etcd_.Kill(0);
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.troubles.empty(); }));
  const size_t before = log.told().leases.size();
  etcd_.Start(0);
  ASSERT_TRUE(log.Wait([&](const Told& told) { return told.leases.size() > before; }));
  for (const auto& each : log.told().leases) EXPECT_TRUE(each);
  EXPECT_EQ(Stored("server/1"), "here\n");
}

}  // namespace
}  // namespace rollcall::store
