#include "agent/config_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace rollcall::agent {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ConfigFilesTest : public ::testing::Test {
 protected:
  ConfigFilesTest() {
    std::string pattern = ::testing::TempDir() + "config.XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~ConfigFilesTest() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::string path = directory_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  ConfigFiles Read(const std::string& path) {
    Result<ConfigFiles> files = ReadConfigFiles({path});
    EXPECT_TRUE(files.has_value()) << files.error().message;
    return files ? *files : ConfigFiles{};
  }

  std::string Refusal(const std::string& path) {
    const Result<ConfigFiles> files = ReadConfigFiles({path});
    EXPECT_FALSE(files.has_value());
    std::string message = files ? "" : files.error().message;
    EXPECT_THAT(message, Not(HasSubstr("\n")));
    return message;
  }

  std::string directory_;
};

TEST_F(ConfigFilesTest, ReadsSettingsAndDefinitions) {
  const ConfigFiles files = Read(Write("a.json", R"({
    "node": "n1", "address": "10.0.0.1", "server": "http://a:8500", "servers": ["http://b:8500"],
    "http": "off", "dns": "127.0.0.1:53", "server_dns": "a:8600", "data_dir": "/d",
    "dns_max_stale": "1h",
    "log_level": "debug", "leave_on_terminate": false, "node_ttl": "20s", "node_meta": {"os": "x"},
    "cache_size": 4096, "cache_stale_if_error": "1h",
    "service": {"name": "web", "port": 80, "check": {"ttl": "10s"}},
    "services": [{"id": "db-1", "name": "db"}, {"Name": "Cache"}],
    "check": {"name": "mem", "ttl": "5s"},
    "checks": [{"id": "tcp", "name": "t", "tcp": "127.0.0.1:1", "interval": "5s"}]})"));
  const Settings& settings = files.settings;
  EXPECT_EQ(settings.node, "n1");
  EXPECT_EQ(settings.address, "10.0.0.1");
  EXPECT_THAT(settings.servers, ElementsAre("http://a:8500", "http://b:8500"));
  EXPECT_EQ(settings.http, "off");
  EXPECT_EQ(settings.dns, "127.0.0.1:53");
  EXPECT_THAT(settings.server_dns, ElementsAre("a:8600"));
  EXPECT_EQ(settings.dns_max_stale, std::chrono::hours(1));
  EXPECT_EQ(settings.data_dir, "/d");
  EXPECT_EQ(settings.log_level, "debug");
  EXPECT_EQ(settings.leave_on_terminate, false);
  EXPECT_EQ(settings.node_ttl, seconds(20));
  EXPECT_EQ(settings.cache_size, 4096);
  EXPECT_EQ(settings.cache_stale_if_error, seconds(3600));
  EXPECT_EQ(settings.node_meta, (model::StringMap{{"os", "x"}}));
  ASSERT_EQ(files.definitions.services.size(), 3u);
  EXPECT_EQ(files.definitions.services[0].checks.size(), 1u);
  EXPECT_EQ(files.definitions.services[1].instance.id, "db-1");
  ASSERT_EQ(files.definitions.checks.size(), 2u);
  EXPECT_EQ(files.definitions.checks[1].check_id, "tcp");
}

TEST_F(ConfigFilesTest, DnsServersMayBeSeveral) {
  const ConfigFiles files = Read(Write("a.json", R"({"server_dns": ["a:8600", "b:8600"]})"));
  EXPECT_THAT(files.settings.server_dns, ElementsAre("a:8600", "b:8600"));
  const std::string path = Write("bad.json", R"({"server_dns": ["a:8600", 1]})");
  EXPECT_THAT(Refusal(path), HasSubstr("server_dns"));
}

TEST_F(ConfigFilesTest, DirectoryIsReadInNameOrder) {
  Write("20.json", R"({"node": "late", "service": {"name": "b"}})");
  Write("10.json", R"({"node": "early", "log_level": "warn", "service": {"name": "a"}})");
  Write("30.json.bak", "not JSON");
  const ConfigFiles files = Read(directory_);
  EXPECT_EQ(files.settings.node, "late");
  EXPECT_EQ(files.settings.log_level, "warn");
  ASSERT_EQ(files.definitions.services.size(), 2u);
  EXPECT_EQ(files.definitions.services[0].instance.id, "a");
}

