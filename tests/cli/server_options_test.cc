// Each setting of `rollcall server`: by flag, by file, the flag over the file, and what is refused.
#include "cli/server_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "tests/e2e/harness/files.h"

namespace rollcall::cli {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

std::string Show(const std::optional<ListenAddress>& listen) {
  return listen ? listen->address + " port " + std::to_string(listen->port) : "off";
}

std::string Show(std::chrono::seconds time) { return std::to_string(time.count()); }

using Written = std::optional<std::string> ServerSettings::*;

// Settings of which one is written.
ServerSettings Only(Written setting, const std::string& value) {
  ServerSettings settings;
  settings.*setting = value;
  return settings;
}

struct Setting {
  const char* flag;  // as errors name it
  const char* key;   // in the file
  Written written;
  std::function<std::string(const ServerOptions&)> resolved;
  const char* first;  // two good values, as they are written and as they are understood
  const char* first_meaning;
  const char* second;
  const char* second_meaning;
  std::vector<const char*> bad;
};

void PrintTo(const Setting& setting, std::ostream* out) { *out << setting.flag; }

const Setting kSettings[] = {
    {"datacenter",
     "datacenter",
     &ServerSettings::datacenter,
     [](const ServerOptions& o) { return o.datacenter; },
     "east-1",
     "east-1",
     "west_2",
     "west_2",
     {"", "d c", "a.b", "a/b"}},
    {"domain",
     "domain",
     &ServerSettings::domain,
     [](const ServerOptions& o) { return o.domain; },
     "registry.example",
     "registry.example",
     "consul.",
     "consul.",
     {"", "con sul", "a/b"}},
    {"node",
     "node",
     &ServerSettings::node,
     [](const ServerOptions& o) { return o.node; },
     "n-1.example",
     "n-1.example",
     "N_2",
     "N_2",
     {"", "a b", "a/b", "n\n1"}},
    {"data-dir",
     "data_dir",
     &ServerSettings::data_dir,
     [](const ServerOptions& o) { return o.data_dir; },
     "/a b",
     "/a b",
     "relative",
     "relative",
     {}},
    {"http",
     "http",
     &ServerSettings::http,
     [](const ServerOptions& o) { return Show(o.http); },
     "127.0.0.2:0",
     "127.0.0.2 port 0",
     "[::1]:65535",
     "::1 port 65535",
     {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1",
      "localhost:80", ":80", "127.0.0.1:80 ", "off"}},
    {"dns",
     "dns",
     &ServerSettings::dns,
     [](const ServerOptions& o) { return Show(o.dns); },
     "127.0.0.2:53",
     "127.0.0.2 port 53",
     "off",
     "off",
     {"", "on", "127.0.0.1", "127.0.0.1:domain", "1.2.3:53", "127.0.0.1:99999"}},
    {"advertise",
     "advertise",
     &ServerSettings::advertise,
     [](const ServerOptions& o) { return o.advertise; },
     "10.0.0.5",
     "10.0.0.5",
     "[2001:db8::5]",
     "2001:db8::5",
     {"", "registry.example", "0.0.0.0", "::", "10.0.0.5:8500"}},
    {"alt-domain",
     "alt_domain",
     &ServerSettings::alt_domain,
     [](const ServerOptions& o) { return o.alt_domain; },
     "sd.example",
     "sd.example",
     "svc",
     "svc",
     {"", "s d", "s/d"}},
    {"dns-any",
     "dns_any",
     &ServerSettings::dns_any,
     [](const ServerOptions& o) { return o.dns_any; },
     "all",
     "all",
     "minimal",
     "minimal",
     {"", "none", "ALL"}},
    {"log-level",
     "log_level",
     &ServerSettings::log_level,
     [](const ServerOptions& o) { return o.log_level; },
     "debug",
     "debug",
     "off",
     "off",
     {"", "loud", "INFO", "5"}},
    {"service-ttl",
     "service_ttl",
     &ServerSettings::service_ttl,
     [](const ServerOptions& o) { return o.service_ttl.ToText(); },
     "10s",
     "10s",
     "db*=10s,*=1m30s,web=5s",
     "*=90s,db*=10s,web=5s",
     {"", "soon", "10", "500ms", "-1s", "600000h"}},
    {"node-ttl",
     "node_ttl",
     &ServerSettings::node_ttl,
     [](const ServerOptions& o) { return Show(o.node_ttl); },
     "1h",
     "3600",
     "0s",
     "0",
     {"1.5s", "s"}},
    {"negative-ttl",
     "negative_ttl",
     &ServerSettings::negative_ttl,
     [](const ServerOptions& o) { return Show(o.negative_ttl); },
     "3s",
     "3",
     "2000ms",
     "2",
     {"1ns", "one"}},
};

class ServerSettingTest : public testing::TestWithParam<Setting> {
 protected:
  // What the file says, or a failure and nothing.
  ServerSettings InFile(const std::string& text) const {
    const Result<ServerSettings> read = ReadServerConfig(dir_.Write("server.json", text));
    if (!read) ADD_FAILURE() << read.error().message;
    return read ? *read : ServerSettings();
  }

