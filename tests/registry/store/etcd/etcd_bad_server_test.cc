// What a log makes of servers that are no etcd, or a broken one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/silent_server.h"
#include "tests/registry/store/etcd/fake_etcd.h"
#include "tests/registry/store/etcd/followed_log.h"

namespace rollcall::store {
namespace {

using ::testing::HasSubstr;
namespace pb = etcdserverpb;

EtcdOptions Fast(std::vector<EtcdEndpoint> endpoints) {
  EtcdOptions options;
  options.endpoints = std::move(endpoints);
  options.timeouts.probe_interval = std::chrono::milliseconds(50);
  options.timeouts.dial = std::chrono::milliseconds(500);
  options.timeouts.page = std::chrono::milliseconds(10000);
  return options;
}

Error LoadError(const EtcdOptions& options) {
  FollowedLog log(options);
  const auto position = log.Load();
  EXPECT_FALSE(position);
  return position ? Error{ErrorCode::kIo, "it was loaded"} : position.error();
}

EtcdEndpoint At(const std::string& address) {
  const auto options = ParseEtcdUrl("etcd://" + address);
  return options->endpoints.front();
}

// Where a log is loaded from, and followed: not by way of the bad one.
void ExpectGoneOnFrom(const EtcdEndpoint& bad) {
  FakeEtcd good;
  FollowedLog log(Fast({bad, good.endpoint()}));
  log.Follow();
  EXPECT_EQ(log.log().status().endpoint, good.address());
}

TEST(EtcdBadServerTest, GivesUpOneThatSaysNothing) {
  const e2e::SilentServer silent;
  const Error error = LoadError(Fast({At(silent.address())}));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr(silent.address()));
  ExpectGoneOnFrom(At(silent.address()));
}

TEST(EtcdBadServerTest, GivesUpOneThatSpeaksHttp1) {
  httplib::Server server;
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  const EtcdEndpoint endpoint{"127.0.0.1", static_cast<uint16_t>(port)};
  const Error error = LoadError(Fast({endpoint}));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr(endpoint.Text()));
  ExpectGoneOnFrom(endpoint);
  server.stop();
  thread.join();
}

TEST(EtcdBadServerTest, GivesUpOneThatDoesNotKnowTheCalls) {
  FakeEtcd fake;
  fake.Change([](FakeEtcd::Says& says) {
    says.range = [](const pb::RangeRequest&, pb::RangeResponse*) {
      return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "what?\nno");
    };
  });
  const Error error = LoadError(Fast({fake.endpoint()}));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("what? no"));
}

TEST(EtcdBadServerTest, TakesNoAnswerThatIsTooLarge) {
  FakeEtcd fake;
  fake.Change([](FakeEtcd::Says& says) {
    says.range = [](const pb::RangeRequest& request, pb::RangeResponse* response) {
      if (request.range_end().empty()) return FakeEtcd::SoundRange(request, response);
      response->mutable_header()->set_revision(5);
      mvccpb::KeyValue* const kv = response->add_kvs();
      kv->set_key("rollcall/a");
      kv->set_value(std::string(EtcdChannel::kMaxMessageBytes + 1, 'x'));
      return grpc::Status::OK;
    };
  });
  const Error error = LoadError(Fast({fake.endpoint()}));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("larger than max"));
}

TEST(EtcdBadServerTest, LoadsNoPagesThatLeadNowhere) {
  const auto load = [](const std::vector<std::string>& keys) {
    FakeEtcd fake;
    fake.Change([&](FakeEtcd::Says& says) {
      says.range = [keys](const pb::RangeRequest& request, pb::RangeResponse* response) {
        if (request.range_end().empty()) return FakeEtcd::SoundRange(request, response);
        response->mutable_header()->set_revision(5);
        response->set_more(true);
        for (const std::string& each : keys) response->add_kvs()->set_key(each);
        return grpc::Status::OK;
      };
    });
    return LoadError(Fast({fake.endpoint()})).code;
  };
  EXPECT_EQ(load({}), ErrorCode::kCorruption);
  EXPECT_EQ(load({"rollcall/a"}), ErrorCode::kCorruption);  // again and again
  EXPECT_EQ(load({"rollcall/b", "rollcall/a"}), ErrorCode::kCorruption);
  EXPECT_EQ(load({"others/a"}), ErrorCode::kCorruption);
}

