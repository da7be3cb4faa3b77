#include "api/http/target.h"

#include <gtest/gtest.h>

#include <random>

namespace rollcall::http {
namespace {

std::string Decode(std::string_view text, PlusSign plus) {
  std::string out;
  AppendDecoded(text, plus, out);
  return out;
}

TEST(TargetTest, SplitsEveryForm) {
  struct Case {
    std::string_view target, path, query;
  };
  for (const Case& c : {
           Case{"/", "/", ""},
           Case{"/v1/catalog/nodes", "/v1/catalog/nodes", ""},
           Case{"/v1/x?a=1&b", "/v1/x", "a=1&b"},
           Case{"/v1/x?", "/v1/x", ""},
           Case{"/v1/x?a=b?c", "/v1/x", "a=b?c"},
           Case{"//host/x", "//host/x", ""},
           Case{"http://host:8500/v1/x?y", "/v1/x", "y"},
           Case{"HTTPS://host/v1/x", "/v1/x", ""},
           Case{"http://host", "/", ""},
           Case{"http://host?y", "/", "y"},
           Case{"*", "*", ""},
       }) {
    const Result<TargetParts> parts = SplitTarget(c.target);
    ASSERT_TRUE(parts) << c.target;
    EXPECT_EQ(parts->path, c.path) << c.target;
    EXPECT_EQ(parts->query, c.query) << c.target;
  }
}

TEST(TargetTest, RefusesBadEscapesAndOtherForms) {
  for (const std::string_view target : {"/a%", "/a%2", "/a%zz", "/a%2g", "/?x=%", "/?x=%4", "/%%41",
                                        "host:80", "v1/x", "?x", "", "*?x", "ftp://host/x"}) {
    EXPECT_FALSE(SplitTarget(target)) << target;
  }
}

TEST(TargetTest, DecodesEscapesAndPlusByContext) {
  EXPECT_EQ(Decode("a%2Fb%2fc", PlusSign::kLiteral), "a/b/c");
  EXPECT_EQ(Decode("a+b%2B", PlusSign::kLiteral), "a+b+");
  EXPECT_EQ(Decode("a+b%2B", PlusSign::kSpace), "a b+");
  EXPECT_EQ(Decode("%00", PlusSign::kSpace), std::string(1, '\0'));
  EXPECT_EQ(Decode("%C3%A9%ff", PlusSign::kSpace), "\xC3\xA9\xFF");
  EXPECT_EQ(Decode("%2541", PlusSign::kSpace), "%41");  // once, not until nothing is left
}

TEST(TargetTest, RandomBytesAreSplitOrRefused) {
  std::mt19937 random(1);
  constexpr std::string_view kAlphabet = "/?%&=+09afAF:*httphttps://";
  size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string target = round % 2 == 0 ? "/" : "";
    for (size_t n = random() % 24; n > 0; --n) {
      const bool any = random() % 8 == 0;
      target.push_back(any ? static_cast<char>(random() % 256)
                           : kAlphabet[random() % kAlphabet.size()]);
    }
    const Result<TargetParts> parts = SplitTarget(target);
    if (!parts) continue;
    ++accepted;
    EXPECT_TRUE(parts->path.starts_with('/') || parts->path == "*") << target;
    EXPECT_LE(Decode(parts->path, PlusSign::kLiteral).size(), parts->path.size());
    EXPECT_LE(Decode(parts->query, PlusSign::kSpace).size(), parts->query.size());
  }
  EXPECT_GT(accepted, 1000u);
}

}  // namespace
}  // namespace rollcall::http
