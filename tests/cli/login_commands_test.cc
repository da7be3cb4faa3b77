// `rollcall login` and `rollcall logout` as a person or a script meets them: the real program
// against a server that answers what the test tells it to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/fake_registry.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kLoginJwt = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln";
constexpr const char* kLoginAnswer = R"({"AccessorID": "acc-1", "SecretID": "sec-1",
  "Description": "token created via login", "AuthMethod": "ci", "Local": true,
  "CreateTime": "2026-11-26T20:15:34Z", "ExpirationTime": "2026-11-26T21:15:34Z"})";

class LoginCommandsTest : public testing::Test {
 protected:
  LoginCommandsTest() { registry_.Set("/v1/acl/login", {.body = kLoginAnswer}); }

  e2e::Finished Run(std::vector<std::string> arguments, std::string input = "",
                    const std::string& token = "of-the-environment") {
    arguments.insert(arguments.begin(), ROLLCALL_PROGRAM);
    return e2e::RunToEnd(
        {.argv = std::move(arguments),
         .environment = {"CONSUL_HTTP_ADDR=" + registry_.Url(), "CONSUL_HTTP_TOKEN=" + token},
         .output_path = dir_.File("out"),
         .error_path = dir_.File("err"),
         .input = std::move(input)});
  }
  e2e::Finished Login(const std::string& jwt_file, const std::string& input = "",
                      const std::string& sink = "") {
    return Run({"login", "--method", "ci", "--bearer-token-file", jwt_file, "--token-sink-file",
                sink.empty() ? Sink() : sink},
               input);
  }
  std::string Sink() const { return dir_.File("sink"); }
  nlohmann::json LoginBody() const {
    const std::string request = registry_.Requests().back();
    const std::string start = "POST /v1/acl/login ";
    EXPECT_THAT(request, StartsWith(start));
    return nlohmann::json::parse(request.substr(start.size()), nullptr, false);
  }
  // What is in the directory of the sink, beside what the test put there.
  std::vector<std::string> Leftovers() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      const std::string name = entry.path().filename().string();
      if (name != "out" && name != "err" && name != "jwt") names.push_back(name);
    }
    return names;
  }

  e2e::TempDir dir_;
  FakeRegistry registry_;
};

TEST_F(LoginCommandsTest, SecretGoesIntoTheSinkFileAndIsShownNowhere) {
  const e2e::Finished result = Login(dir_.Write("jwt", std::string(kLoginJwt) + "\n"));
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(
      result.output,
      "logged in as token acc-1, until 2026-11-26T21:15:34Z; its secret is in " + Sink() + "\n");
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_EQ(e2e::ReadFile(Sink()), "sec-1");
  struct stat about {};
  ASSERT_EQ(stat(Sink().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600U);
  EXPECT_EQ(LoginBody(), (nlohmann::json{{"AuthMethod", "ci"}, {"BearerToken", kLoginJwt}}));
  EXPECT_THAT(Leftovers(), ElementsAre("sink"));
}

TEST_F(LoginCommandsTest, JsonIsTheAnswerWithoutTheSecret) {
  const e2e::Finished result =
      Run({"login", "-method=ci", "-bearer-token-file", "-", "-token-sink-file", Sink(), "--json"},
          kLoginJwt);
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(result.output, Not(HasSubstr("sec-1")));
  EXPECT_EQ(nlohmann::json::parse(result.output).at("AccessorID"), "acc-1");
  EXPECT_EQ(e2e::ReadFile(Sink()), "sec-1");
}

TEST_F(LoginCommandsTest, NoTokenIsPresentedWhateverTheEnvironmentSays) {
  // As after a reboot: the variable names a sink file that is not there yet.
  const e2e::Finished result = e2e::RunToEnd(
      {.argv = {ROLLCALL_PROGRAM, "login", "--method", "ci", "--bearer-token-file", "-",
                "--token-sink-file", Sink()},
       .environment = {"CONSUL_HTTP_ADDR=" + registry_.Url(), "ROLLCALL_HTTP_TOKEN=expired",
                       "CONSUL_HTTP_TOKEN_FILE=" + Sink()},
       .output_path = dir_.File("out"),
       .error_path = dir_.File("err"),
       .input = kLoginJwt});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(registry_.Tokens(), ElementsAre(""));
}

TEST_F(LoginCommandsTest, MetaIsSentAlong) {
  const auto with_meta = [&](const std::vector<std::string>& meta) {
    std::vector<std::string> arguments = {"login", "-method",          "ci",  "-bearer-token-file",
                                          "-",     "-token-sink-file", Sink()};
    for (const std::string& each : meta) arguments.insert(arguments.end(), {"-meta", each});
    return Run(arguments, kLoginJwt);
  };
  EXPECT_EQ(with_meta({"pod=web-1", "url=http://a/?b=c", "empty="}).code, 0);
  EXPECT_EQ(LoginBody().at("Meta"),
            (nlohmann::json{{"pod", "web-1"}, {"url", "http://a/?b=c"}, {"empty", ""}}));
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"pod"}, {"=web"}, {"pod=a", "pod=b"}}) {
    const e2e::Finished result = with_meta(wrong);
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.errors, HasSubstr("--meta " + wrong.back()));
  }
  EXPECT_EQ(registry_.Requests().size(), 1U);
}

