// Proxy: what the real programs have in common that pass requests on: each has a folder and a free
// port of loopback, and runs with a configuration of its own. The test's main thread starts and
// stops it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::e2e {

class Proxy {
 public:
  int port() const { return listen_.number(); }
  Process& process() { return *process_; }

 protected:
  Proxy() = default;
  ~Proxy() = default;

  // What it says goes to `log`, in its folder.
  void Run(std::vector<std::string> argv, const std::string& log) {
    process_ = std::make_unique<Process>(
        ProcessOptions{.argv = std::move(argv), .output_path = dir_.File(log)});
  }

  // Its own folder, and where it listens: "127.0.0.1:8080".
  const TempDir& dir() const { return dir_; }
  std::string address() const { return listen_.address(); }

 private:
  const TempDir dir_;
  const Port listen_;
  std::unique_ptr<Process> process_;
};

}  // namespace rollcall::e2e
