#include "registry/store/etcd/head_token.h"

#include <gtest/gtest.h>

#include <limits>

namespace rollcall::store {
namespace {

TEST(HeadTokenTest, ReadsWhatItWrites) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  for (const HeadToken& each :
       {HeadToken{0, 0}, HeadToken{1, 2}, HeadToken{0xabcdef, 1000}, HeadToken{kMost, kMost}}) {
    EXPECT_EQ(HeadToken::Parse(each.Text()), each) << each.Text();
  }
  EXPECT_EQ((HeadToken{0xabc, 17}.Text()), "0000000000000abc-17");
}

TEST(HeadTokenTest, KnowsWhatNoServerWrites) {
  for (const char* each :
       {"", "-", "0000000000000abc", "0000000000000abc-", "0000000000000abc-x",
        "0000000000000abc-1 ", "0000000000000abc-+1", "0000000000000abc--1", "0000000000000abc-01",
        "0000000000000ABC-1", "000000000000abc-1", "00000000000000abc-1", "0x00000000000abc-1",
        "0000000000000xyz-1", "0000000000000abc-18446744073709551616"}) {
    EXPECT_FALSE(HeadToken::Parse(each)) << each;
  }
}

}  // namespace
}  // namespace rollcall::store
