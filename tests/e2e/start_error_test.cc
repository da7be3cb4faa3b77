// Programs that cannot start say why in one line that names the thing, exit with 1, and damage
// nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/e2e/harness/programs.h"
#include "tests/e2e/harness/raw_socket.h"

namespace rollcall::e2e {
namespace {

using testing::HasSubstr;

using Flags = std::vector<std::pair<std::string, std::string>>;

class StartErrorTest : public testing::Test {
 protected:
  // A server's command line that would work, with some flags set differently or added.
  std::vector<std::string> ServerWith(const Flags& flags) const {
    return With({ROLLCALL_PROGRAM, "server"},
                {{"--data-dir", dir_.File("data")},
                 {"--http", http_.address()},
                 {"--dns", dns_.address()},
                 {"--node", "n1"}},
                flags);
  }

  std::vector<std::string> AgentWith(const Flags& flags) const {
    return With({ROLLCALL_AGENT_PROGRAM},
                {{"--data-dir", dir_.File("agent-data")},
                 {"--server", "http://127.0.0.1:1"},
                 {"--http", http_.address()},
                 {"--dns", dns_.address()},
                 {"--node", "a1"},
                 {"--address", "127.0.0.1"}},
                flags);
  }

  void ExpectRefused(const std::vector<std::string>& argv, const std::string& named) {
    const Finished result =
        RunToEnd({.argv = argv, .output_path = dir_.File("out"), .error_path = dir_.File("err")});
    EXPECT_EQ(result.code, 1) << testing::PrintToString(argv);
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(named));
    EXPECT_EQ(result.output, "");
  }

  const TempDir dir_;
  const Port http_;
  const Port dns_;

