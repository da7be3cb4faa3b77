#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "registry/base/owned_fd.h"
#include "tests/agent/prober_fixture.h"

namespace rollcall::probe {
namespace {

using model::CheckStatus;
using std::chrono::milliseconds;
using test::LittleServer;
using ::testing::HasSubstr;

bool HasChildren() {
  siginfo_t info = {};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

class ScriptProbeTest : public ProberFixture {
 protected:
  ~ScriptProbeTest() override { std::filesystem::remove_all(folder_); }

  static model::CheckRun Program(std::vector<std::string> args) {
    model::CheckRun run = RunOf(model::CheckKind::kScript);
    run.args = std::move(args);
    return run;
  }
  static model::CheckRun Shell(const std::string& script) {
    return Program({"/bin/sh", "-c", script});
  }

  std::string FileOf(const std::string& name, const std::string& content, mode_t mode) {
    std::string path = folder_ + "/" + name;
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }

  std::string folder_ = [] {
    std::string name = ::testing::TempDir() + "script-probe-XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    return name;
  }();
};

// A FIFO that scripts hold open: it ends when the last of them is dead, whoever has started it.
class LifeLine {
 public:
  explicit LifeLine(const std::string& folder) : path_(folder + "/life-line") {
    EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0);
    reading_ = OwnedFd(open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }

  // What begins a script that holds it as descriptor 3.
  std::string Grip() const { return "exec 3>" + path_ + "; "; }

  // Whether a script has written to descriptor 3 since it was last asked.
  bool IsTold() const {
    char word[64];
    return read(reading_.get(), word, sizeof word) > 0;
  }
  // Only after it was held.
  bool IsLetGo() const {
    char word[64];
    return read(reading_.get(), word, sizeof word) == 0;
  }

 private:
  const std::string path_;
  OwnedFd reading_;
};

TEST_F(ScriptProbeTest, ExitCodeDecides) {
  const struct {
    const char* script;
    CheckStatus status;
    const char* output;
  } table[] = {
      {"echo fine", CheckStatus::kPassing, "fine\n"},
      {"echo so so; exit 1", CheckStatus::kWarning, "so so\n"},
      {"echo bad >&2; exit 2", CheckStatus::kCritical, "bad\n"},
      {"exit 255", CheckStatus::kCritical, ""},
      {"kill -TERM $$", CheckStatus::kCritical, "killed by signal 15"},
      {"echo last words; kill -KILL $$", CheckStatus::kCritical, "last words\n"},
  };
  for (const auto& row : table) {
    const ProbeResult result = FirstResult(Shell(row.script));
    EXPECT_EQ(result.status, row.status) << row.script;
    EXPECT_EQ(result.output, row.output) << row.script;
  }
  EXPECT_FALSE(HasChildren());
}

TEST_F(ScriptProbeTest, ArgumentsReachTheProgramAsTheyAre) {
  EXPECT_EQ(FirstResult(Program({"/bin/echo", "a  b", "$HOME", "*", ""})).output,
            "a  b $HOME * \n");
}

TEST_F(ScriptProbeTest, ProgramIsLookedUpInThePathAndInheritsTheEnvironment) {
  setenv("ROLLCALL_PROBE_TEST", "inherited", 1);
  EXPECT_EQ(FirstResult(Program({"sh", "-c", "echo $ROLLCALL_PROBE_TEST"})).output, "inherited\n");
  unsetenv("ROLLCALL_PROBE_TEST");
}

TEST_F(ScriptProbeTest, InputIsEmpty) {
  EXPECT_EQ(FirstResult(Shell("cat; echo read")).output, "read\n");
}

TEST_F(ScriptProbeTest, NoOtherDescriptorIsInherited) {
  const OwnedFd leaky(fcntl(STDOUT_FILENO, F_DUPFD, 100));
  const std::string path = "/proc/$$/fd/" + std::to_string(leaky.get());
  EXPECT_EQ(FirstResult(Shell("test ! -e " + path + " && test -e /proc/$$/fd/2")).status,
            CheckStatus::kPassing);
}

TEST_F(ScriptProbeTest, SignalsAreAsNobodyHadTouchedThem) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto previous = signal(SIGPIPE, SIG_IGN);
  const std::string output =
      FirstResult(Program({"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"})).output;
  signal(SIGPIPE, previous);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // Above the 31 classic signals glibc ignores two of its own.
  EXPECT_THAT(output, ::testing::MatchesRegex("SigBlk:\t0+\nSigIgn:\t0+[018]80000000\n|"
                                              "SigBlk:\t0+\nSigIgn:\t0+\n"));
}

TEST_F(ScriptProbeTest, MegabytesAreReadAndCut) {
  const ProbeResult usual = FirstResult(Shell("head -c 3000000 /dev/zero | tr '\\0' x; exit 1"));
  EXPECT_EQ(usual.status, CheckStatus::kWarning);
  EXPECT_EQ(usual.output, std::string(4096, 'x') + " ... (captured 4096 of 3000000 bytes)");
  model::CheckRun run = Shell("echo 123456789");
  run.output_max_size = 3;
  EXPECT_EQ(FirstResult(run).output, "123 ... (captured 3 of 10 bytes)");
}

TEST_F(ScriptProbeTest, AnyBytesAreOutput) {
  EXPECT_EQ(FirstResult(Shell("printf 'a\\000b\\377\\303'")).output,
            std::string("a\0b\xff\xc3", 5));
}

TEST_F(ScriptProbeTest, ClosedOutputIsNotTheEnd) {
  const std::string closed = "echo soon; exec >&- 2>&-; ";
  EXPECT_EQ(FirstResult(Shell(closed + "exit 1")).status, CheckStatus::kWarning);
  model::CheckRun run = Shell(closed + "exec sleep 1000");
  run.timeout = milliseconds(300);
  const ProbeResult result = FirstResult(run);
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_EQ(result.output, "Timed out (300ms) running check\n\nsoon\n");
}

// A verdict at the timeout would be critical.
TEST_F(ScriptProbeTest, ChildThatKeepsTheOutputOpenIsNotWaitedFor) {
  const ProbeResult quiet = FirstResult(Shell("sleep 1000 & echo $!"));
  EXPECT_EQ(quiet.status, CheckStatus::kPassing);
  const int sleeper = std::atoi(quiet.output.c_str());
  ASSERT_GT(sleeper, 1) << quiet.output;
  EXPECT_EQ(kill(sleeper, SIGKILL), 0) << "what a script leaves behind is its own affair";
  const ProbeResult noisy = FirstResult(Shell("echo started; yes & exit 1"));
  EXPECT_EQ(noisy.status, CheckStatus::kWarning);
  EXPECT_THAT(noisy.output, ::testing::StartsWith("started\n"));
}

TEST_F(ScriptProbeTest, HangingScriptIsKilledWithItsChildren) {
  const LifeLine life_line(folder_);
  model::CheckRun run = Shell(life_line.Grip() + "trap '' TERM; (trap '' TERM; sleep 1000) & " +
                              "sh -c 'echo started; echo started >&3; sleep 1000 & wait'");
  run.timeout = milliseconds(500);
  prober_.Ensure("check", run);
  ASSERT_TRUE(test::RunUntil(loop_, [&] { return life_line.IsTold(); }));
  ASSERT_TRUE(test::RunUntil(loop_, [this] { return CountOf("check") > 0; }));
  prober_.Remove("check");
  EXPECT_EQ(results_["check"][0].status, CheckStatus::kCritical);
  EXPECT_EQ(results_["check"][0].output, "Timed out (500ms) running check\n\nstarted\n");
  EXPECT_TRUE(test::RunUntil(loop_, [&] { return life_line.IsLetGo(); }));
  EXPECT_TRUE(test::RunUntil(loop_, [] { return !HasChildren(); }));
}

TEST_F(ScriptProbeTest, WhatCannotBeStartedIsCriticalAndSaysWhy) {
  const std::pair<std::string, const char*> table[] = {
      {folder_ + "/missing", "No such file or directory"},
      {"rollcall-no-such-program", "No such file or directory"},
      {"", "No such file or directory"},
      {folder_, "Permission denied"},
      {FileOf("plain", "#!/bin/sh\n", 0600), "Permission denied"},
      {FileOf("no-interpreter", "#!/nonexistent\n", 0700), "No such file or directory"},
      {FileOf("garbage", "\x7f nothing", 0700), "Exec format error"},
  };
  for (const auto& [program, why] : table) {
    const ProbeResult result = FirstResult(Program({program}));
    EXPECT_EQ(result.status, CheckStatus::kCritical) << program;
    EXPECT_EQ(result.output, "exec " + program + ": " + why);
  }
  EXPECT_FALSE(HasChildren());
}

TEST_F(ScriptProbeTest, RemovedCheckIsKilledAndReportsNothing) {
  const LifeLine life_line(folder_);
  prober_.Ensure("check", Shell(life_line.Grip() + "echo started >&3; sleep 1000; echo"));
  ASSERT_TRUE(test::RunUntil(loop_, [&] { return life_line.IsTold(); }));
  prober_.Remove("check");
  EXPECT_TRUE(test::RunUntil(loop_, [&] { return life_line.IsLetGo() && !HasChildren(); }));
  EXPECT_EQ(CountOf("check"), 0u);
}

TEST_F(ScriptProbeTest, EndOfTheProberIsTheEndOfItsScripts) {
  const LifeLine life_line(folder_);
  auto prober = std::make_unique<Prober>(
      loop_, [](const std::string&, const ProbeResult&) { ADD_FAILURE(); }, [] { return 0.0; });
  prober->Ensure("check", Shell(life_line.Grip() + "echo started >&3; sleep 1000; echo"));
  ASSERT_TRUE(test::RunUntil(loop_, [&] { return life_line.IsTold(); }));
  prober = nullptr;
  EXPECT_TRUE(test::RunUntil(loop_, [&] { return life_line.IsLetGo() && !HasChildren(); }));
}

// A loop that never runs again reaps its processes when it goes.
TEST_F(ScriptProbeTest, EndOfTheLoopIsTheEndOfItsScripts) {
  auto loop = std::make_unique<boost::asio::io_context>();
  {
    Prober prober(
        *loop, [](const std::string&, const ProbeResult&) {}, [] { return 0.0; });
    prober.Ensure("check", Shell("exec sleep 1000"));
    ASSERT_TRUE(test::RunUntil(*loop, HasChildren));
  }
  loop = nullptr;
  EXPECT_FALSE(HasChildren());
}

TEST_F(ScriptProbeTest, ManyThatHangDelayNoOther) {
  LittleServer silent(loop_, {});
  LittleServer healthy(loop_, {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
  model::CheckRun script = Program({"/bin/sleep", "1000"});
  model::CheckRun http = RunOf(model::CheckKind::kHttp);
  http.http = "http://" + silent.address() + "/";
  script.interval = http.interval = script.timeout = http.timeout = std::chrono::seconds(1);
  for (int i = 0; i < 200; ++i) {
    random_ = i / 200.0;
    prober_.Ensure("script" + std::to_string(i), script);
    prober_.Ensure("http" + std::to_string(i), http);
  }
  http.http = "http://" + healthy.address() + "/";
  http.interval = milliseconds(20);
  http.timeout = std::chrono::seconds(15);
  random_ = 0;
  prober_.Ensure("healthy", http);
  prober_.Ensure("healthy script", Program({"/bin/true"}));
  // One after the other, the first round alone would take minutes.
  ASSERT_TRUE(test::RunUntil(loop_, [this] {
    return CountOf("script199") > 0 && CountOf("http199") > 0 && CountOf("healthy") > 4 &&
           CountOf("healthy script") > 4;
  }));
  for (const auto& result : results_["healthy"]) EXPECT_EQ(result.status, CheckStatus::kPassing);
  for (const auto& result : results_["healthy script"]) {
    EXPECT_EQ(result.status, CheckStatus::kPassing);
  }
  EXPECT_EQ(results_["script0"][0].output, "Timed out (1s) running check");
  EXPECT_THAT(results_["http0"][0].output, HasSubstr("no answer within 1s"));
}

}  // namespace
}  // namespace rollcall::probe
