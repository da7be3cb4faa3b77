// Files that a server cannot use: each is named, with the reason.
#include "api/http/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/e2e/harness/certificates.h"

namespace rollcall::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class TlsContextTest : public testing::Test {
 protected:
  TlsFiles Files() const { return {server_.certificate, server_.key, "", false}; }

  // That it is refused in one line that begins with `file` and has `why` in it.
  void ExpectRefused(const TlsFiles& files, const std::string& file, const std::string& why) const {
    const auto context = TlsContext::Load(files, clock_);
    ASSERT_FALSE(context) << why;
    EXPECT_THAT(context.error().message,
                AllOf(StartsWith(file + ": "), HasSubstr(why), Not(HasSubstr("\n"))));
  }

  const SteadyClock clock_{};
  const e2e::TempDir dir_;
  const e2e::Authority authority_{dir_};
  const e2e::KeyPair server_ = authority_.SignServer();
};

TEST_F(TlsContextTest, KnowsWhenTheCertificateEnds) {
  const auto context = TlsContext::Load(Files(), clock_);
  ASSERT_TRUE(context) << context.error().message;
  const auto left = (*context)->not_after() - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::hours(47));
  EXPECT_LE(left, std::chrono::hours(48));
}

TEST_F(TlsContextTest, ClientsAreNotVerifiedByNobody) {
  TlsFiles files = Files();
  files.verify_clients = true;
  const auto context = TlsContext::Load(files, clock_);
  ASSERT_FALSE(context);
  EXPECT_THAT(context.error().message, HasSubstr("without authorities"));
}

TEST_F(TlsContextTest, FilesThatCannotBeReadAreNamed) {
  const std::string missing = dir_.File("missing.pem");
  TlsFiles files = Files();
  files.certificate = missing;
  ExpectRefused(files, missing, "No such file");
  files = Files();
  files.key = missing;
  ExpectRefused(files, missing, "No such file");
  files = Files();
  files.authorities = missing;
  ExpectRefused(files, missing, "No such file");
  files.certificate = dir_.path();
  ExpectRefused(files, dir_.path(), "not a regular file");
  files.certificate = "/dev/zero";
  ExpectRefused(files, "/dev/zero", "not a regular file");
}

// A reload that waited for somebody to write into it would be the last one.
TEST_F(TlsContextTest, PipeIsRefusedAndNotWaitedFor) {
  const std::string pipe = dir_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  TlsFiles files = Files();
  files.certificate = pipe;
  ExpectRefused(files, pipe, "not a regular file");
  files = Files();
  files.key = pipe;
  ExpectRefused(files, pipe, "not a regular file");
  files = Files();
  files.authorities = pipe;
  ExpectRefused(files, pipe, "not a regular file");
}

TEST_F(TlsContextTest, FilesThatHoldSomethingElseAreNamed) {
  const std::string text = dir_.Write("text", "hello\n");
  const std::string broken =
      dir_.Write("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  TlsFiles files = Files();
  files.certificate = text;
  ExpectRefused(files, text, "no certificate");
  files.certificate = server_.key;
  ExpectRefused(files, server_.key, "no certificate");
  files.certificate = broken;
  ExpectRefused(files, broken, "damaged");
  // The first one is good: what is behind it counts, too.
  const std::string half =
      dir_.Write("half", e2e::ReadFile(server_.certificate) + e2e::ReadFile(broken));
  files.certificate = half;
  ExpectRefused(files, half, "damaged");
  files = Files();
  files.key = text;
  ExpectRefused(files, text, "no private key");
  files.key = server_.certificate;
  ExpectRefused(files, server_.certificate, "no private key");
  files = Files();
  files.authorities = text;
  ExpectRefused(files, text, "no certificate");
  files.authorities = dir_.Write("empty", "");
  ExpectRefused(files, files.authorities, "no certificate");
}

TEST_F(TlsContextTest, KeyOfAnotherCertificateIsRefused) {
  TlsFiles files = Files();
  files.key = authority_.SignServer("other").key;
  ExpectRefused(files, files.key, "not that of the certificate in " + server_.certificate);
}

TEST_F(TlsContextTest, EncryptedKeyIsRefusedAndNobodyIsAsked) {
  TlsFiles files = Files();
  files.key = dir_.File("encrypted.key");
  e2e::Openssl(
      dir_, {"pkey", "-in", server_.key, "-aes256", "-passout", "pass:secret", "-out", files.key});
  ExpectRefused(files, files.key, "encrypted");
}

TEST_F(TlsContextTest, CertificateThatHasExpiredIsRefused) {
  const e2e::KeyPair expired =
      authority_.Sign({.name = "expired", .subject = "/CN=expired", .days = -1});
  ExpectRefused({expired.certificate, expired.key, "", false}, expired.certificate, "expired on 2");
}

TEST_F(TlsContextTest, KeyThatIsTooShortIsRefused) {
  const std::string certificate = dir_.File("short.pem");
  const std::string key = dir_.File("short.key");
  e2e::Openssl(dir_, {"req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", key, "-out",
                      certificate, "-subj", "/CN=short", "-days", "2"});
  ExpectRefused({certificate, key, "", false}, certificate, "key too small");
}

TEST_F(TlsContextTest, KeyInFrontOfItsCertificateInOneFileIsFine) {
  const std::string both =
      dir_.Write("both", e2e::ReadFile(server_.key) + e2e::ReadFile(server_.certificate) +
                             e2e::ReadFile(authority_.file()));
  EXPECT_TRUE(TlsContext::Load({both, both, "", false}, clock_));
}

}  // namespace
}  // namespace rollcall::http
