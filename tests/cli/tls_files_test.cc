// What `rollcall tls` does with files: their names and modes, and what is there already.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/cli/tls_fixture.h"

namespace rollcall::cli {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class TlsFilesTest : public TlsFixture {};

TEST_F(TlsFilesTest, EachNewOneTakesTheFirstFreeNumber) {
  ASSERT_EQ(CreateCa().code, 0);
  ASSERT_EQ(CreateCert({"--client"}).code, 0);
  const std::string first = Text("dc1-client-consul-0.pem");
  files_.Write("dc1-client-consul-1-key.pem", "precious");
  files_.Write("dc1-client-consul-2.pem", "precious");
  ASSERT_EQ(symlink("nowhere", files_.File("dc1-client-consul-3.pem").c_str()), 0);
  ASSERT_EQ(symlink("nowhere", files_.File("dc1-client-consul-4-key.pem").c_str()), 0);
  const e2e::Finished made = CreateCert({"--client"});
  EXPECT_EQ(made.code, 0) << made.errors;
  EXPECT_THAT(made.output, EndsWith("==> Saved dc1-client-consul-5.pem\n"
                                    "==> Saved dc1-client-consul-5-key.pem\n"));
  EXPECT_EQ(Text("dc1-client-consul-0.pem"), first);
  EXPECT_EQ(Text("dc1-client-consul-1-key.pem"), "precious");
  EXPECT_EQ(Text("dc1-client-consul-2.pem"), "precious");
  EXPECT_THAT(Files(), ElementsAre("consul-agent-ca-key.pem", "consul-agent-ca.pem",
                                   "dc1-client-consul-0-key.pem", "dc1-client-consul-0.pem",
                                   "dc1-client-consul-1-key.pem", "dc1-client-consul-2.pem",
                                   "dc1-client-consul-3.pem", "dc1-client-consul-4-key.pem",
                                   "dc1-client-consul-5-key.pem", "dc1-client-consul-5.pem"));
}

TEST_F(TlsFilesTest, SeveralAtOnceNeverShareAFile) {
  ASSERT_EQ(CreateCa().code, 0);
  const e2e::Finished all =
      Run({}, "for i in 1 2 3 4 5 6; do \"$0\" tls cert create --client & done; wait; exit 0;");
  EXPECT_EQ(all.code, 0) << all.errors;
  EXPECT_THAT(all.errors, IsEmpty());
  EXPECT_EQ(Files().size(), 2u + 2 * 6) << testing::PrintToString(Files());
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(KeyFits("dc1-client-consul-" + std::to_string(i))) << i;
  }
}

TEST_F(TlsFilesTest, AnAuthorityIsNeverOverwritten) {
  const auto refused = [&](const std::string& file) {
    const e2e::Finished result = CreateCa();
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.output, IsEmpty());
    EXPECT_EQ(
        result.errors,
        "rollcall: " + file + " is there already, and is never overwritten; move it away first\n");
    EXPECT_THAT(Files(), ElementsAre(file));
  };
  files_.Write("consul-agent-ca.pem", "precious");
  refused("consul-agent-ca.pem");
  EXPECT_EQ(Text("consul-agent-ca.pem"), "precious");
  unlink(files_.File("consul-agent-ca.pem").c_str());
  // The certificate, which could have been written, is not left alone there.
  files_.Write("consul-agent-ca-key.pem", "precious");
  refused("consul-agent-ca-key.pem");
  EXPECT_EQ(Text("consul-agent-ca-key.pem"), "precious");
}

TEST_F(TlsFilesTest, AKeyGoesThroughNoLink) {
  const std::string elsewhere = dir_.File("elsewhere");
  const std::string link = files_.File("consul-agent-ca-key.pem");
  ASSERT_EQ(symlink(elsewhere.c_str(), link.c_str()), 0);
  const e2e::Finished result = CreateCa();
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("consul-agent-ca-key.pem is there already"));
  EXPECT_FALSE(std::filesystem::exists(elsewhere));
  EXPECT_THAT(Files(), ElementsAre("consul-agent-ca-key.pem"));
}

TEST_F(TlsFilesTest, ModesAreTheSameWhateverTheUmaskIs) {
  for (const char* mask : {"0", "022", "077", "0777"}) {
    const std::string before = std::string("umask ") + mask + ";";
    const std::string domain = std::string("m") + mask;
    EXPECT_EQ(Run({"ca", "create", "--domain", domain}, before).code, 0) << mask;
    EXPECT_EQ(Mode(domain + "-agent-ca.pem"), 0644u) << mask;
    EXPECT_EQ(Mode(domain + "-agent-ca-key.pem"), 0600u) << mask;
    EXPECT_EQ(Run({"cert", "create", "--server", "--domain", domain}, before).code, 0) << mask;
    EXPECT_EQ(Mode("dc1-server-" + domain + "-0.pem"), 0644u) << mask;
    EXPECT_EQ(Mode("dc1-server-" + domain + "-0-key.pem"), 0600u) << mask;
  }
}

TEST_F(TlsFilesTest, WhatCannotBeWrittenWholeIsNotThere) {
  ASSERT_EQ(CreateCa().code, 0);
  const Words before = Files();
  // A disk that takes a block of 512 bytes: the key fits, the certificate does not.
  const e2e::Finished full = Run({"cert", "create", "--client"}, "trap '' XFSZ; ulimit -f 1;");
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(full.errors, "rollcall: cannot write dc1-client-consul-0.pem: File too large\n");
  EXPECT_EQ(Files(), before);
  const e2e::Finished none = Run({"cert", "create", "--client"}, "trap '' XFSZ; ulimit -f 0;");
  EXPECT_EQ(none.code, 1);
  EXPECT_EQ(Files(), before);
}

}  // namespace
}  // namespace rollcall::cli
