#include "cli/connection_limits.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "api/http/memory_file.h"

namespace rollcall::cli {
namespace {

// The store's tables and logs, and large answers; each worker's event loop, sockets and probes; the
// DNS connections over TCP, and where there are recursors, the queries of a worker that wait for
// them.
constexpr size_t kFilesOfTheProcess = 512 + http::MemoryFile::kMaxFiles;
constexpr size_t kFilesOfAWorker = 32 + http::Limits::kMaxRefused;
const size_t kFilesOfAForwarder = dns::RecursorOptions().max_in_flight;

// Where files are few, half of them are for HTTP all the same.
size_t ConnectionsWithin(size_t open_files, const ServerOptions& options) {
  const bool forwards = options.dns && !options.recursors.empty();
  const size_t of_a_worker = kFilesOfAWorker + (forwards ? kFilesOfAForwarder : 0);
  const size_t of_dns = options.dns ? options.dns_max_connections : 0;
  const size_t reserve = kFilesOfTheProcess + options.workers * of_a_worker + of_dns;
  return open_files - std::min(reserve, open_files / 2);
}

}  // namespace

size_t RaiseOpenFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;  // what a process has unless told
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

Result<http::Limits> ResolveLimits(const ServerOptions& options, size_t open_files) {
  const size_t possible = ConnectionsWithin(open_files, options);
  const size_t in_all = options.max_connections.value_or(possible);
  if (in_all > possible) {
    return InvalidArgument("max-connections \"" + std::to_string(in_all) + "\": no more than " +
                           std::to_string(possible) + " fit into this process's limit of " +
                           std::to_string(open_files) +
                           " open files; raise that (LimitNOFILE=, ulimit -Hn)");
  }
  http::Limits limits = options.limits;
  limits.max_connections = in_all;
  // Without a limit in all, what is possible is what others can be starved of.
  const size_t half = (in_all == 0 ? possible : in_all) / 2;
  limits.max_connections_per_address =
      options.max_connections_per_address.value_or(std::max<size_t>(1, half));
  return limits;
}

}  // namespace rollcall::cli
