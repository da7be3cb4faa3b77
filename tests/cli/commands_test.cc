// The client commands as a person or a script meets them: the real program against a server that
// answers what the test tells it to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/fake_registry.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::cli {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kTwoWebs = R"([
  {"Node": {"Node": "n1", "Address": "10.0.0.1"},
   "Service": {"ID": "web-1", "Address": "", "Port": 80, "Tags": ["v1", "eu"]},
   "Checks": [{"Name": "http", "Status": "passing"}]},
  {"Node": {"Node": "node-two", "Address": "10.0.0.2"},
   "Service": {"ID": "web-2", "Address": "10.9.9.9", "Port": 8080, "Tags": []},
   "Checks": [{"Name": "disk full", "Status": "critical"}]}])";

constexpr const char* kIllWeb = R"([
  {"Node": {"Node": "n1", "Address": "10.0.0.1"},
   "Service": {"ID": "web-1", "Address": "", "Port": 80, "Tags": []},
   "Checks": [{"Name": "http", "Status": "warning"}]}])";

class CommandsTest : public testing::Test {
 protected:
  e2e::Finished Run(std::vector<std::string> arguments, std::string input = "",
                    std::vector<std::string> environment = {}) {
    arguments.insert(arguments.begin(), ROLLCALL_PROGRAM);
    environment.emplace_back("CONSUL_HTTP_ADDR=" + registry_.Url());
    return e2e::RunToEnd({.argv = std::move(arguments),
                          .environment = std::move(environment),
                          .output_path = dir_.File("out"),
                          .error_path = dir_.File("err"),
                          .input = std::move(input)});
  }

  e2e::TempDir dir_;
  FakeRegistry registry_;
};

