#include "registry/acl/objects/id_conflicts.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "registry/acl/objects/secrets.h"

namespace rollcall::acl {
namespace {

constexpr const char* kAccessorInUse = "Invalid Token: AccessorID is already in use";
constexpr const char* kSecretInUse = "Invalid Token: SecretID is already in use";

constexpr const char* kOldAccessor = "aaaaaaaa-0000-4000-8000-00000000000a";
constexpr const char* kOldSecret = "bbbbbbbb-0000-4000-8000-00000000000b";
constexpr const char* kOldSecretInCapitals = "CCCCCCCC-0000-4000-8000-00000000000C";
constexpr const char* kFree = "dddddddd-0000-4000-8000-00000000000d";
constexpr const char* kAlsoFree = "eeeeeeee-0000-4000-8000-00000000000e";

// What is said of a new token with these IDs, beside tokens that have the old ones.
std::string WordsFor(const std::string& accessor, const std::string& secret) {
  const std::set<std::string, std::less<>> accessors = {kOldAccessor};
  const std::set<std::string, std::less<>> hashes = {HashSecret(kOldSecret),
                                                     HashSecret(kOldSecretInCapitals)};
  TokenAndSecret made;
  made.token.accessor_id = accessor;
  made.token.secret_hash = HashSecret(secret);
  made.secret = secret;
  const Result<void> free =
      CheckIdsAreFree(made, {[&](std::string_view id) { return accessors.contains(id); },
                             [&](std::string_view hash) { return hashes.contains(hash); }});
  if (free) return "";
  EXPECT_EQ(free.error().code, ErrorCode::kInvalidArgument);
  return free.error().message;
}

TEST(IdConflictsTest, WhatNobodyHasIsFree) { EXPECT_EQ(WordsFor(kFree, kAlsoFree), ""); }

TEST(IdConflictsTest, AnAccessorIsNobodysAccessorOrSecret) {
  EXPECT_EQ(WordsFor(kOldAccessor, kFree), kAccessorInUse);
  EXPECT_EQ(WordsFor(kOldSecret, kFree), kAccessorInUse);
  EXPECT_EQ(WordsFor("cccccccc-0000-4000-8000-00000000000c", kFree), kAccessorInUse);
}

TEST(IdConflictsTest, ASecretIsNobodysSecretOrAccessor) {
  EXPECT_EQ(WordsFor(kFree, kOldSecret), kSecretInUse);
  EXPECT_EQ(WordsFor(kFree, kOldSecretInCapitals), kSecretInUse);
  EXPECT_EQ(WordsFor(kFree, kOldAccessor), kSecretInUse);
  EXPECT_EQ(WordsFor(kFree, "AAAAAAAA-0000-4000-8000-00000000000A"), kSecretInUse)
      << "who knows the accessor would find it soon";
  EXPECT_EQ(WordsFor(kFree, "BBBBBBBB-0000-4000-8000-00000000000B"), "")
      << "of secrets the case matters";
}

}  // namespace
}  // namespace rollcall::acl
