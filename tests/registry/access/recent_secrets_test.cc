#include "registry/access/recent_secrets.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rollcall::acl {
namespace {

using namespace std::string_literals;

class RecentSecretsTest : public testing::Test {
 protected:
  void Keep(const std::string& secret) { recent_.Keep(secret, DigestOf(secret)); }
  bool Has(const std::string& secret) const { return recent_.Find(secret) != nullptr; }
  // How many are there still, after all were kept in their order. None has the digest of another.
  size_t LeftOf(const std::vector<std::string>& secrets) {
    for (const std::string& secret : secrets) Keep(secret);
    size_t left = 0;
    for (const std::string& secret : secrets) {
      const SecretDigest* const digest = recent_.Find(secret);
      if (digest == nullptr) continue;
      EXPECT_EQ(*digest, DigestOf(secret)) << secret;
      ++left;
    }
    return left;
  }

  RecentSecrets recent_;
};

TEST_F(RecentSecretsTest, NothingIsThereAtFirst) {
  EXPECT_FALSE(Has(""));
  EXPECT_FALSE(Has("\0"s));
  EXPECT_FALSE(Has(std::string(RecentSecrets::kMaxBytes, '\0')));
  EXPECT_FALSE(Has("0f9a1e4b-5a0c-4a6b-9d51-3c1f0a9be7d2"));
}

TEST_F(RecentSecretsTest, OnlyTheWholeOfWhatWasKeptIsFound) {
  const std::string secret = *RandomUuid();
  Keep(secret);
  ASSERT_TRUE(Has(secret));
  EXPECT_EQ(*recent_.Find(secret), DigestOf(secret));
  for (size_t i = 0; i < secret.size(); ++i) {
    std::string other = secret;
    other[i] = other[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(Has(other)) << other;
    EXPECT_FALSE(Has(secret.substr(0, i)));
  }
  for (size_t more = 1; more <= 5; ++more) {
    EXPECT_FALSE(Has(secret + std::string(more, '\0')));
    EXPECT_FALSE(Has(secret + std::string(more, static_cast<char>(secret.size()))));
  }
}

TEST_F(RecentSecretsTest, LongOnesAndNoneAreNotKept) {
  const std::string longest(RecentSecrets::kMaxBytes, 'x');
  for (const std::string& secret : {""s, longest + "x", std::string(1 << 20, 'x')}) {
    Keep(secret);
    EXPECT_FALSE(Has(secret));
  }
  Keep(longest);
  EXPECT_TRUE(Has(longest));
}

TEST_F(RecentSecretsTest, TheNextOneOfAPlaceTakesIt) {
  std::vector<std::string> secrets;
  for (size_t i = 0; i < 20 * RecentSecrets::kPlaces; ++i) secrets.push_back(*RandomUuid());
  EXPECT_LE(LeftOf(secrets), RecentSecrets::kPlaces);
  EXPECT_TRUE(Has(secrets.back()));
}

// At random 63 % of as many as there are places have one in the end.
TEST_F(RecentSecretsTest, AlsoThoseThatAreAlikeAreSpread) {
  constexpr size_t kCount = RecentSecrets::kPlaces;
  std::vector<std::string> alike_at_the_end;
  std::vector<std::string> alike_in_front;
  for (size_t i = 0; i < kCount; ++i) {
    const std::string number = std::to_string(100000 + i);
    alike_at_the_end.push_back(number + "-of-the-platform-team-in-dc1");
    alike_in_front.push_back("dc1-platform-team-secret-" + number);
  }
  EXPECT_GT(LeftOf(alike_at_the_end), kCount / 2);
  EXPECT_GT(LeftOf(alike_in_front), kCount / 2);
}

}  // namespace
}  // namespace rollcall::acl