TEST_F(CommandsTest, ServicesPrintsATable) {
  registry_.Set("/v1/catalog/services", {.body = R"({"web": ["v1", "eu"], "consul": []})"});
  const e2e::Finished result = Run({"services"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.output,
            "SERVICE  TAGS\n"
            "consul   -\n"
            "web      v1,eu\n");
  EXPECT_THAT(result.errors, IsEmpty());
}

TEST_F(CommandsTest, NodesPrintsATable) {
  registry_.Set(
      "/v1/catalog/nodes",
      {.body = R"([{"ID": "", "Node": "n1", "Address": "10.0.0.1", "Datacenter": "dc1"}])"});
  EXPECT_EQ(Run({"nodes"}).output,
            "NODE  ADDRESS   DATACENTER  ID\n"
            "n1    10.0.0.1  dc1         -\n");
}

TEST_F(CommandsTest, JsonIsTheAnswerAsItCame) {
  const std::string body = R"({"web":["v1"],  "a":[]})";
  registry_.Set("/v1/catalog/services", {.body = body});
  EXPECT_EQ(Run({"services", "--json"}).output, body + "\n");
  registry_.Set("/v1/catalog/nodes", {.body = "[]"});
  EXPECT_EQ(Run({"nodes", "--json"}).output, "[]\n");
  registry_.Set("/v1/health/service/web", {.body = kTwoWebs});
  EXPECT_EQ(Run({"health", "web", "--json"}).output, std::string(kTwoWebs) + "\n");
}

TEST_F(CommandsTest, HealthPrintsATableAndSucceedsWithOnePassing) {
  registry_.Set("/v1/health/service/web", {.body = kTwoWebs});
  const e2e::Finished result = Run({"health", "web"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.output,
            "INSTANCE  NODE      ADDRESS        STATUS    TAGS   FAILING CHECKS\n"
            "web-1     n1        10.0.0.1:80    passing   v1,eu  -\n"
            "web-2     node-two  10.9.9.9:8080  critical  -      disk full\n");
}

TEST_F(CommandsTest, HealthAsksForWhatItWasToldTo) {
  registry_.Set("/v1/health/service/a/b c", {.body = "[]"});
  Run({"health", "a/b c", "--passing", "--tag", "v1", "--tag", "x&y"});
  EXPECT_THAT(registry_.Requests(),
              ElementsAre("GET /v1/health/service/a%2Fb%20c?passing&tag=v1&tag=x%26y"));
}

TEST_F(CommandsTest, HealthExitsWithThreeWhenNothingPasses) {
  registry_.Set("/v1/health/service/ill", {.body = kIllWeb});
  EXPECT_EQ(Run({"health", "ill"}).code, 3);
  registry_.Set("/v1/health/service/none", {.body = "[]"});
  EXPECT_EQ(Run({"health", "none"}).code, 3);
  EXPECT_EQ(Run({"health", "none", "--json"}).code, 3);
}

TEST_F(CommandsTest, AServerThatIsNotThereIsOneLineThatSaysWhatToDo) {
  const std::string url = FakeRegistry().Url();
  for (const char* command : {"services", "nodes"}) {
    const e2e::Finished result = Run({command, "--http-addr", url});
    EXPECT_EQ(result.code, 1);
    EXPECT_EQ(result.errors, "rollcall: cannot reach " + url +
                                 ": connection refused; is the server running? "
                                 "(rollcall server --dev)\n");
    EXPECT_THAT(result.output, IsEmpty());
  }
  EXPECT_EQ(Run({"watch", "web", "--http-addr", url}).code, 1);
}

TEST_F(CommandsTest, AnUnknownHostIsNamed) {
  const e2e::Finished result = Run({"services", "--http-addr", "no-such-host.invalid"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors,
              StartsWith("rollcall: cannot reach http://no-such-host.invalid:8500: "));
}

TEST_F(CommandsTest, AnErrorOfTheServerIsPassedOn) {
  registry_.Set("/v1/catalog/services", {.status = 500, .body = "the store failed\nmore\n"});
  const e2e::Finished result = Run({"services"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.errors, "rollcall: " + registry_.Url() +
                               " answered 500: the store failed (/v1/catalog/services)\n");
}

TEST_F(CommandsTest, AnotherKindOfServerIsRecognised) {
  registry_.Set("/v1/catalog/services", {.body = "<html>hello</html>"});
  registry_.Set("/v1/catalog/nodes", {.body = "{}x"});
  registry_.Set("/v1/health/service/web", {.body = "\"web\""});
  EXPECT_THAT(Run({"services"}).errors, HasSubstr("is --http-addr a rollcall server?"));
  EXPECT_THAT(Run({"nodes"}).errors, HasSubstr("is --http-addr a rollcall server?"));
  EXPECT_THAT(Run({"health", "web"}).errors, HasSubstr("is --http-addr a rollcall server?"));
}

TEST_F(CommandsTest, TheAddressComesFromTheFlagThenRollcallsThenConsulsVariable) {
  registry_.Set("/v1/catalog/services", {.body = "{}"});
  EXPECT_EQ(Run({"services"}, "", {"ROLLCALL_HTTP_ADDR="}).code, 0);
  EXPECT_EQ(Run({"services"}, "", {"ROLLCALL_HTTP_ADDR=127.0.0.1:1"}).code, 1);
  const std::vector<std::string> wrong = {"ROLLCALL_HTTP_ADDR=127.0.0.1:1"};
  EXPECT_EQ(Run({"services", "--http-addr", registry_.Url()}, "", wrong).code, 0);
  EXPECT_EQ(Run({"--http-addr", registry_.Url(), "services"}, "", wrong).code, 0);
}

TEST_F(CommandsTest, FlagsMayHaveOneDashAsConsulsHave) {
  registry_.Set("/v1/catalog/services", {.body = "{}"});
  const std::vector<std::string> wrong = {"ROLLCALL_HTTP_ADDR=127.0.0.1:1"};
  EXPECT_EQ(Run({"services", "-http-addr=" + registry_.Url(), "-token=t"}, "", wrong).code, 0);
  EXPECT_EQ(Run({"-http-addr", registry_.Url(), "services"}, "", wrong).code, 0);
  EXPECT_THAT(registry_.Tokens(), ElementsAre("t", ""));
  EXPECT_EQ(Run({"services", "-htpp-addr=" + registry_.Url()}).code, 2);
}

TEST_F(CommandsTest, AWrongCommandLineExitsWithTwo) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"frobnicate"},
      {"health"},
      {"health", "web", "--frob"},
      {"health", "web", "more"},
      {"register"},
      {"services", "--http-addr"},
      {"services", "--http-addr", "ftp://x"},
  };
  for (const auto& line : lines) {
    const e2e::Finished result = Run(line);
    EXPECT_EQ(result.code, 2) << testing::PrintToString(line);
    EXPECT_THAT(result.output, IsEmpty());
    EXPECT_THAT(result.errors, testing::Not(IsEmpty()));
  }
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(CommandsTest, HelpHasExamplesForEachCommand) {
  for (const char* command : {"services", "nodes", "health", "register", "deregister", "watch"}) {
    const e2e::Finished result = Run({command, "--help"});
    EXPECT_EQ(result.code, 0);
    EXPECT_THAT(result.output, HasSubstr("Examples:\n  rollcall " + std::string(command)));
    EXPECT_THAT(Run({"--help"}).output, HasSubstr(command));
  }
}

TEST_F(CommandsTest, RegisterSendsEachServiceOfEachFile) {
  registry_.Set("/v1/agent/service/register", {});
  const std::string one = dir_.Write("one.json", R"({"service": {"name": "web", "port": 80}})");
  const e2e::Finished result =
      Run({"register", one, "-"}, R"({"services": [{"id": "a1", "name": "a"}, {"name": "b"}]})");
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.output,
            "registered web (service web)\n"
            "registered a1 (service a)\n"
            "registered b (service b)\n");
  EXPECT_THAT(registry_.Requests(),
              ElementsAre(R"(PUT /v1/agent/service/register {"name":"web","port":80})",
                          R"(PUT /v1/agent/service/register {"id":"a1","name":"a"})",
                          R"(PUT /v1/agent/service/register {"name":"b"})"));
}

TEST_F(CommandsTest, RegisterChecksAllFilesBeforeItSendsAny) {
  registry_.Set("/v1/agent/service/register", {});
  const std::string good = dir_.Write("good.json", R"({"service": {"name": "web"}})");
  const struct {
    std::string text;
    std::string why;
  } cases[] = {
      {"{\"service\": ", "not JSON, at byte"},
      {"{}", "needs {\"service\": {...}}"},
      {"[]", "needs {\"service\": {...}}"},
      {R"({"name": "web"})", "unknown key \"name\""},
      {R"({"services": {"name": "web"}})", "unknown key \"services\""},
      {R"({"service": {"port": 80}})", "Missing service name"},
      {R"({"service": {"name": "web", "prot": 80}})", "prot"},
  };
  for (const auto& each : cases) {
    const std::string bad = dir_.Write("bad.json", each.text);
    const e2e::Finished result = Run({"register", good, bad});
    EXPECT_EQ(result.code, 1) << each.text;
    EXPECT_THAT(result.errors, StartsWith("rollcall: " + bad + ": ")) << each.text;
    EXPECT_THAT(result.errors, HasSubstr(each.why)) << each.text;
  }
  for (const std::string& path : {dir_.File("missing.json"), dir_.path()}) {
    const e2e::Finished result = Run({"register", good, path});
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.errors, StartsWith("rollcall: cannot read " + path + ": "));
  }
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(CommandsTest, RegisterSaysWhichServiceWasRefused) {
  registry_.Set("/v1/agent/service/register", {.status = 400, .body = "Invalid service address"});
  const e2e::Finished result = Run({"register", "-"}, R"({"service": {"name": "web"}})");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, StartsWith("rollcall: cannot register \"web\": "));
  EXPECT_THAT(result.errors, HasSubstr("Invalid service address"));
}

