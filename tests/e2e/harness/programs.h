// The programs under test, and a little service for them to look after. All on loopback, on ports
// of their own, with their files in a directory of their own. Only the test's main thread may start
// and stop them (see Process).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/http.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::e2e {

// `rollcall server` with a data directory that outlives each run.
class Server {
 public:
  // `node`: the name of its own node. `store`: where several servers keep their catalog (--store);
  // empty: it has a data directory.
  explicit Server(std::string node = "n1", std::string store = "")
      : node_(std::move(node)), store_(std::move(store)) {}

  // Starts it and waits until it answers; false, with a test failure, when it does not.
  bool Start(std::vector<std::string> more_flags = {});
  void Kill() { process_->Kill(); }
  std::optional<int> Stop() { return process_->Stop(); }
  // Removes its data directory; while it does not run.
  void LoseData();
  Process& process() { return *process_; }

  int http_port() const { return http_.number(); }
  int dns_port() const { return dns_.number(); }
  std::string Url() const { return "http://" + http_.address(); }
  // The command line that Start uses.
  std::vector<std::string> CommandLine() const;

  // Shortcuts of the test's main thread.
  Reply Get(const std::string& path) { return Http(http_port()).Get(path); }
  Reply Put(const std::string& path, const Json& body = nullptr);
  // The IDs of a service's instances, sorted.
  std::vector<std::string> PassingInstances(const std::string& service);

 private:
  const std::string node_;
  const std::string store_;
  const TempDir dir_;
  const Port http_;
  const Port dns_;
  int runs_ = 0;
  std::unique_ptr<Process> process_;
};

// `rollcall-agent` with one file of definitions.
class Agent {
 public:
  struct Options {
    std::string server_url;
    std::string node = "a1";
    Json definitions = Json::object();  // {"service": {...}} or {"services": [...]}
    std::vector<std::string> more_flags = {};
    std::vector<std::string> environment = {};  // "NAME=value"
  };

  explicit Agent(Options options);

  // What the file says from the next start or reload on.
  void Define(const Json& definitions);
  void Start();
  void Kill() { process_->Kill(); }
  std::optional<int> Stop() { return process_->Stop(); }
  Process& process() { return *process_; }

  int http_port() const { return http_.number(); }
  int dns_port() const { return dns_.number(); }
  std::vector<std::string> CommandLine() const;

 private:
  const Options options_;
  const TempDir dir_;
  const Port http_;
  const Port dns_;
  int runs_ = 0;
  std::unique_ptr<Process> process_;
};

// A web server that answers every request with its name; a process, so that it can be killed.
class Backend {
 public:
  Backend(const std::string& address, int port, const std::string& name);
  void Kill() { process_->Kill(); }

 private:
  const TempDir dir_;
  std::unique_ptr<Process> process_;
};

}  // namespace rollcall::e2e
