// SnapshotSender: sends small snapshots to a server, several at a time, each over a connection and
// by a thread of its own: while one is made durable the next is on its way. They may arrive in any
// order. Threads: all calls by the one that made it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/registry_client.h"
#include "registry/base/result.h"

namespace rollcall::cli {

class SnapshotSender {
 public:
  // What the server has said so far.
  struct Outcome {
    uint64_t changed = 0;
    uint64_t refused = 0;
    std::vector<std::string> refusals;  // the first of them
  };

  explicit SnapshotSender(const Target& target);
  // Gives up what has not been sent.
  ~SnapshotSender();
  SnapshotSender(const SnapshotSender&) = delete;
  SnapshotSender& operator=(const SnapshotSender&) = delete;

  // Waits while enough are on their way. An error is the first that any of them had.
  Result<void> Send(std::string snapshot);
  // Waits until all are answered.
  Result<Outcome> Finish();

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace rollcall::cli
