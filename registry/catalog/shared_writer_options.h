// What a SharedWriter may be told. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "registry/catalog/server_group.h"

namespace rollcall::catalog {

struct SharedWriterOptions {
  // Of one proposal; the log's limits less what it adds.
  size_t max_operations = 120;
  size_t max_bytes = size_t{1} << 20;
  // Proposals under way at a time. While they are, commands gather for the next one.
  size_t max_in_flight = 4;
  // How long a command may wait for the log; then its client is told that it is not known what
  // became of it.
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(10);
  // How long the log keeps its history: a server that was away for less catches up by it, one
  // that was away for up to twice as long may have to load everything.
  std::chrono::nanoseconds keep_history = std::chrono::minutes(5);
  // Who this server is for the others: another ID in each run.
  std::string id = "server";
  // Told, on the writer's thread, of each change of the servers and of who owns expiry.
  std::function<void(const GroupView&)> on_group;
  // Told of what an operator should know, a sentence each.
  std::function<void(const std::string&)> on_warning;
  // Told that what was warned of is over.
  std::function<void(const std::string&)> on_relief;
};

}  // namespace rollcall::catalog
