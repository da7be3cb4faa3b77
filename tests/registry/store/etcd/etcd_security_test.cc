#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/registry/store/etcd/etcd_cluster.h"
#include "tests/registry/store/etcd/followed_log.h"

namespace rollcall::store {
namespace {

using ::testing::HasSubstr;
using Kind = Outcome::Kind;

Error LoadError(const EtcdOptions& options) {
  FollowedLog log(options);
  const auto position = log.Load();
  EXPECT_FALSE(position);
  return position ? Error{ErrorCode::kIo, "it was loaded"} : position.error();
}

class EtcdTlsTest : public ::testing::Test {
 protected:
  EtcdTlsTest() { etcd_.Start(); }

  const e2e::TempDir dir_;
  const Certificates certificates_ = MakeCertificates(dir_);
  EtcdCluster etcd_{1, &certificates_};
};

TEST_F(EtcdTlsTest, IsFollowedWithACertificateOfItsOwn) {
  FollowedLog log(etcd_.options());
  log.Follow();
  EXPECT_EQ(log.Put("a", "1").kind, Kind::kCommitted);
  ASSERT_TRUE(log.Wait([](const Told& told) { return told.entries.size() == 1; }));
}

TEST_F(EtcdTlsTest, MembersMustHaveTheNameThatWasGiven) {
  EtcdOptions options = etcd_.options();
  options.tls->server_name = "etcd.test";
  EXPECT_TRUE(FollowedLog(options).Load());
  options.tls->server_name = "another.test";
  const Error error = LoadError(options);
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr(etcd_.address(0)));
}

TEST_F(EtcdTlsTest, RefusesMembersOfAnotherAuthority) {
  const e2e::TempDir elsewhere;
  EtcdOptions options = etcd_.options();
  options.tls->ca_file = MakeCertificates(elsewhere).ca_file;
  EXPECT_EQ(LoadError(options).code, ErrorCode::kUnavailable);
}

TEST_F(EtcdTlsTest, IsRefusedWithoutACertificate) {
  EtcdOptions options = etcd_.options();
  options.tls->certificate_file.clear();
  options.tls->key_file.clear();
  EXPECT_EQ(LoadError(options).code, ErrorCode::kUnavailable);
}

TEST_F(EtcdTlsTest, SpeaksNoTlsUnlessToldTo) {
  EtcdOptions options = etcd_.options();
  options.tls.reset();
  EXPECT_EQ(LoadError(options).code, ErrorCode::kUnavailable);
}

TEST_F(EtcdTlsTest, NamesTheFileThatCannotBeRead) {
  const std::string missing = dir_.File("missing.pem");
  for (auto file : {&EtcdTls::ca_file, &EtcdTls::certificate_file, &EtcdTls::key_file}) {
    EtcdOptions options = etcd_.options();
    (*options.tls).*file = missing;
    EXPECT_THAT(LoadError(options).message, HasSubstr("\"" + missing + "\""));
  }
  EtcdOptions options = etcd_.options();
  options.tls->key_file = dir_.Write("garbage.pem", "not a key\n");
  EXPECT_EQ(LoadError(options).code, ErrorCode::kUnavailable);
}

class EtcdUserTest : public ::testing::Test {
 protected:
  EtcdUserTest() {
    etcd_.Start();
    etcd_.Ctl({"user", "add", "root:secret"});
    etcd_.Ctl({"user", "add", "rollcall:pass word"});
    etcd_.Ctl({"user", "add", "nobody:pass word"});
    etcd_.Ctl({"role", "add", "registry"});
    etcd_.Ctl({"role", "grant-permission", "--prefix", "registry", "readwrite", "rollcall/"});
    etcd_.Ctl({"user", "grant-role", "rollcall", "registry"});
    etcd_.Ctl({"user", "grant-role", "root", "root"});
    etcd_.Ctl({"auth", "enable"});
    etcd_.SetCtlUser("root:secret");
  }

  EtcdOptions Options(const std::string& user, const std::string& password) const {
    EtcdOptions options = etcd_.options();
    options.user = user;
    options.password = password;
    options.timeouts.lease_ttl = std::chrono::seconds(30);
    return options;
  }

  EtcdCluster etcd_{1};
};

TEST_F(EtcdUserTest, IsFollowedByWhoMay) {
  FollowedLog log(Options("rollcall", "pass word"));
  log.Follow();
  EXPECT_EQ(log.Put("a", "1").kind, Kind::kCommitted);
  ASSERT_TRUE(log.Wait([](const Told& told) {
    return told.entries.size() == 1 && !told.leases.empty() && told.leases.back();
  }));
  const Outcome alive = log.Propose({}, {{Operation::Kind::kPutWhileAlive, "server/1", "here"}});
  EXPECT_EQ(alive.kind, Kind::kCommitted) << alive.error.message;
  EXPECT_EQ(log.TroubleText(), "");
}

TEST_F(EtcdUserTest, IsRefusedToAllOthers) {
  EXPECT_EQ(LoadError(Options("rollcall", "wrong")).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(LoadError(Options("stranger", "pass word")).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(LoadError(Options("", "")).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(LoadError(Options("nobody", "pass word")).code, ErrorCode::kPermissionDenied);
  EtcdOptions elsewhere = Options("rollcall", "pass word");
  elsewhere.prefix = "others/";
  const Error error = LoadError(elsewhere);
  EXPECT_EQ(error.code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(error.message, HasSubstr("permission denied"));
}

TEST_F(EtcdUserTest, LogsInAgainWhenEtcdHasForgotten) {
  FollowedLog log(Options("rollcall", "pass word"));
  log.Follow();
  // Changes the revision of users and roles, which makes every login stale.
  etcd_.Ctl({"user", "add", "somebody:else"});
  EXPECT_EQ(log.Put("a", "1").kind, Kind::kCommitted);
  ASSERT_TRUE(log.ContactSince(SteadyClock().Now()));
  // Forgets all logins.
  etcd_.Kill(0);
  etcd_.Start(0);
  etcd_.WaitUntilHealthy(0);
  ASSERT_TRUE(log.ContactSince(SteadyClock().Now())) << log.TroubleText();
  EXPECT_EQ(log.Put("a", "2").kind, Kind::kCommitted);
}

TEST_F(EtcdUserTest, SaysSoWhenItIsNoMoreAllowed) {
  FollowedLog log(Options("rollcall", "pass word"));
  log.Follow();
  etcd_.Ctl({"user", "revoke-role", "rollcall", "registry"});
  const Outcome refused = log.Put("a", "1");
  EXPECT_EQ(refused.kind, Kind::kRefused);
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.troubles.empty(); }));
  EXPECT_THAT(log.told().troubles.back().message, HasSubstr("permission denied"));
  etcd_.Ctl({"user", "grant-role", "rollcall", "registry"});
  ASSERT_TRUE(log.ContactSince(SteadyClock().Now()));
  EXPECT_EQ(log.Put("a", "2").kind, Kind::kCommitted);
}

TEST(EtcdWithoutUsersTest, TakesWhoNamesOne) {
  EtcdCluster etcd(1);
  etcd.Start();
  EtcdOptions options = etcd.options();
  options.user = "rollcall";
  options.password = "x";
  FollowedLog log(options);
  log.Follow();
  EXPECT_EQ(log.Put("a", "1").kind, Kind::kCommitted);
}

}  // namespace
}  // namespace rollcall::store