TEST_F(LoginCommandsTest, FileThatIsNoJwtIsNamedAndNothingIsAsked) {
  const struct {
    std::string file;
    std::string input;
    const char* said;
  } cases[] = {
      {dir_.File("nowhere"), "", "nowhere: No such file"},
      {dir_.path(), "", "is not a regular file"},
      {dir_.Write("jwt", ""), "", "jwt is empty"},
      {"-", "\n", "standard input is empty"},
      {"-", std::string(16 * 1024 + 1, 'a'), "standard input is larger than 16 KiB"},
      {"-", std::string(60'000, 'a'), "standard input is larger than 16 KiB"},
      {"-", R"({"access_token": "hush"})", "standard input holds something else than a JWT"},
  };
  for (const auto& each : cases) {
    const e2e::Finished result = Login(each.file, each.input);
    EXPECT_EQ(result.code, 1) << each.said;
    EXPECT_THAT(result.errors, HasSubstr(each.said));
    EXPECT_THAT(result.errors, Not(HasSubstr("hush")));
  }
  EXPECT_THAT(registry_.Requests(), IsEmpty());
  EXPECT_THAT(Leftovers(), IsEmpty());
}

TEST_F(LoginCommandsTest, RefusedLoginLeavesTheSinkAsItWas) {
  registry_.Set("/v1/acl/login", {.status = 403, .body = "Permission denied"});
  dir_.Write("sink", "of before");
  const e2e::Finished result = Login("-", kLoginJwt);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("answered 403: Permission denied"));
  EXPECT_THAT(result.errors, HasSubstr("the server's log says why"));
  EXPECT_THAT(result.errors, Not(HasSubstr("HTTP_TOKEN")));
  registry_.Set("/v1/acl/login", {.status = 403, .body = "ACL not found"});
  EXPECT_THAT(Login("-", kLoginJwt).errors, HasSubstr("is there an auth method of that name?"));
  EXPECT_EQ(e2e::ReadFile(Sink()), "of before");
  EXPECT_THAT(Leftovers(), ElementsAre("sink"));
}

TEST_F(LoginCommandsTest, SinkIsReplacedWhateverItsMode) {
  dir_.Write("sink", "of before, and longer than what comes");
  chmod(Sink().c_str(), 0644);
  EXPECT_EQ(Login("-", kLoginJwt).code, 0);
  EXPECT_EQ(e2e::ReadFile(Sink()), "sec-1");
  struct stat about {};
  ASSERT_EQ(stat(Sink().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600U);
}

TEST_F(LoginCommandsTest, WhereNoSecretCanGoNobodyLogsIn) {
  ASSERT_EQ(symlink(dir_.File("elsewhere").c_str(), dir_.File("link").c_str()), 0);
  for (const std::string& sink :
       {dir_.path(), dir_.File("no/such/directory"), std::string("/dev/null"), dir_.File("link")}) {
    const e2e::Finished result = Login("-", kLoginJwt, sink);
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.errors, HasSubstr(sink));
  }
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

// A directory that cannot be read cannot be made durable; what was in the file is gone by then.
TEST_F(LoginCommandsTest, TokenStaysWhenTheFileHasItsSecretAlready) {
  const std::string directory = dir_.File("closed");
  ASSERT_EQ(mkdir(directory.c_str(), 0700), 0);
  const std::string sink = dir_.Write("closed/sink", "old");
  ASSERT_EQ(chmod(directory.c_str(), 0300), 0);
  registry_.Set("/v1/acl/logout", {.body = "true"});
  std::vector<std::string> command = {ROLLCALL_PROGRAM,      "login", "--method",          "ci",
                                      "--bearer-token-file", "-",     "--token-sink-file", sink};
  // Whom modes do not bind may read any directory.
  if (geteuid() == 0) {
    command.insert(command.begin(),
                   {"setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--"});
  }
  const e2e::Finished result =
      e2e::RunToEnd({.argv = command,
                     .environment = {"CONSUL_HTTP_ADDR=" + registry_.Url()},
                     .output_path = dir_.File("out"),
                     .error_path = dir_.File("err"),
                     .input = kLoginJwt});
  EXPECT_EQ(chmod(directory.c_str(), 0700), 0);
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("cannot make " + sink + " durable"));
  EXPECT_EQ(e2e::ReadFile(sink), "sec-1");
  EXPECT_THAT(registry_.Requests(), ElementsAre(StartsWith("POST /v1/acl/login")))
      << "and no logout";
}

TEST_F(LoginCommandsTest, AnswerOfSomethingElseIsSaid) {
  for (const char* answer : {"<html>", "[]", "{}", R"({"SecretID": 7})", R"({"SecretID": ""})"}) {
    registry_.Set("/v1/acl/login", {.body = answer});
    const e2e::Finished result = Login("-", kLoginJwt);
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.errors, HasSubstr("is --http-addr a rollcall server?"));
  }
  EXPECT_THAT(Leftovers(), IsEmpty());
}