TEST_F(CommandsTest, DeregisterTakesAServiceOut) {
  registry_.Set("/v1/agent/services", {.body = R"({"web 1": {}})"});
  registry_.Set("/v1/agent/service/deregister/web 1", {});
  const e2e::Finished result = Run({"deregister", "web 1"});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.output, "deregistered web 1\n");
  EXPECT_THAT(registry_.Requests(),
              ElementsAre("GET /v1/agent/services", "PUT /v1/agent/service/deregister/web%201"));
}

TEST_F(CommandsTest, DeregisterFailsForAnUnknownId) {
  registry_.Set("/v1/agent/services", {.body = R"({"web": {}})"});
  const e2e::Finished result = Run({"deregister", "wbe"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, StartsWith("rollcall: no service with the ID \"wbe\""));
  EXPECT_THAT(result.errors, EndsWith("\n"));
}

TEST_F(CommandsTest, TokenIsSentWithEveryRequest) {
  registry_.Set("/v1/catalog/services", {.body = "{}"});
  registry_.Set("/v1/agent/services", {.body = R"({"web-1": {}})"});
  registry_.Set("/v1/agent/service/deregister/web-1", {});
  const std::string file = dir_.Write("token", "from-file\n");
  EXPECT_EQ(Run({"services"}).code, 0);
  EXPECT_EQ(Run({"services", "--token", "from-flag"}).code, 0);
  EXPECT_EQ(Run({"--token-file", file, "services"}).code, 0);
  EXPECT_EQ(Run({"deregister", "web-1"}, "", {"CONSUL_HTTP_TOKEN=from-variable"}).code, 0);
  EXPECT_THAT(registry_.Tokens(),
              ElementsAre("", "from-flag", "from-file", "from-variable", "from-variable"));
}

TEST_F(CommandsTest, RefusalForWantOfATokenSaysWhereToPutOne) {
  registry_.Set("/v1/catalog/services", {.status = 403, .body = "Permission denied"});
  const e2e::Finished without = Run({"services"});
  EXPECT_EQ(without.code, 1);
  EXPECT_THAT(without.errors, HasSubstr("answered 403: Permission denied"));
  EXPECT_THAT(without.errors, HasSubstr("no token was given"));
  const e2e::Finished with = Run({"services"}, "", {"ROLLCALL_HTTP_TOKEN=hush"});
  EXPECT_THAT(with.errors, HasSubstr("the token that was given may not do this"));
  for (const e2e::Finished& each : {without, with}) {
    EXPECT_THAT(each.errors, HasSubstr("ROLLCALL_HTTP_TOKEN"));
    EXPECT_THAT(each.errors, HasSubstr("CONSUL_HTTP_TOKEN_FILE"));
    EXPECT_THAT(each.errors, testing::Not(HasSubstr("hush")));
  }
}

TEST_F(CommandsTest, ListThatAccessControlHasMadeShorterSaysSo) {
  const std::vector<std::pair<std::string, std::string>> filtered = {
      {"X-Consul-Results-Filtered-By-ACLs", "true"}};
  registry_.Set("/v1/catalog/services", {.body = "{}", .headers = filtered});
  registry_.Set("/v1/catalog/nodes", {.body = "[]", .headers = filtered});
  registry_.Set("/v1/health/service/web", {.body = "[]", .headers = filtered});
  const std::vector<std::vector<std::string>> lines = {
      {"services"}, {"services", "--json"}, {"nodes"}, {"health", "web"}};
  for (const auto& line : lines) {
    const e2e::Finished without = Run(line);
    EXPECT_EQ(without.code, line[0] == "health" ? 3 : 0);
    EXPECT_EQ(without.errors,
              "rollcall: no token was given: what may not be read without one is left out\n");
    EXPECT_EQ(Run(line, "", {"CONSUL_HTTP_TOKEN=hush"}).errors,
              "rollcall: what the token that was given may not read is left out\n");
  }
  registry_.Set("/v1/catalog/services", {.body = "{}"});
  EXPECT_THAT(Run({"services"}).errors, IsEmpty());
}

TEST_F(CommandsTest, DeregisterDoesNotTakeWhatIsLeftOutForWhatIsNotThere) {
  registry_.Set("/v1/agent/services",
                {.body = "{}", .headers = {{"X-Consul-Results-Filtered-By-ACLs", "true"}}});
  const e2e::Finished result = Run({"deregister", "web"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("is shown at " + registry_.Url() + "; no token was given"));
}

TEST_F(CommandsTest, UnknownTokenIsNotTakenForOneThatMayNot) {
  registry_.Set("/v1/catalog/services", {.status = 403, .body = "ACL not found"});
  const e2e::Finished result = Run({"services"}, "", {"ROLLCALL_HTTP_TOKEN=hush"});
  EXPECT_THAT(result.errors, HasSubstr("the token that was given is unknown or has expired"));
  EXPECT_THAT(result.errors, HasSubstr("ROLLCALL_HTTP_TOKEN_FILE"));
}

TEST_F(CommandsTest, RefusalByALimitSaysWhenToComeBack) {
  registry_.Set(
      "/v1/catalog/services",
      {.status = 429, .body = "Too many requests: some limit", .headers = {{"Retry-After", "7"}}});
  EXPECT_EQ(Run({"services"}).errors, "rollcall: " + registry_.Url() +
                                          " answered 429: Too many requests: some limit "
                                          "(/v1/catalog/services); try again in 7 s\n");
}

TEST_F(CommandsTest, HelpSaysWhoSeesATokenOnTheCommandLine) {
  EXPECT_THAT(Run({"services", "--help"}).output, HasSubstr("`ps`"));
}

}  // namespace
}  // namespace rollcall::cli
