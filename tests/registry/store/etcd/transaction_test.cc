#include "registry/store/etcd/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/store/etcd/log_format.h"

namespace rollcall::store {
namespace {

using ::testing::HasSubstr;
using Kind = Outcome::Kind;
using OpKind = Operation::Kind;

Result<etcdserverpb::TxnRequest> Make(std::vector<Operation> operations, int64_t lease = 0) {
  return MakeTransaction(
      {.id = 3, .conditions = {}, .operations = std::move(operations), .moves_head = false},
      EtcdKeys("p/"), {.run = 1, .lease = lease, .format = {}});
}

Outcome Of(RpcCode code, const std::string& message) { return OutcomeOf({code, message}, {}); }

TEST(TransactionTest, NeedsALeaseForWhatGoesWithTheServer) {
  const auto without = Make({{OpKind::kPutWhileAlive, "a", "1"}});
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(without.error().message, HasSubstr("no lease yet"));
  const auto with = Make({{OpKind::kPutWhileAlive, "a", "1"}, {OpKind::kPut, "b", "1"}}, 77);
  ASSERT_TRUE(with);
  ASSERT_EQ(with->success_size(), 2);
  EXPECT_EQ(with->success(0).request_put().lease(), 77);
  EXPECT_EQ(with->success(1).request_put().lease(), 0);
}

TEST(TransactionTest, DoesNotWriteWhatTheLogKeepsForItself) {
  for (const char* key : {"head", "format", ""}) {
    EXPECT_FALSE(Make({{OpKind::kPut, key, "1"}})) << key;
    EXPECT_FALSE(Make({{OpKind::kRemove, key, ""}})) << key;
  }
  for (const char* prefix : {"", "h", "head", "form", "format"}) {
    EXPECT_FALSE(Make({{OpKind::kRemoveAllUnder, prefix, ""}})) << prefix;
  }
  EXPECT_TRUE(Make({{OpKind::kRemoveAllUnder, "heads", ""}, {OpKind::kPut, "headless", ""}}));
}

TEST(TransactionTest, RaisesTheFormatOfALogThatMayNotHoldIt) {
  const LogFormat first{"12345678-1234-4234-a234-123456789012", 1};
  const Proposal acl{.id = 3,
                     .conditions = {},
                     .operations = {{OpKind::kPut, "a", "1"}},
                     .moves_head = true,
                     .format = kAclLogFormat};
  const auto raising =
      MakeTransaction(acl, EtcdKeys("p/"), {.run = 1, .lease = 0, .format = first});
  ASSERT_TRUE(raising);
  ASSERT_EQ(raising->compare_size(), 1);
  EXPECT_EQ(raising->compare(0).key(), "p/format");
  EXPECT_EQ(raising->compare(0).value(), first.Text());
  ASSERT_EQ(raising->success_size(), 3);
  EXPECT_EQ(raising->success(1).request_put().key(), "p/format");
  EXPECT_EQ(raising->success(1).request_put().value(), "2 " + first.uuid);
  const auto raised =
      MakeTransaction(acl, EtcdKeys("p/"), {.run = 1, .lease = 0, .format = {first.uuid, 2}});
  ASSERT_TRUE(raised);
  EXPECT_EQ(raised->compare_size(), 0);
  EXPECT_EQ(raised->success_size(), 2);
}

TEST(TransactionTest, IsBounded) {
  EXPECT_TRUE(Make(std::vector<Operation>(120, {OpKind::kRemove, "a", ""})));
  EXPECT_FALSE(Make(std::vector<Operation>(121, {OpKind::kRemove, "a", ""})));
  EXPECT_FALSE(Make({{OpKind::kPut, "a", std::string(3 << 19, 'x')}}));
  const Proposal many{.id = 1,
                      .conditions = std::vector<Condition>(121, Condition::Absent("a")),
                      .operations = {},
                      .moves_head = true};
  EXPECT_FALSE(MakeTransaction(many, EtcdKeys("p/"), {.run = 1, .lease = 0, .format = {}}));
}

TEST(TransactionTest, TellsWhatWasRefusedFromWhatNobodyKnows) {
  for (const auto& [code, message] : std::vector<std::pair<RpcCode, std::string>>{
           {RpcCode::kUnavailable, "Socket closed"},
           {RpcCode::kUnavailable, "etcdserver: request timed out"},
           {RpcCode::kDeadlineExceeded, "Deadline Exceeded"},
           {RpcCode::kCancelled, "CANCELLED"},
           {RpcCode::kUnknown, "Stream removed"},
           {RpcCode::kInternal, "Received RST_STREAM"},
           {RpcCode::kResourceExhausted, "Received message larger than max (1 vs. 0)"}}) {
    EXPECT_EQ(Of(code, message).kind, Kind::kUnknown) << message;
  }
  const Outcome space =
      Of(RpcCode::kResourceExhausted, "etcdserver: mvcc: database space exceeded");
  EXPECT_EQ(space.kind, Kind::kRefused);
  EXPECT_EQ(space.error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(space.error.message, HasSubstr("alarm disarm"));
  const Outcome denied = Of(RpcCode::kPermissionDenied, "etcdserver: permission denied");
  EXPECT_EQ(denied.kind, Kind::kRefused);
  EXPECT_EQ(denied.error.code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(Of(RpcCode::kInvalidArgument, "etcdserver: request is too large").error.code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(Of(RpcCode::kUnavailable, "etcdserver: no leader").kind, Kind::kRefused);
  EXPECT_EQ(Of(RpcCode::kNotFound, "etcdserver: requested lease not found").kind, Kind::kRefused);
}

TEST(TransactionTest, TakesAnAnswerWithoutAHead) {
  etcdserverpb::TxnResponse conflict;
  EXPECT_EQ(OutcomeOf({}, conflict).kind, Kind::kConflict);
  conflict.add_responses()->mutable_response_range();
  EXPECT_FALSE(OutcomeOf({}, conflict).index.is_set());
}

TEST(LogFormatTest, ReadsWhatItWrites) {
  uint64_t next = 0x0123456789abcdef;
  const LogFormat made = LogFormat::Make([&] { return next += 0x1111111111111111; });
  const auto parsed = LogFormat::Parse(made.Text());
  ASSERT_TRUE(parsed) << made.Text();
  EXPECT_EQ(parsed->uuid, made.uuid);
  EXPECT_EQ(parsed->number, 1u) << "an older rollcall may use it as long as it knows what it holds";
  const auto second = LogFormat::Parse(LogFormat{made.uuid, 2}.Text());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->uuid, made.uuid);
  EXPECT_EQ(second->number, 2u);
}

TEST(LogFormatTest, KnowsANewerOneFromAnotherPrograms) {
  for (const char* newer : {"3", "3 x", "10 12345678-1234-4234-a234-123456789012"}) {
    const auto parsed = LogFormat::Parse(newer);
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message,
                HasSubstr("newer rollcall, and this one knows those up to 2: upgrade"))
        << newer;
  }
  for (const char* other :
       {"", "1", "1 ", "1 x", "x", "-1 y", "2", "2 x", "0 12345678-1234-4234-a234-123456789012",
        "02 12345678-1234-4234-a234-123456789012", "1  12345678-1234-4234-a234-1234567890",
        "1 12345678-1234-4234-a234-12345678901X", "99999999999999999999 x"}) {
    const auto parsed = LogFormat::Parse(other);
    ASSERT_FALSE(parsed) << other;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message, HasSubstr("not rollcall's")) << other;
  }
}

}  // namespace
}  // namespace rollcall::store