TEST_F(LoginCommandsTest, AllThatALoginNeedsHasToBeSaid) {
  EXPECT_EQ(Run({"login"}).code, 2);
  EXPECT_EQ(Run({"login", "--method", "ci", "--bearer-token-file", "-"}).code, 2);
  EXPECT_EQ(Run({"login", "--method", "ci", "--token-sink-file", Sink()}).code, 2);
  EXPECT_EQ(Run({"login", "--bearer-token-file", "-", "--token-sink-file", Sink()}).code, 2);
  EXPECT_EQ(Run({"logout"}, "", "").code, 2);
  EXPECT_THAT(Run({"logout"}, "", "").errors, HasSubstr("--token-file"));
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(LoginCommandsTest, LogoutIsOfTheTokenThatAsks) {
  registry_.Set("/v1/acl/logout", {.body = ""});
  const e2e::Finished result = Run({"logout", "-token-file", dir_.Write("sink", "sec-1")});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.output, "logged out\n");
  EXPECT_THAT(registry_.Requests(), ElementsAre("POST /v1/acl/logout"));
  EXPECT_THAT(registry_.Tokens(), ElementsAre("sec-1"));
  registry_.Set("/v1/acl/logout", {.status = 403, .body = "ACL not found"});
  const e2e::Finished again = Run({"logout"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.errors, HasSubstr("ACL not found"));
}

}  // namespace
}  // namespace rollcall::cli
