#include "tests/e2e/harness/programs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/e2e/harness/eventually.h"

namespace rollcall::e2e {

std::vector<std::string> Server::CommandLine() const {
  std::vector<std::string> argv = {ROLLCALL_PROGRAM, "server",       "--http", http_.address(),
                                   "--dns",          dns_.address(), "--node", node_};
  if (store_.empty()) {
    argv.insert(argv.end(), {"--data-dir", dir_.File("data")});
  } else {
    argv.insert(argv.end(), {"--store", store_});
  }
  return argv;
}

bool Server::Start(std::vector<std::string> more_flags) {
  std::vector<std::string> argv = CommandLine();
  argv.insert(argv.end(), more_flags.begin(), more_flags.end());
  process_ = std::make_unique<Process>(ProcessOptions{
      .argv = argv, .output_path = dir_.File("server-" + std::to_string(++runs_) + ".log")});
  // Ready is when both answer: HTTP says so itself, and DNS is bound before HTTP accepts.
  const bool ready =
      Eventually([this] { return !process_->Running() || Get("/v1/status/leader").ok(); });
  const bool running = ready && process_->Running();
  EXPECT_TRUE(running) << "the server did not start";
  return running;
}

void Server::LoseData() {
  ASSERT_FALSE(process_->Running());
  EXPECT_GT(std::filesystem::remove_all(dir_.File("data")), 0u);
}

Reply Server::Put(const std::string& path, const Json& body) {
  return Http(http_port()).Put(path, body.is_null() ? std::string() : body.dump());
}

std::vector<std::string> Server::PassingInstances(const std::string& service) {
  std::vector<std::string> ids;
  const Json instances = Get("/v1/health/service/" + service + "?passing").json();
  for (const Json& each : instances) ids.push_back(each.at("Service").at("ID"));
  std::sort(ids.begin(), ids.end());
  return ids;
}

Agent::Agent(Options options) : options_(std::move(options)) { Define(options_.definitions); }

void Agent::Define(const Json& definitions) { dir_.Write("services.json", definitions.dump()); }

std::vector<std::string> Agent::CommandLine() const {
  std::vector<std::string> argv = {ROLLCALL_AGENT_PROGRAM,
                                   "--config",
                                   dir_.File("services.json"),
                                   "--server",
                                   options_.server_url,
                                   "--http",
                                   http_.address(),
                                   "--dns",
                                   dns_.address(),
                                   "--node",
                                   options_.node,
                                   "--address",
                                   "127.0.0.1",
                                   "--data-dir",
                                   dir_.File("data")};
  argv.insert(argv.end(), options_.more_flags.begin(), options_.more_flags.end());
  return argv;
}

void Agent::Start() {
  process_ = std::make_unique<Process>(
      ProcessOptions{.argv = CommandLine(),
                     .environment = options_.environment,
                     .output_path = dir_.File("agent-" + std::to_string(++runs_) + ".log")});
}

Backend::Backend(const std::string& address, int port, const std::string& name) {
  process_ = std::make_unique<Process>(
      ProcessOptions{.argv = {ROLLCALL_BACKEND_PROGRAM, address, std::to_string(port), name},
                     .output_path = dir_.File("backend.log")});
  EXPECT_TRUE(Eventually([&] {
    return Http(address, port, std::chrono::seconds(1)).Get("/").body == name;
  })) << "the backend did not start on "
      << address << ":" << port;
}

}  // namespace rollcall::e2e
