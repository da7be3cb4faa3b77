#include "registry/base/sha256_hasher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace rollcall {
namespace {

std::string HexOf(const Sha256Hasher::Digest& digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// FIPS 180-2, appendix B, and NIST's vector of the empty text.
constexpr const char* kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kOfAMillion =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256HasherTest, KnownTextsOneAfterAnother) {
  Sha256Hasher hasher;
  EXPECT_EQ(HexOf(hasher.Finish()), kOfNothing);
  hasher.Add("abc");
  const Sha256Hasher::Digest of_abc = hasher.Finish();
  EXPECT_EQ(HexOf(of_abc), kOfAbc);
  EXPECT_EQ(HexOf(hasher.Finish()), kOfNothing);
  hasher.Add("abc");
  EXPECT_EQ(hasher.FinishAsText(), std::string(of_abc.begin(), of_abc.end()));
}

TEST(Sha256HasherTest, PiecesAreOneText) {
  Sha256Hasher hasher;
  hasher.Add("a");
  hasher.Add("");
  hasher.Add("bc");
  EXPECT_EQ(HexOf(hasher.Finish()), kOfAbc);
  const std::string thousand(1000, 'a');
  for (int i = 0; i < 1000; ++i) hasher.Add(thousand);
  EXPECT_EQ(HexOf(hasher.Finish()), kOfAMillion);
}

TEST(Sha256HasherTest, MovesWithWhatWasAdded) {
  Sha256Hasher first;
  first.Add("ab");
  Sha256Hasher second = std::move(first);
  second.Add("c");
  EXPECT_EQ(HexOf(second.Finish()), kOfAbc);
}

}  // namespace
}  // namespace rollcall
