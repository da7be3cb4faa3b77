#include "registry/jwt/base64url.h"

#include <gtest/gtest.h>

#include <random>

namespace rollcall::jwt {
namespace {

// RFC 4648 section 10, without padding, and RFC 7515 appendix C.
TEST(Base64UrlTest, HasTheFormOfTheRfc) {
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg"},
                                    {"fo", "Zm8"},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg"},
                                    {"fooba", "Zm9vYmE"}}) {
    EXPECT_EQ(EncodeBase64Url(bytes), text);
    EXPECT_EQ(DecodeBase64Url(text), bytes);
  }
  const std::string octets("\x03\xec\xff\xe0\xc1", 5);
  EXPECT_EQ(EncodeBase64Url(octets), "A-z_4ME");
  EXPECT_EQ(DecodeBase64Url("A-z_4ME"), octets);
}

TEST(Base64UrlTest, AnyBytesComeBack) {
  std::mt19937 random(1);
  for (size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_EQ(DecodeBase64Url(EncodeBase64Url(bytes)), bytes);
  }
}

TEST(Base64UrlTest, TakesNoOtherWritingOfTheSameBytes) {
  for (const char* text : {"Zg==", "Zg=", "Zh", "Zm9", "Zm8 ", " Zm8", "Zm\n8", "Zm9v\n", "A+z/4ME",
                           "Z", "Zm9vY", "Zm8.", "Zm8\xc3\xa9"}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace rollcall::jwt
