#include "agent/options.h"
#include "agent/open_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace rollcall::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Settings Minimal() {
  Settings settings;
  settings.servers = {"http://192.0.2.1:8500"};
  settings.address = "192.0.2.9";
  settings.node = "n1";
  return settings;
}

Options Resolve(const Settings& settings) {
  Result<Options> options = ResolveOptions(settings);
  EXPECT_TRUE(options.has_value()) << options.error().message;
  return options ? *options : Options{};
}

std::string Refusal(const Settings& settings) {
  const Result<Options> options = ResolveOptions(settings);
  EXPECT_FALSE(options.has_value());
  return options ? "" : options.error().message;
}

TEST(OpenFilesTest, ChecksAlwaysHaveSome) {
  EXPECT_EQ(MaxHttpConnections(8192), 3072u);
  EXPECT_EQ(MaxHttpConnections(1024), 256u);
  EXPECT_EQ(MaxHttpConnections(100), 25u);
  EXPECT_EQ(MaxHttpConnections(1), 1u);
}

TEST(OptionsTest, DefaultsAreConsuls) {
  const Options options = Resolve(Minimal());
  EXPECT_EQ(options.http->address, "127.0.0.1");
  EXPECT_EQ(options.http->port, 8500);
  EXPECT_EQ(options.dns->port, 8600);
  EXPECT_EQ(options.node_ttl, seconds(15));
  EXPECT_EQ(options.dns_max_stale, std::chrono::hours(24));
  EXPECT_THAT(options.server_dns, IsEmpty());
  EXPECT_TRUE(options.leave_on_terminate);
  EXPECT_EQ(options.cache_size, 16u * 1024 * 1024);
  EXPECT_EQ(options.cache_stale_if_error, std::chrono::hours(24));
  EXPECT_EQ(options.node.id, "");
}

TEST(OptionsTest, ListenersAreOffBesideAServerOnLoopback) {
  for (const char* server : {"http://127.0.0.1:8500", "http://localhost:8500", "[::1]:8500"}) {
    Settings settings = Minimal();
    settings.servers = {server};
    const Options options = Resolve(settings);
    EXPECT_FALSE(options.http) << server;
    EXPECT_FALSE(options.dns) << server;
    settings.http = "127.0.0.1:0";
    EXPECT_EQ(Resolve(settings).http->port, 0);
  }
}

TEST(OptionsTest, ServersAreWrittenInFull) {
  Settings settings = Minimal();
  settings.servers = {"registry:8500", "https://registry/", "http://[::1]:1"};
  EXPECT_THAT(Resolve(settings).servers,
              ElementsAre("http://registry:8500", "https://registry", "http://[::1]:1"));
}

TEST(OptionsTest, AddressIsTheOneTowardsTheServer) {
  Settings settings = Minimal();
  settings.address.reset();
  settings.servers = {"http://127.0.0.1:8500"};
  EXPECT_EQ(Resolve(settings).node.address, "127.0.0.1");
}

TEST(OptionsTest, RefusalsNameTheSetting) {
  const auto refusal = [](auto change) {
    Settings settings = Minimal();
    change(settings);
    return Refusal(settings);
  };
  EXPECT_THAT(refusal([](Settings& s) { s.servers = {"ftp://x"}; }), HasSubstr("server: "));
  EXPECT_THAT(refusal([](Settings& s) { s.servers = {"http://x/v1"}; }), HasSubstr("no path"));
  EXPECT_THAT(refusal([](Settings& s) { s.http = "8500"; }), HasSubstr("http: "));
  EXPECT_THAT(refusal([](Settings& s) { s.http = "127.0.0.1:99999"; }), HasSubstr("99999"));
  EXPECT_THAT(refusal([](Settings& s) { s.dns = "localhost:53"; }), HasSubstr("dns: "));
  EXPECT_THAT(refusal([](Settings& s) { s.server_dns = {"a:1", "x"}; }), HasSubstr("server_dns: "));
  EXPECT_THAT(refusal([](Settings& s) { s.server_dns.assign(17, "a:1"); }),
              HasSubstr("server_dns: more than 16"));
  EXPECT_THAT(refusal([](Settings& s) { s.dns_max_stale = -seconds(1); }),
              HasSubstr("dns_max_stale: -1s is not between"));
  EXPECT_THAT(refusal([](Settings& s) { s.dns_max_stale = std::chrono::hours(169); }),
              HasSubstr("dns_max_stale: 169h0m0s is not between"));
  EXPECT_THAT(refusal([](Settings& s) { s.log_level = "loud"; }), HasSubstr("log_level: "));
  EXPECT_THAT(refusal([](Settings& s) { s.node_ttl = milliseconds(10); }), HasSubstr("node_ttl: "));
  EXPECT_THAT(refusal([](Settings& s) { s.cache_size = -1; }), HasSubstr("cache_size: -1 is not"));
  EXPECT_THAT(refusal([](Settings& s) { s.cache_size = (1 << 30) + 1; }),
              HasSubstr("cache_size: "));
  EXPECT_THAT(refusal([](Settings& s) { s.cache_stale_if_error = seconds(-1); }),
              HasSubstr("cache_stale_if_error: -1s is not"));
  EXPECT_THAT(refusal([](Settings& s) { s.address = "0.0.0.0"; }), HasSubstr("address: "));
  EXPECT_THAT(refusal([](Settings& s) { s.node = ""; }), HasSubstr("node: "));
}

