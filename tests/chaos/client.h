// Client: what one client does at any of the servers, recorded as it saw it. One thread.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/cluster.h"
#include "tests/chaos/recorder.h"
#include "tests/e2e/harness/http.h"

namespace rollcall::chaos {

using Addresses = std::vector<std::string>;  // of the servers

class Client {
 public:
  // Waits so long for an answer. `recorder` outlives it.
  Client(const Addresses& servers, std::chrono::milliseconds patience, Recorder* recorder);

  // Registers the instance of a key with that number, or deregisters it (kAbsent).
  Outcome WriteKey(int server, int key, Value value);
  // What a key holds; nothing when no answer came.
  std::optional<Read> ReadKey(int server, int key, Consistency consistency);
  // The same as a blocking query from `index` on.
  std::optional<View> WatchKey(int server, int key, uint64_t index, std::chrono::seconds wait);

  // Registers a check with a TTL, and renews it.
  bool RegisterCheck(int server, int check, std::chrono::seconds ttl);
  bool Beat(int server, int check);
  // Which of these checks are critical, waiting for a change after *index.
  void WatchCritical(int server, std::chrono::seconds wait, uint64_t* index);
  // The number of them that are not critical, in a consistent read; nothing when there was no
  // answer.
  std::optional<int> CountAlive(int server);

 private:
  std::optional<Read> Ask(int server, int key, const std::string& query);
  bool BeatWith(int server, int check, const std::string& path, const e2e::Json& body);

  Recorder* const recorder_;
  std::vector<std::unique_ptr<e2e::Http>> servers_;
};

}  // namespace rollcall::chaos
