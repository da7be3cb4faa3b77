// The real server with every setting in its file, and with flags that say otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::ElementsAre;

class ServerSettingsTest : public testing::Test {
 protected:
  struct Settings {
    std::string datacenter;
    std::string domain;
    std::string node;
    std::string data_dir;
    std::string http;
    std::string dns;
    std::string advertise;
    std::string log_level;
    std::string ttl;  // all three of them
    int workers = 1;
  };

  std::string Write(const Settings& s) const {
    return dir_.Write("server.json", Json{{"datacenter", s.datacenter},
                                          {"domain", s.domain},
                                          {"node", s.node},
                                          {"data_dir", s.data_dir},
                                          {"http", s.http},
                                          {"dns", s.dns},
                                          {"advertise", s.advertise},
                                          {"log_level", s.log_level},
                                          {"service_ttl", s.ttl},
                                          {"node_ttl", s.ttl},
                                          {"negative_ttl", s.ttl},
                                          {"workers", s.workers}}
                                         .dump());
  }

  static std::vector<std::string> Flags(const Settings& s) {
    return {"--datacenter",   s.datacenter, "--domain",    s.domain,
            "--node",         s.node,       "--data-dir",  s.data_dir,
            "--http",         s.http,       "--dns",       s.dns,
            "--advertise",    s.advertise,  "--log-level", s.log_level,
            "--service-ttl",  s.ttl,        "--node-ttl",  s.ttl,
            "--negative-ttl", s.ttl,        "--workers",   std::to_string(s.workers)};
  }

  void Start(const std::vector<std::string>& flags, const Port& http) {
    std::vector<std::string> argv = {ROLLCALL_PROGRAM, "server"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    process_ = std::make_unique<Process>(
        ProcessOptions{.argv = argv, .output_path = dir_.File("server.log")});
    ASSERT_TRUE(Eventually([&] { return Http(http.number()).Get("/v1/status/leader").ok(); }));
  }

  size_t Threads() const {
    const std::filesystem::path tasks = "/proc/" + std::to_string(process_->pid()) + "/task";
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(tasks), {}));
  }

  void ExpectHolds(const Settings& s, const Port& http, const Port& dns) const {
    Http client(http.number());
    const Json config = client.Get("/v1/agent/self").json().at("Config");
    EXPECT_EQ(config.at("Datacenter"), s.datacenter);
    EXPECT_EQ(config.at("NodeName"), s.node);
    const Json node = client.Get("/v1/catalog/node/" + s.node).json().at("Node");
    EXPECT_EQ(node.at("Address"), s.advertise);
    EXPECT_TRUE(std::filesystem::exists(s.data_dir));

    const DnsReply service = Dig(dns.number(), "consul.service." + s.domain, "A");
    EXPECT_THAT(service.answers, ElementsAre(s.advertise));
    EXPECT_EQ(service.ttl, std::stoi(s.ttl));
    const DnsReply named = Dig(dns.number(), s.node + ".node." + s.domain, "A");
    EXPECT_THAT(named.answers, ElementsAre(s.advertise));
    EXPECT_EQ(named.ttl, std::stoi(s.ttl));
    EXPECT_EQ(Dig(dns.number(), "consul.service.else", "A").status, "REFUSED");
  }

  Settings FirstSettings() const {
    return {.datacenter = "east",
            .domain = "one.example",
            .node = "first",
            .data_dir = dir_.File("first"),
            .http = http_.address(),
            .dns = dns_.address(),
            .advertise = "10.1.1.1",
            .log_level = "info",
            .ttl = "11s",
            .workers = 1};
  }

  const TempDir dir_;
  const Port http_;
  const Port dns_;
  std::unique_ptr<Process> process_;
};

TEST_F(ServerSettingsTest, AllInTheFile) {
  const Settings settings = FirstSettings();
  Start({"--config", Write(settings)}, http_);
  ExpectHolds(settings, http_, dns_);
  EXPECT_THAT(process_->Output(), testing::HasSubstr("datacenter east as node first"));
  EXPECT_EQ(process_->Stop(), 0);
}

TEST_F(ServerSettingsTest, EveryFlagWinsOverTheFile) {
  const Port http;
  const Port dns;
  const Settings in_file = FirstSettings();
  Start({"--config", Write(in_file)}, http_);
  const size_t threads_with_one_worker = Threads();
  ASSERT_EQ(process_->Stop(), 0);
  std::filesystem::remove_all(in_file.data_dir);

  const Settings by_flag{.datacenter = "west",
                         .domain = "two.example",
                         .node = "second",
                         .data_dir = dir_.File("second"),
                         .http = http.address(),
                         .dns = dns.address(),
                         .advertise = "10.2.2.2",
                         .log_level = "off",
                         .ttl = "22s",
                         .workers = 5};
  std::vector<std::string> flags = Flags(by_flag);
  flags.insert(flags.end(), {"--config", Write(in_file)});
  Start(flags, http);
  ExpectHolds(by_flag, http, dns);
  EXPECT_EQ(Threads(), threads_with_one_worker + 4);
  EXPECT_EQ(process_->Output(), "");
  EXPECT_FALSE(std::filesystem::exists(in_file.data_dir));
  EXPECT_EQ(Http(http_.number()).Get("/v1/status/leader").status, 0);
}

}  // namespace
}  // namespace rollcall::e2e