TEST_F(ConfigFilesTest, ErrorsNameTheFileAndTheKey) {
  const struct {
    const char* json;
    const char* message;
  } table[] = {
      {R"({"nonsense": 1})", "nonsense"},
      {R"({"node": 1})", "node: expected a string"},
      {R"({"node_ttl": "abc"})", "time: invalid duration \"abc\""},
      {R"({"server_dns": 1})", "server_dns: expected"},
      {R"({"dns_max_stale": "x"})", "time: invalid duration \"x\""},
      {R"({"service": {"port": 1}})", "service: Missing service name"},
      {R"({"services": [{"name": "a"}, {"name": "b", "prot": 1}]})", "services[1]: "},
      {R"({"services": {"name": "a"}})", "services: expected an array"},
      {R"({"check": {"name": "a"}})", "check: Invalid check: TTL must be > 0"},
      {R"({"service": {"name": "a", "check": {"args": ["x"], "interval": "1s"}}})",
       "Scripts are disabled"},
      {R"([])", "object"},
  };
  for (const auto& row : table) {
    const std::string path = Write("bad.json", row.json);
    const std::string message = Refusal(path);
    EXPECT_THAT(message, StartsWith(path + ":1: "));
    EXPECT_THAT(message, HasSubstr(row.message));
    EXPECT_THAT(message, Not(HasSubstr("Request decode failed")));
  }
}

TEST_F(ConfigFilesTest, MalformedJsonIsNamedByItsLine) {
  const std::string path = Write("bad.json", "{\n \"node\": \"a\",\n oops\n}");
  EXPECT_THAT(Refusal(path), StartsWith(path + ":3: syntax error"));
  EXPECT_THAT(Refusal(Write("empty.json", "")), HasSubstr("empty.json:1: "));
}

TEST_F(ConfigFilesTest, WhatIsWrongInADefinitionIsNamedByItsLine) {
  const std::string path = Write("bad.json", R"({
  "services": [
    {"name": "a"},
    {
      "name": "b",
      "checks": [
        {"ttl": "1s"},
        {"ttl": 5.5}
      ]
    },
    {"nmae": "c"}
  ]
})");
  EXPECT_THAT(Refusal(path), StartsWith(path + ":8: services[1]: checks[1].ttl"));
  Write("bad.json", R"({
  "services": [
    {"name": "a"},
    {"nmae": "c"}
  ]
})");
  EXPECT_THAT(Refusal(path), StartsWith(path + ":4: services[1]: "));
}

TEST_F(ConfigFilesTest, CheckNeedsANameOrAnId) {
  const ConfigFiles files =
      Read(Write("a.json", R"({"check": {"id": "web-alias", "alias_service": "web"}})"));
  ASSERT_EQ(files.definitions.checks.size(), 1u);
  EXPECT_EQ(files.definitions.checks[0].check_id, "web-alias");
  EXPECT_EQ(files.definitions.checks[0].name, "web-alias");
  EXPECT_THAT(Refusal(Write("a.json", R"({"check": {"ttl": "1s"}})")),
              HasSubstr("check: Missing check name"));
}

TEST_F(ConfigFilesTest, KnowsWhereEachDefinitionIs) {
  const std::string path = Write("a.json", R"({
  "services": [
    {"name": "a"},
    {"name": "b", "checks": [{"ttl": "1s"}]}
  ],
  "check": {"name": "c", "ttl": "1s"}
})");
  const Definitions definitions = Read(path).definitions;
  EXPECT_THAT(definitions.service_places, ElementsAre(path + ":3", path + ":4"));
  EXPECT_THAT(definitions.check_places, ElementsAre(path + ":6"));
}

TEST_F(ConfigFilesTest, ScriptsAreReadWhereTheyAreAllowed) {
  const std::string script = R"("check": {"name": "s", "args": ["/bin/true"], "interval": "10s"})";
  const std::string path = Write("a.json", "{" + script + "}");
  EXPECT_THAT(Refusal(path), HasSubstr("Scripts are disabled on this agent; to enable"));
  Settings flags;
  flags.enable_local_script_checks = true;
  EXPECT_TRUE(ReadConfigFiles({path}, flags));
  flags = Settings();
  flags.enable_script_checks = true;
  EXPECT_TRUE(ReadConfigFiles({path}, flags));
  // Said by another file, and a flag goes before what files say.
  Write("b.json", R"({"enable_local_script_checks": true})");
  EXPECT_TRUE(ReadConfigFiles({directory_}));
  flags.enable_script_checks = false;
  flags.enable_local_script_checks = false;
  EXPECT_FALSE(ReadConfigFiles({directory_}, flags));
}

TEST_F(ConfigFilesTest, SameIdInTwoFilesIsRefused) {
  Write("a.json", R"({"service": {"name": "web", "check": {"ttl": "1s", "id": "c"}}})");
  Write("b.json", R"({"service": {"id": "WEB", "name": "web"}})");
  EXPECT_THAT(Refusal(directory_),
              EndsWith("service \"web\" is already defined in " + directory_ + "/a.json:1"));
  Write("b.json", R"({"check": {"name": "c", "ttl": "1s"}})");
  EXPECT_THAT(Refusal(directory_), HasSubstr("check \"c\" is already defined in "));
}

TEST_F(ConfigFilesTest, MissingFileIsNamed) {
  EXPECT_EQ(Refusal(directory_ + "/missing.json"),
            "cannot read " + directory_ + "/missing.json: No such file or directory");
}

}  // namespace
}  // namespace rollcall::agent
