#include "registry/pki/private_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::pki {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class PrivateKeyTest : public testing::Test {
 protected:
  // What the real `openssl` writes to its standard output.
  std::string Openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    const e2e::Finished made = e2e::RunToEnd({.argv = std::move(arguments),
                                              .output_path = dir_.File("out"),
                                              .error_path = dir_.File("err")});
    EXPECT_EQ(made.code, 0) << made.errors;
    return made.output;
  }

  const e2e::TempDir dir_;
};

TEST_F(PrivateKeyTest, ANewOneIsOnP256AndIsReadBackAsItWas) {
  const Result<PrivateKey> key = PrivateKey::Generate();
  ASSERT_TRUE(key);
  const Result<std::string> pem = key->ToPem();
  ASSERT_TRUE(pem);
  EXPECT_THAT(*pem, StartsWith("-----BEGIN EC PRIVATE KEY-----\n"));
  EXPECT_THAT(*pem, EndsWith("\n-----END EC PRIVATE KEY-----\n"));
  const Result<PrivateKey> again = PrivateKey::FromPem(*pem);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(EVP_PKEY_eq(key->get(), again->get()), 1);
  const std::string text = Openssl({"pkey", "-in", dir_.Write("key", *pem), "-noout", "-text"});
  EXPECT_THAT(text, HasSubstr("NIST CURVE: P-256"));
}

TEST_F(PrivateKeyTest, NoTwoAreTheSame) {
  EXPECT_NE(*PrivateKey::Generate()->ToPem(), *PrivateKey::Generate()->ToPem());
}

TEST_F(PrivateKeyTest, TakesEveryKindAndFormThatOpensslWrites) {
  const std::vector<std::string> commands[] = {
      {"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
      {"genpkey", "-algorithm", "ED25519"},
      {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
      {"ecparam", "-name", "prime256v1",
       "-genkey"},  // the curve comes first, as a block of its own
      {"genrsa", "-traditional", "2048"},
  };
  for (const std::vector<std::string>& command : commands) {
    const Result<PrivateKey> key = PrivateKey::FromPem(Openssl(command));
    EXPECT_TRUE(key) << command[0] << " " << command[2] << ": " << key.error().message;
  }
}

TEST_F(PrivateKeyTest, RefusesAnEncryptedOneAndSaysWhatToDo) {
  const std::string plain = dir_.Write("plain", *PrivateKey::Generate()->ToPem());
  const std::string pkcs8 =
      Openssl({"pkcs8", "-topk8", "-in", plain, "-passout", "pass:secret", "-v2", "aes-256-cbc"});
  ASSERT_THAT(pkcs8, StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY"));
  const std::string sec1 = Openssl({"ec", "-in", plain, "-aes256", "-passout", "pass:secret"});
  ASSERT_THAT(sec1, HasSubstr("Proc-Type: 4,ENCRYPTED"));
  for (const std::string& pem : {pkcs8, sec1}) {
    const Result<PrivateKey> key = PrivateKey::FromPem(pem);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(key.error().message, HasSubstr("the key is encrypted"));
    EXPECT_THAT(key.error().message, HasSubstr("openssl pkey"));
  }
}

TEST_F(PrivateKeyTest, RefusesWhatIsNoKey) {
  const std::string plain = *PrivateKey::Generate()->ToPem();
  const std::string public_key = Openssl({"pkey", "-in", dir_.Write("k", plain), "-pubout"});
  std::string damaged = plain;
  damaged.replace(60, 8, "????????");
  for (const std::string& pem :
       {std::string(), std::string("nonsense"), public_key, damaged,
        plain.substr(0, plain.size() / 2), std::string(1'000'000, '\0'),
        std::string("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
        std::string("-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n")}) {
    const Result<PrivateKey> key = PrivateKey::FromPem(pem);
    ASSERT_FALSE(key) << pem.substr(0, 100);
    EXPECT_EQ(key.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(key.error().message, HasSubstr("no private key in it"));
  }
}

}  // namespace
}  // namespace rollcall::pki
