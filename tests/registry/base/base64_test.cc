#include "registry/base/base64.h"

#include <gtest/gtest.h>

namespace rollcall {
namespace {

// RFC 4648 section 10.
TEST(Base64Test, EncodesTheExamplesOfTheRfc) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foo"), "Zm9v");
  EXPECT_EQ(EncodeBase64("foob"), "Zm9vYg==");
  EXPECT_EQ(EncodeBase64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(EncodeBase64("foobar"), "Zm9vYmFy");
}

TEST(Base64Test, EncodesAnyByte) {
  EXPECT_EQ(EncodeBase64(std::string_view("\x00\xff\xfb\xef\xbe", 5)), "AP/7774=");
}

}  // namespace
}  // namespace rollcall
