#include "registry/acl/objects/secrets.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "registry/model/records.h"

namespace rollcall::acl {
namespace {

TEST(SecretsTest, IdsAreUuidsInLowerCaseAndNeverTheSame) {
  std::set<std::string> seen;
  std::set<char> versions;
  for (int i = 0; i < 1000; ++i) {
    const auto uuid = RandomUuid();
    ASSERT_TRUE(uuid);
    EXPECT_TRUE(model::IsUuid(*uuid)) << *uuid;
    EXPECT_EQ(uuid->find_first_of("ABCDEF"), std::string::npos) << *uuid;
    EXPECT_TRUE(seen.insert(*uuid).second) << *uuid;
    versions.insert((*uuid)[14]);
  }
  EXPECT_EQ(versions.size(), 16U) << "all 128 bits are random";
}

// FIPS 180-4's example, and one by sha256sum.
TEST(SecretsTest, AHashIsSha256InHex) {
  EXPECT_EQ(HashSecret("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashSecret(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_NE(HashSecret("ABC"), HashSecret("abc"));
  EXPECT_NE(HashSecret(std::string("abc\0", 4)), HashSecret("abc"));
}

TEST(SecretsTest, KnowsAHashByItsForm) {
  const std::string hash = HashSecret("abc");
  EXPECT_TRUE(IsSecretHash(hash));
  EXPECT_FALSE(IsSecretHash(hash.substr(1)));
  EXPECT_FALSE(IsSecretHash(hash + "0"));
  EXPECT_FALSE(IsSecretHash("B" + hash.substr(1)));
  EXPECT_FALSE(IsSecretHash("g" + hash.substr(1)));
  EXPECT_FALSE(IsSecretHash(""));
}

}  // namespace
}  // namespace rollcall::acl
