// A real server that limits the requests of its clients and tells an audit log of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <map>
#include <sstream>

#include "registry/base/owned_fd.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class RequestLimitsTest : public testing::Test {
 protected:
  // As a client of that address of loopback.
  httplib::Result GetFrom(const std::string& address, const std::string& path) const {
    httplib::Client client("127.0.0.1", server_.http_port());
    client.set_interface(address);
    return client.Get(path);
  }

  Reply Register(const std::string& node) {
    return server_.Put("/v1/catalog/register", {{"Node", node}, {"Address", "10.0.0.1"}});
  }

  std::vector<Json> Lines() const {
    std::vector<Json> lines;
    std::istringstream text(ReadFile(audit_));
    for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
    return lines;
  }
  bool AwaitLine(const std::string& words) const {
    return Eventually([&] { return ReadFile(audit_).find(words) != std::string::npos; });
  }

  const TempDir dir_;
  const std::string audit_ = dir_.File("audit.log");
  Server server_;
};

TEST_F(RequestLimitsTest, WhoAsksTooOftenIsToldWhenToComeAgainAndOthersAreServed) {
  ASSERT_TRUE(
      server_.Start({"--workers", "2", "--limit-exempt", "127.0.0.1", "--limit-reads-per-client",
                     "2:20", "--limit-writes-per-client", "1", "--audit-log", audit_}));
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    // Each has another connection, so that the kernel picks among the workers.
    const httplib::Result reply = GetFrom("127.0.0.2", "/v1/catalog/nodes");
    ASSERT_TRUE(reply);
    if (reply->status == 200) continue;
    ++refused;
    EXPECT_EQ(reply->status, 429);
    EXPECT_EQ(reply->get_header_value("Retry-After"), "1");
    EXPECT_THAT(reply->body, HasSubstr("limit-reads-per-client is 2 a second, 20 at once"));
    const httplib::Result other = GetFrom("127.0.0.1", "/v1/catalog/nodes");
    ASSERT_TRUE(other);
    EXPECT_EQ(other->status, 200);
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(GetFrom("127.0.0.3", "/v1/catalog/nodes")->status, 200);
  ASSERT_TRUE(AwaitLine("429"));
  const Json line = Lines().front();
  EXPECT_EQ(line.at("client"), "127.0.0.2");
  EXPECT_EQ(line.at("path"), "/v1/catalog/nodes");

  const std::string metrics = server_.Get("/v1/agent/metrics?format=prometheus").body;
  EXPECT_THAT(metrics, HasSubstr("rollcall_http_over_limit_total{limit=\"limit-reads-per-client\","
                                 "result=\"refused\"} " +
                                 std::to_string(refused) + "\n"));
  EXPECT_GT(ExpectMetricsOnPage(metrics, ROLLCALL_METRICS_PAGE), 0);
}

TEST_F(RequestLimitsTest, LimitsChangeWithAReloadAndAMistakeChangesNothing) {
  dir_.Write("server.json", R"({"limit_exempt": "none", "limit_reads_per_client": "1:100000"})");
  ASSERT_TRUE(server_.Start({"--config", dir_.File("server.json")}));
  EXPECT_TRUE(server_.Get("/v1/catalog/nodes").ok());
  dir_.Write("server.json", R"({"limit_reads_per_client": "fast"})");
  EXPECT_EQ(server_.Put("/v1/agent/reload", Json()).status, 400);
  EXPECT_TRUE(server_.Get("/v1/catalog/nodes").ok());
  dir_.Write("server.json", R"({"limit_exempt": "none", "limit_reads_per_client": "1"})");
  EXPECT_EQ(server_.Put("/v1/agent/reload", Json()).status, 200);
  EXPECT_TRUE(Eventually([&] { return server_.Get("/v1/catalog/nodes").status == 429; }));
  EXPECT_THAT(server_.process().Output(), HasSubstr("limit-reads-per-client 1:100000 -> 1:1"));
}

