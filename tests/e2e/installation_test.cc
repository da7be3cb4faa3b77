// What `cmake --install` puts in place works there, and systemd understands its units.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class InstallationTest : public testing::Test {
 protected:
  Finished Run(std::vector<std::string> argv) const {
    return RunToEnd({.argv = std::move(argv), .output_path = dir_.File("out")});
  }

  // What systemd says of our units. It may have other things to say of the host's.
  std::string Verify() const {
    const Finished verified = Run({"systemd-analyze", "verify", server_unit_, agent_unit_});
    EXPECT_NE(verified.code, 127) << "systemd-analyze is missing";
    return verified.output;
  }

  // Whether a unit is sandboxed as well as it can be: of ten, systemd says how exposed it is.
  bool IsSandboxed(const std::string& unit) const {
    return Run({"systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20",
                unit})
               .code == 0;
  }
  void ExpectSandboxed(const std::string& unit) const {
    EXPECT_TRUE(IsSandboxed(unit)) << unit;
    const std::string text = ReadFile(unit);
    for (const char* line :
         {"NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes", "LimitCORE=0",
          "PrivateTmp=yes", "ProtectHome=yes", "MemoryDenyWriteExecute=yes",
          "CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "SystemCallFilter=@system-service"}) {
      EXPECT_THAT(text, HasSubstr(std::string("\n") + line + "\n")) << unit;
    }
    // And that is what is looked at.
    const std::string open =
        dir_.Write("open.service", text + "[Service]\nProtectSystem=no\nSystemCallFilter=\n");
    EXPECT_FALSE(IsSandboxed(open));
  }

  const TempDir dir_;
  const std::string root_ = dir_.File("root");
  const std::string server_unit_ = root_ + "/lib/systemd/system/rollcall.service";
  const std::string agent_unit_ = root_ + "/lib/systemd/system/rollcall-agent.service";
};

// One test: two installations from one build tree at the same time would be in each other's way.
TEST_F(InstallationTest, TheProgramsRunAndTheUnitsStartThem) {
  const Finished done = Run({ROLLCALL_CMAKE, "--install", ROLLCALL_BUILD_DIR, "--prefix", root_});
  ASSERT_EQ(done.code, 0) << done.output;
  EXPECT_THAT(ReadFile(server_unit_), HasSubstr("ExecStart=" + root_ + "/bin/rollcall server "));
  EXPECT_THAT(ReadFile(agent_unit_), HasSubstr("ExecStart=" + root_ + "/bin/rollcall-agent "));
  for (const char* program : {"/bin/rollcall", "/bin/rollcall-agent"}) {
    EXPECT_EQ(Run({root_ + program, "--help"}).code, 0) << program;
  }
  EXPECT_NE(ReadFile(root_ + "/share/doc/rollcall/operations.md"), "");

  ExpectSandboxed(server_unit_);
  ExpectSandboxed(agent_unit_);
  EXPECT_THAT(Verify(), Not(HasSubstr("rollcall")));
  // It does look at them.
  std::ofstream(agent_unit_, std::ios::app) << "[Service]\nRestartSeconds=1\n";
  EXPECT_THAT(Verify(), HasSubstr("RestartSeconds"));
}

}  // namespace
}  // namespace rollcall::e2e