TEST(OptionsTest, StaleAnswersAreOffAtZeroAlone) {
  Settings settings = Minimal();
  settings.dns_max_stale = seconds(0);
  EXPECT_EQ(Resolve(settings).dns_max_stale, seconds(0));
  settings.dns_max_stale = milliseconds(1);
  EXPECT_EQ(Resolve(settings).dns_max_stale, seconds(1));
}

TEST(OptionsTest, CacheIsAsLargeAndAsOldAsSaid) {
  Settings settings = Minimal();
  settings.cache_size = 0;
  settings.cache_stale_if_error = milliseconds(1500);
  EXPECT_EQ(Resolve(settings).cache_size, 0u);
  EXPECT_EQ(Resolve(settings).cache_stale_if_error, seconds(1));
}

TEST(OptionsTest, FlagsWinOverFiles) {
  Settings flags;
  flags.server_dns = {"flag:1"};
  flags.dns_max_stale = seconds(7);
  flags.node = "from-flag";
  flags.leave_on_terminate = false;
  Settings files = Minimal();
  files.leave_on_terminate = true;
  files.server_dns = {"file:1", "file:2"};
  EXPECT_THAT(Merge(Settings(), files).server_dns, ElementsAre("file:1", "file:2"));
  files.cache_size = 5;
  flags.cache_stale_if_error = seconds(1);
  files.cache_stale_if_error = seconds(2);
  const Settings merged = Merge(flags, files);
  EXPECT_EQ(merged.node, "from-flag");
  EXPECT_THAT(merged.server_dns, ElementsAre("flag:1"));
  EXPECT_EQ(merged.dns_max_stale, seconds(7));
  EXPECT_EQ(merged.leave_on_terminate, false);
  EXPECT_EQ(merged.cache_size, 5);
  EXPECT_EQ(merged.cache_stale_if_error, seconds(1));
  EXPECT_EQ(merged.address, "192.0.2.9");
  EXPECT_THAT(merged.servers, ElementsAre("http://192.0.2.1:8500"));
}

class NodeIdTest : public ::testing::Test {
 protected:
  NodeIdTest() {
    std::string pattern = ::testing::TempDir() + "data.XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~NodeIdTest() override { std::filesystem::remove_all(directory_); }

  Settings WithDataDir(const std::string& path) {
    Settings settings = Minimal();
    settings.data_dir = path;
    return settings;
  }

  std::string directory_;
};

TEST_F(NodeIdTest, IsMadeOnceAndKept) {
  const std::string path = directory_ + "/new/dir";
  const std::string id = Resolve(WithDataDir(path)).node.id.str();
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
  EXPECT_EQ(Resolve(WithDataDir(path)).node.id, id);
  EXPECT_NE(Resolve(WithDataDir(directory_)).node.id, id);
  EXPECT_FALSE(std::filesystem::exists(path + "/node-id.new"));
}

TEST_F(NodeIdTest, BrokenFileIsNamed) {
  std::ofstream(directory_ + "/node-id") << "garbage";
  EXPECT_THAT(Refusal(WithDataDir(directory_)), HasSubstr(directory_ + "/node-id"));
}

TEST_F(NodeIdTest, UnusableDirectoryIsNamed) {
  std::ofstream(directory_ + "/file") << "kept";
  EXPECT_THAT(Refusal(WithDataDir(directory_ + "/file")), HasSubstr(directory_ + "/file"));
}

}  // namespace
}  // namespace rollcall::agent