TEST(EtcdBadServerTest, GivesUpOneWhoseWatchStaysBehind) {
  FakeEtcd behind;
  FollowedLog log(Fast({behind.endpoint()}));
  log.Follow();
  behind.Change([](FakeEtcd::Says& says) {
    says.range = [](const pb::RangeRequest& request, pb::RangeResponse* response) {
      auto status = FakeEtcd::SoundRange(request, response);
      // The head of now, not that of the position.
      if (request.key() == "rollcall/head" && request.revision() == 0) {
        response->mutable_kvs(0)->set_mod_revision(9);
      }
      return status;
    };
  });
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.troubles.empty(); }));
  EXPECT_THAT(log.told().troubles[0].message,
              HasSubstr(behind.address() + ": its watch does not tell of revision 9"));
  // Without having told of contact that is not there. It tells at last:
  behind.Change([](FakeEtcd::Says& says) {
    says.watch.push_back(FakeEtcd::Put(9, "head", "0000000000000001-2"));
  });
  ASSERT_TRUE(log.Wait([](const Told& told) { return told.entries.size() == 1; }));
  EXPECT_TRUE(log.ContactSince(SteadyClock().Now()));
}

TEST(EtcdBadServerTest, DoesNotHurryWhenEachWatchEndsAtOnce) {
  FakeEtcd ending;
  ending.Change([](FakeEtcd::Says& says) { says.end_watch = true; });
  FollowedLog log(Fast({ending.endpoint()}));
  const auto position = log.Load();
  ASSERT_TRUE(position) << position.error().message;
  const auto start = SteadyClock().Now();
  log.log().Follow(*position, &log);
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.troubles.empty(); }));
  EXPECT_THAT(log.told().troubles[0].message, HasSubstr("its watch ended"));
  ASSERT_TRUE(e2e::Eventually([&] { return ending.watches() >= 4; }));
  // At least half of 100, 200 and 400 ms lie between them.
  EXPECT_GE(SteadyClock().Now() - start, std::chrono::milliseconds(350));
}

TEST(EtcdBadServerTest, TakesNothingOutOfOrder) {
  FakeEtcd fake;
  fake.Change([](FakeEtcd::Says& says) {
    says.watch.push_back(FakeEtcd::Put(7, "a", "1"));
    says.watch.push_back(FakeEtcd::Put(6, "b", "1"));
  });
  FollowedLog log(Fast({fake.endpoint()}));
  const auto position = log.Load();
  ASSERT_TRUE(position);
  log.log().Follow(*position, &log);
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.broken.empty(); }));
  EXPECT_EQ(log.told().broken[0].code, ErrorCode::kCorruption);
  EXPECT_EQ(log.told().entries.size(), 1u);
}

TEST(EtcdBadServerTest, SaysWhenTheHeadGoesBackUnderAWatchThatStays) {
  FakeEtcd fake;
  FollowedLog log(Fast({fake.endpoint()}));
  log.Follow();
  fake.Change([](FakeEtcd::Says& says) {
    says.range = [](const pb::RangeRequest& request, pb::RangeResponse* response) {
      auto status = FakeEtcd::SoundRange(request, response);
      response->mutable_kvs(0)->set_mod_revision(4);
      return status;
    };
  });
  ASSERT_TRUE(log.Wait([](const Told& told) { return !told.broken.empty(); }));
  EXPECT_EQ(log.told().broken[0].code, ErrorCode::kCorruption);
}

TEST(EtcdBadServerTest, SurvivesAWatchThatIsCreatedTwiceAndTellsNothing) {
  FakeEtcd fake;
  fake.Change([](FakeEtcd::Says& says) {
    says.watch = {FakeEtcd::Created(), FakeEtcd::Created(), pb::WatchResponse()};
  });
  FollowedLog log(Fast({fake.endpoint()}));
  log.Follow();
  EXPECT_TRUE(log.ContactSince(SteadyClock().Now()));
  EXPECT_EQ(log.TroubleText(), "");
}

}  // namespace
}  // namespace rollcall::store