  static ServerSettings Set(const std::string& value) { return Only(GetParam().written, value); }

  // The setting as it is understood, on top of what a server cannot do without.
  static std::string Resolved(ServerSettings flags, const ServerSettings& file) {
    if (!flags.data_dir && !file.data_dir) flags.data_dir = "/data";
    const Result<ServerOptions> options =
        ResolveServerOptions(flags, file, Storage::kDataDirectory);
    return options ? GetParam().resolved(*options) : "error: " + options.error().message;
  }

  const e2e::TempDir dir_;
};

TEST_P(ServerSettingTest, ByFlag) {
  EXPECT_EQ(Resolved(Set(GetParam().first), {}), GetParam().first_meaning);
  EXPECT_EQ(Resolved(Set(GetParam().second), {}), GetParam().second_meaning);
}

TEST_P(ServerSettingTest, ByFile) {
  const std::string text =
      R"({")" + std::string(GetParam().key) + R"(": ")" + GetParam().first + R"("})";
  EXPECT_EQ(Resolved({}, InFile(text)), GetParam().first_meaning);
}

TEST_P(ServerSettingTest, TheFlagWins) {
  EXPECT_EQ(Resolved(Set(GetParam().second), Set(GetParam().first)), GetParam().second_meaning);
  EXPECT_EQ(Resolved(Set(GetParam().first), Set(GetParam().second)), GetParam().first_meaning);
}

TEST_P(ServerSettingTest, ABadValueIsNamedWithItsSetting) {
  for (const char* value : GetParam().bad) {
    const std::string named = std::string(GetParam().flag) + " \"" + value + "\"";
    EXPECT_THAT(Resolved(Set(value), {}), HasSubstr(named));
    EXPECT_THAT(Resolved({}, Set(value)), HasSubstr(named));
    // One that is not used does no harm.
    EXPECT_EQ(Resolved(Set(GetParam().first), Set(value)), GetParam().first_meaning);
  }
}

TEST_P(ServerSettingTest, InTheFileItIsAString) {
  for (const std::string value : {"7", "true", "[]", "{}"}) {
    const std::string key = GetParam().key;
    if (key == "service_ttl" && value == "{}") continue;  // one for each name, and none of them
    const std::string path = dir_.Write("server.json", "{\"" + key + "\": " + value + "}");
    const Result<ServerSettings> read = ReadServerConfig(path);
    ASSERT_FALSE(read) << key << " = " << value;
    EXPECT_THAT(read.error().message, AllOf(HasSubstr(path), HasSubstr(key)));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, ServerSettingTest, testing::ValuesIn(kSettings),
                         [](const testing::TestParamInfo<Setting>& each) {
                           return std::string(each.param.key);
                         });

class ServerOptionsTest : public testing::Test {
 protected:
  Result<ServerSettings> Read(const std::string& text) const {
    return ReadServerConfig(dir_.Write("server.json", text));
  }

  static std::string ErrorOf(const ServerSettings& flags, Storage storage) {
    const Result<ServerOptions> options = ResolveServerOptions(flags, {}, storage);
    return options ? "" : options.error().message;
  }

  const e2e::TempDir dir_;
};

TEST_F(ServerOptionsTest, DevNeedsNothing) {
  const Result<ServerOptions> options = ResolveServerOptions({}, {}, Storage::kNothingKept);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->datacenter, "dc1");
  EXPECT_EQ(options->domain, "consul");
  EXPECT_THAT(options->node, EndsWith("-registry"));
  EXPECT_EQ(options->data_dir, "");
  EXPECT_EQ(Show(options->http), "127.0.0.1 port 8500");
  EXPECT_EQ(Show(options->dns), "127.0.0.1 port 8600");
  EXPECT_EQ(options->advertise, "127.0.0.1");
  EXPECT_GE(options->workers, 1u);
  EXPECT_EQ(options->log_level, "info");
  EXPECT_EQ(options->service_ttl.ToText(), "0s");
  EXPECT_EQ(options->node_ttl.count(), 0);
  EXPECT_EQ(options->negative_ttl.count(), 0);
}

TEST_F(ServerOptionsTest, TtlsOfServicesAreByName) {
  const auto file = Read(R"({"service_ttl": {"*": "5s", "web": "30s", "db*": "1m"}})");
  ASSERT_TRUE(file) << file.error().message;
  const auto options = ResolveServerOptions({}, *file, Storage::kNothingKept);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->service_ttl.For("web").count(), 30);
  EXPECT_EQ(options->service_ttl.For("db-1").count(), 60);
  EXPECT_EQ(options->service_ttl.For("api").count(), 5);
  EXPECT_FALSE(Read(R"({"service_ttl": {}})")->service_ttl);