 private:
  static std::vector<std::string> With(std::vector<std::string> argv, Flags flags,
                                       const Flags& changed) {
    for (const auto& [name, value] : changed) {
      const auto same = [&name = name](const auto& flag) { return flag.first == name; };
      const auto found = std::find_if(flags.begin(), flags.end(), same);
      if (found == flags.end()) {
        flags.emplace_back(name, value);
      } else {
        found->second = value;
      }
    }
    for (const auto& [name, value] : flags) argv.insert(argv.end(), {name, value});
    return argv;
  }
};

TEST_F(StartErrorTest, APortInUseByAnotherServer) {
  Server other;
  ASSERT_TRUE(other.Start());
  const std::string http = "127.0.0.1:" + std::to_string(other.http_port());
  const std::string dns = "127.0.0.1:" + std::to_string(other.dns_port());
  ExpectRefused(ServerWith({{"--http", http}}), http);
  ExpectRefused(ServerWith({{"--dns", dns}}), dns);
  ExpectRefused(AgentWith({{"--http", http}}), http);
  ExpectRefused(AgentWith({{"--dns", dns}}), dns);
  EXPECT_TRUE(other.Get("/v1/status/leader").ok());
}

TEST_F(StartErrorTest, ADataDirectoryThatAnotherServerHolds) {
  Server other;
  ASSERT_TRUE(other.Start());
  const std::vector<std::string> its_flags = other.CommandLine();
  const auto flag = std::find(its_flags.begin(), its_flags.end(), "--data-dir");
  ASSERT_NE(flag, its_flags.end());
  const std::string data_dir = *std::next(flag);
  ASSERT_TRUE(other.Put("/v1/catalog/register", {{"Node", "x"}, {"Address", "10.0.0.1"}}).ok());
  ExpectRefused(ServerWith({{"--data-dir", data_dir}}), data_dir);
  // The one that holds it goes on, and finds everything after a restart.
  ASSERT_TRUE(other.Put("/v1/catalog/register", {{"Node", "y"}, {"Address", "10.0.0.1"}}).ok());
  ASSERT_EQ(other.Stop(), 0);
  ASSERT_TRUE(other.Start());
  EXPECT_FALSE(other.Get("/v1/catalog/node/x").json().is_null());
  EXPECT_FALSE(other.Get("/v1/catalog/node/y").json().is_null());
}

TEST_F(StartErrorTest, ADataDirectoryThatCannotBeUsed) {
  const std::string file = dir_.Write("file", "kept");
  // Nobody can make a directory there, not even root.
  const std::string nowhere = "/proc/rollcall-data";
  for (const std::string& path : {file, nowhere, file + "/below"}) {
    ExpectRefused(ServerWith({{"--data-dir", path}}), path);
    ExpectRefused(AgentWith({{"--data-dir", path}}), path);
  }
  EXPECT_EQ(ReadFile(file), "kept");
}

TEST_F(StartErrorTest, ARecursorThatIsTheServerItself) {
  ExpectRefused(ServerWith({{"--recursor", dns_.address()}}), dns_.address());
  ExpectRefused(ServerWith({{"--dns", "0.0.0.0:" + std::to_string(dns_.number())},
                            {"--recursor", dns_.address()}}),
                dns_.address());
}

TEST_F(StartErrorTest, AConfigurationThatIsWrong) {
  const struct {
    const char* text;
    const char* named;
  } cases[] = {
      {R"({"datacentre": "dc1"})", "datacentre"},
      {R"({"datacenter": 7})", "datacenter"},
      {R"({"http": "nonsense"})", "nonsense"},
      {R"({"dns": "127.0.0.1:99999"})", "127.0.0.1:99999"},
      {R"({"max_connections": "7"})", "max_connections: expected a whole number"},
      {R"({"limits": {"http_max_conns_per_clown": 7}})", "http_max_conns_per_clown"},
      {R"({"http": )", "config.json"},
      {R"([])", "config.json"},
  };
  for (const auto& each : cases) {
    const std::string path = dir_.Write("config.json", each.text);
    // The flags that would win over the configuration are left out.
    const std::vector<std::string> argv = {ROLLCALL_PROGRAM,  "server",   "--data-dir",
                                           dir_.File("data"), "--config", path};
    ExpectRefused(argv, each.named);
  }
  ExpectRefused(ServerWith({{"--config", dir_.File("missing.json")}}), "missing.json");
}

TEST_F(StartErrorTest, AFlagWithABadValue) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"--http", "127.0.0.1"},   {"--http", "127.0.0.1:http"}, {"--dns", "x.invalid:1:2"},
      {"--datacenter", "d c"},   {"--workers", "-3"},          {"--log-level", "loud"},
      {"--max-body-bytes", "0"}, {"--header-timeout", "soon"}, {"--max-connections", "999999999"},
      {"--recursor", "dns"},     {"--dns-order", "fair"},      {"--allow-recursion", "10.0.0.1/8"},
  };
  for (const auto& [flag, value] : cases) ExpectRefused(ServerWith({{flag, value}}), value);
}

TEST_F(StartErrorTest, AnAgentsConfigurationThatIsWrong) {
  const struct {
    const char* text;
    const char* named;
  } cases[] = {
      {R"({"service": {"name": "web", "prot": 80}})", "prot"},
      {R"({"service": {"port": 80}})", "Missing service name"},
      {R"({"servcie": {"name": "web"}})", "servcie"},
      {R"({"service": {"name": "web", "check": {"ttl": "soon"}}})", "soon"},
      {R"({"service": )", "agent.json"},
  };
  for (const auto& each : cases) {
    const std::string path = dir_.Write("agent.json", each.text);
    ExpectRefused(AgentWith({{"--config", path}}), each.named);
  }
  ExpectRefused(AgentWith({{"--config", dir_.File("missing.json")}}), "missing.json");
  ExpectRefused(AgentWith({{"--server", "ftp://x"}}), "ftp://x");
  ExpectRefused(AgentWith({{"--node-ttl", "soon"}}), "soon");
  ExpectRefused(AgentWith({{"--http", "127.0.0.1:http"}}), "127.0.0.1:http");
}

}  // namespace
}  // namespace rollcall::e2e