TEST_F(RequestLimitsTest, MistakesAreStartErrors) {
  const auto error_of = [this](std::vector<std::string> flags) {
    std::vector<std::string> argv = {ROLLCALL_PROGRAM, "server", "--dev"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Finished result = RunToEnd({.argv = std::move(argv), .output_path = dir_.File("out")});
    EXPECT_EQ(result.code, 1);
    return result.output;
  };
  EXPECT_THAT(error_of({"--limit-reads", "x"}), HasSubstr("rollcall: limit-reads \"x\""));
  EXPECT_THAT(error_of({"--limit-exempt", "10.0.0.0/33"}), HasSubstr("a prefix length"));
  EXPECT_THAT(error_of({"--audit-log", "/nowhere/at/all"}),
              HasSubstr("rollcall: cannot open audit log /nowhere/at/all: No such file"));
  EXPECT_THAT(error_of({"--audit-log", "syslog", "--audit-syslog-socket", "/nowhere"}),
              HasSubstr("rollcall: cannot reach syslog at /nowhere"));
}

TEST_F(RequestLimitsTest, AWriteIsInTheAuditLogWithWhatCameOfIt) {
  ASSERT_TRUE(server_.Start({"--audit-log", audit_}));
  ASSERT_TRUE(Register("a").ok());
  EXPECT_EQ(server_.Put("/v1/catalog/register?token=s3cr3t", Json{{"Node", ""}}).status, 400);
  EXPECT_TRUE(server_.Get("/v1/catalog/nodes?token=s3cr3t").ok());
  // All that was answered is in it when the server has stopped.
  EXPECT_EQ(server_.Stop(), 0);
  const std::vector<Json> lines = Lines();
  ASSERT_EQ(lines.size(), 2u) << ReadFile(audit_);
  EXPECT_EQ(lines[0].at("method"), "PUT");
  EXPECT_EQ(lines[0].at("route"), "/v1/catalog/register");
  EXPECT_EQ(lines[0].at("status"), 200);
  EXPECT_GT(lines[0].at("index").get<int>(), 0);
  EXPECT_EQ(lines[0].at("changed"), true);
  EXPECT_EQ(lines[1].at("status"), 400);
  EXPECT_THAT(lines[1].at("error").get<std::string>(), Not(testing::IsEmpty()));
  EXPECT_THAT(ReadFile(audit_), Not(HasSubstr("s3cr3t")));
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(audit_).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST_F(RequestLimitsTest, AHangupGoesOnInANewFileWithoutAConfigurationToo) {
  ASSERT_TRUE(server_.Start({"--audit-log", audit_}));
  ASSERT_TRUE(Register("a").ok());
  ASSERT_TRUE(AwaitLine("register"));
  std::filesystem::rename(audit_, dir_.File("audit.log.1"));
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(audit_); }));
  ASSERT_TRUE(Register("b").ok());
  ASSERT_TRUE(AwaitLine("register"));
  EXPECT_EQ(Lines().size(), 1u);
}

TEST_F(RequestLimitsTest, TheFileIsTurnedOverBySizeAndSoManyAreKept) {
  ASSERT_TRUE(server_.Start(
      {"--audit-log", audit_, "--audit-log-max-size", "4096", "--audit-log-max-files", "2"}));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Register("node-" + std::to_string(i)).ok());
  EXPECT_EQ(server_.Stop(), 0);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    if (!entry.path().filename().string().starts_with("audit.log")) continue;
    ++files;
    EXPECT_LE(entry.file_size(), 4096u);
  }
  EXPECT_EQ(files, 3);
}

TEST_F(RequestLimitsTest, AFullDiskIsSaidOnceAndRequestsGoOn) {
  ASSERT_EQ(symlink("/dev/full", audit_.c_str()), 0);
  ASSERT_TRUE(server_.Start({"--audit-log", audit_}));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Register("node-" + std::to_string(i)).ok());
  const std::string words = "No space left on device";
  ASSERT_TRUE(
      Eventually([&] { return server_.process().Output().find(words) != std::string::npos; }));
  EXPECT_THAT(server_.Get("/v1/agent/metrics?format=prometheus").body,
              HasSubstr("rollcall_audit_trouble 1\n"));
  ASSERT_EQ(unlink(audit_.c_str()), 0);  // there is room again
  ASSERT_TRUE(Eventually([&] { return Lines().size() == 20; }));
  const std::string log = server_.process().Output();
  EXPECT_EQ(log.find(words), log.rfind(words)) << log;
  EXPECT_THAT(log, HasSubstr(" goes on"));
}

TEST_F(RequestLimitsTest, SyslogGetsTheLines) {
  const OwnedFd daemon(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const std::string path = dir_.File("log");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(daemon.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const timeval patience = {10, 0};
  setsockopt(daemon.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ASSERT_TRUE(server_.Start({"--audit-log", "syslog", "--audit-syslog-socket", path}));
  ASSERT_TRUE(Register("a").ok());
  std::array<char, 4096> room{};
  const ssize_t size = recv(daemon.get(), room.data(), room.size(), 0);
  ASSERT_GT(size, 0);
  const std::string message(room.data(), static_cast<size_t>(size));
  EXPECT_THAT(message, testing::StartsWith("<85>"));
  EXPECT_THAT(message, HasSubstr("rollcall-audit["));
  const Json line = Json::parse(message.substr(message.find('{')));
  EXPECT_EQ(line.at("path"), "/v1/catalog/register");
}

}  // namespace
}  // namespace rollcall::e2e