  for (const char* bad : {R"({"service_ttl": {"web": 5}})", R"({"service_ttl": {"a=b": "5s"}})",
                          R"({"service_ttl": {"a,b": "5s"}})", R"({"service_ttl": ["5s"]})"}) {
    EXPECT_THAT(Read(bad).error().message, HasSubstr("service_ttl")) << bad;
  }
  for (const char* bad : {"web=5s,", ",web=5s", "web=5s,web=6s", "*=1s,*=2s", "w*b=5s", "=5s",
                          "web=soon", "web=", "5s,web=6s"}) {
    EXPECT_THAT(ErrorOf(Only(&ServerSettings::service_ttl, bad), Storage::kNothingKept),
                HasSubstr("service-ttl \""))
        << bad;
  }
}

TEST_F(ServerOptionsTest, WhatDnsGivesOutIsTrueOrFalseAndANumber) {
  const auto file = Read(R"({"only_passing": true, "max_udp_payload": 1232})");
  ASSERT_TRUE(file) << file.error().message;
  const auto options = ResolveServerOptions({}, *file, Storage::kNothingKept);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_TRUE(options->only_passing);
  EXPECT_EQ(options->max_udp_payload, 1232u);
  const auto by_flag = ResolveServerOptions(Only(&ServerSettings::only_passing, "false"), *file,
                                            Storage::kNothingKept);
  EXPECT_FALSE(by_flag->only_passing);

  EXPECT_THAT(Read(R"({"only_passing": "true"})").error().message, HasSubstr("only_passing"));
  EXPECT_THAT(Read(R"({"max_udp_payload": "1232"})").error().message, HasSubstr("max_udp_payload"));
  EXPECT_THAT(ErrorOf(Only(&ServerSettings::only_passing, "maybe"), Storage::kNothingKept),
              HasSubstr("only-passing \"maybe\""));
  for (const char* bad : {"511", "65508", "-1", ""}) {
    EXPECT_THAT(ErrorOf(Only(&ServerSettings::max_udp_payload, bad), Storage::kNothingKept),
                HasSubstr("max-udp-payload \"" + std::string(bad)));
  }
}

