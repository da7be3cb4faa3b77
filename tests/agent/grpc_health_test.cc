#include "agent/probe/grpc_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::probe {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

std::string Message(const std::string& fields) {
  return "\0\0\0\0"s + static_cast<char>(fields.size()) + fields;
}

TEST(GrpcHealthTest, RequestNamesItsService) {
  EXPECT_EQ(HealthCheckRequest(""), "\0\0\0\0\0"s);
  EXPECT_EQ(HealthCheckRequest("db"), "\0\0\0\0\x04\x0a\x02"s + "db");
  // 300 = 0b10'0101100, in two bytes; with the tag and these, 303 = 0x12f.
  EXPECT_EQ(HealthCheckRequest(std::string(300, 'x')),
            "\0\0\0\x01\x2f\x0a\xac\x02"s + std::string(300, 'x'));
}

TEST(GrpcHealthTest, StatusIsRead) {
  const struct {
    const char* what;
    std::string fields;
    uint64_t expected;
  } table[] = {
      {"left out", "", 0},
      {"unknown", "\x08\x00"s, 0},
      {"serving", "\x08\x01"s, 1},
      {"not serving", "\x08\x02"s, 2},
      {"no service of that name", "\x08\x03"s, 3},
      {"the last one counts", "\x08\x01\x08\x02"s, 2},
      {"more bytes than it needs", "\x08\x81\x80\x00"s, 1},
      {"the largest number", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, UINT64_MAX},
      {"not cut to 32 bits", "\x08\x81\x80\x80\x80\x10"s, (1ULL << 32) + 1},
      {"behind other fields", "\x10\x05\x1a\x02hi\x21\1\2\3\4\5\6\7\x08\x2d\1\2\3\4\x08\x01"s, 1},
      {"before other fields", "\x08\x01\x1a\x00"s, 1},
      {"of a type that it does not have", "\x0a\x01\x01"s, 0},
  };
  for (const auto& row : table) {
    const Result<uint64_t> status = ReadHealthCheckResponse(Message(row.fields));
    ASSERT_TRUE(status) << row.what;
    EXPECT_EQ(*status, row.expected) << row.what;
  }
}

TEST(GrpcHealthTest, MalformedFieldsAreRefused) {
  const struct {
    const char* what;
    std::string fields;
  } table[] = {
      {"a tag without a value", "\x08"s},
      {"a tag that does not end", "\x88"s},
      {"a number that does not end", "\x08\x80"s},
      {"a number of eleven bytes", "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"s},
      {"a number of more than 64 bits", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s},
      {"field 0", "\x00\x01"s},
      {"a field number beyond 2^29", "\x80\x80\x80\x80\x10\x01"s},
      {"a text longer than the message", "\x12\x05hi"s},
      {"a text of 2^64-1 bytes", "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s},
      {"a text without a length", "\x12"s},
      {"seven of eight bytes", "\x11\1\2\3\4\5\6\7"s},
      {"three of four bytes", "\x15\1\2\3"s},
      {"a group", "\x13\x14"s},
      {"wire type 6", "\x16\x01"s},
      {"wire type 7", "\x17\x01"s},
      {"an end after a good status", "\x08\x01\x08"s},
  };
  for (const auto& row : table) {
    const Result<uint64_t> status = ReadHealthCheckResponse(Message(row.fields));
    ASSERT_FALSE(status) << row.what;
    EXPECT_EQ(status.error().message, "the answer is not a HealthCheckResponse") << row.what;
  }
}

TEST(GrpcHealthTest, BodyIsExactlyOneMessage) {
  const struct {
    std::string body;
    const char* expected;
  } table[] = {
      {"", "no message"},
      {"\0\0\0\0"s, "cut short"},
      {"\0\0\0\0\x03\x08\x01"s, "cut short"},
      {"\0\xff\xff\xff\xff\x08\x01"s, "cut short"},
      {"\0\0\0\0\x02\x08\x01\0"s, "more than one message"},
      {Message("\x08\x01") + Message("\x08\x01"), "more than one message"},
      {"\x01\0\0\0\x02\x08\x01"s, "compressed"},
  };
  for (const auto& row : table) {
    const Result<uint64_t> status = ReadHealthCheckResponse(row.body);
    ASSERT_FALSE(status) << row.expected;
    EXPECT_THAT(status.error().message, HasSubstr(row.expected));
  }
}

// Each cut of a good answer, and each byte of it changed to each other: an answer or an error, and
// no byte read that is not there (under the sanitizers).
TEST(GrpcHealthTest, EveryCutAndEveryChangedByteIsSurvived) {
  const std::string good = Message("\x10\x05\x1a\x02hi\x21\1\2\3\4\5\6\7\x08\x2d\1\2\3\4\x08\x01"s);
  for (size_t size = 0; size < good.size(); ++size) {
    const std::string cut(good.data(), size);
    EXPECT_FALSE(ReadHealthCheckResponse(cut)) << size;
  }
  int answers = 0;
  for (size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = good;
      changed[at] = static_cast<char>(byte);
      if (ReadHealthCheckResponse(changed)) ++answers;
    }
  }
  EXPECT_GT(answers, 0);
}

TEST(GrpcHealthTest, StatusesHaveNames) {
  EXPECT_EQ(ServingStatusName(0), "UNKNOWN");
  EXPECT_EQ(ServingStatusName(1), "SERVING");
  EXPECT_EQ(ServingStatusName(2), "NOT_SERVING");
  EXPECT_EQ(ServingStatusName(3), "SERVICE_UNKNOWN");
  EXPECT_EQ(ServingStatusName(4), "status 4");
  EXPECT_EQ(ServingStatusName(UINT64_MAX), "status 18446744073709551615");
}

}  // namespace
}  // namespace rollcall::probe