TEST_F(ServerOptionsTest, TheCatalogIsKeptSomewhereOrNowhere) {
  EXPECT_THAT(ErrorOf({}, Storage::kDataDirectory), HasSubstr("--data-dir"));
  EXPECT_THAT(ErrorOf(Only(&ServerSettings::data_dir, ""), Storage::kDataDirectory),
              HasSubstr("--data-dir"));
  EXPECT_THAT(ErrorOf(Only(&ServerSettings::data_dir, "/data"), Storage::kNothingKept),
              HasSubstr("--dev"));
}

TEST_F(ServerOptionsTest, EveryAddressIsNoneToAdvertise) {
  for (const char* listen : {"0.0.0.0:8500", "[::]:8500"}) {
    ServerSettings flags = Only(&ServerSettings::http, listen);
    EXPECT_THAT(ErrorOf(flags, Storage::kNothingKept), HasSubstr("--advertise"));
    flags.advertise = "10.0.0.5";
    EXPECT_EQ(ErrorOf(flags, Storage::kNothingKept), "");
  }
}

TEST_F(ServerOptionsTest, WorkersAreAWholeNumber) {
  const Result<ServerSettings> file = Read(R"({"workers": 3})");
  ASSERT_TRUE(file) << file.error().message;
  const auto workers = [&](const ServerSettings& flags) {
    const auto options = ResolveServerOptions(flags, *file, Storage::kNothingKept);
    return options ? std::to_string(options->workers) : options.error().message;
  };
  EXPECT_EQ(workers({}), "3");
  EXPECT_EQ(workers(Only(&ServerSettings::workers, "256")), "256");
  for (const char* bad : {"", "0", "257", "-3", "2.5", "two", "2 ", "99999999999999999999"}) {
    EXPECT_THAT(workers(Only(&ServerSettings::workers, bad)),
                HasSubstr("workers \"" + std::string(bad) + "\""));
  }
  for (const char* bad : {"\"3\"", "2.5", "true", "[]"}) {
    const Result<ServerSettings> read = Read("{\"workers\": " + std::string(bad) + "}");
    ASSERT_FALSE(read) << bad;
    EXPECT_THAT(read.error().message, HasSubstr("workers"));
  }
}

TEST_F(ServerOptionsTest, AFileMayNameItsKeysInCamelCase) {
  const Result<ServerSettings> file =
      Read(R"({"DataDir": "/d", "LogLevel": "warn", "ServiceTTL": "1s", "HTTP": "127.0.0.1:1"})");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->data_dir, "/d");
  EXPECT_EQ(file->log_level, "warn");
  EXPECT_EQ(file->service_ttl, "1s");
  EXPECT_EQ(file->http, "127.0.0.1:1");
}

TEST_F(ServerOptionsTest, WhatAFileDoesNotSayIsNotSet) {
  const Result<ServerSettings> file = Read(R"({"node": null})");
  ASSERT_TRUE(file) << file.error().message;
  for (const Setting& setting : kSettings) EXPECT_FALSE((*file).*setting.written) << setting.key;
  EXPECT_FALSE(file->workers);
}

TEST_F(ServerOptionsTest, AFileThatIsWrongIsNamedWithWhatIsWrong) {
  const struct {
    std::string text;
    const char* named;
  } cases[] = {
      {"", "JSON"},
      {R"({"http": )", "JSON"},
      {"[]", "object"},
      {R"({"datacentre": "dc1"})", "datacentre"},
      {std::string((1 << 20) + 1, ' '), "larger than 1 MiB"},
  };
  for (const auto& each : cases) {
    const Result<ServerSettings> read = Read(each.text);
    ASSERT_FALSE(read) << each.named;
    EXPECT_THAT(read.error().message, AllOf(HasSubstr("server.json"), HasSubstr(each.named)));
  }
  for (const std::string& path : {dir_.File("missing.json"), dir_.path()}) {
    const Result<ServerSettings> read = ReadServerConfig(path);
    ASSERT_FALSE(read) << path;
    EXPECT_THAT(read.error().message, HasSubstr(path));
  }
}

}  // namespace
}  // namespace rollcall::cli
