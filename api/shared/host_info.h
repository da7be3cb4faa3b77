// What the host is and has, for GET /v1/agent/host: in Consul's shape, with its field names. Reads
// the kernel's files; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace rollcall::api {

struct HostSources {
  std::string proc = "/proc";
  std::string os_release = "/etc/os-release";
  std::string disk = "/";  // a path on the file system that is told of
};

// Memory, CPU, Host and Disk; a part that cannot be read is null and named in Errors, which is null
// when there are none. Bytes, but for a CPU's cache, which is in KiB; CollectionTime is in
// nanoseconds of Unix time. Values that the kernel does not tell are 0 or empty.
nlohmann::ordered_json HostInfoJson(const HostSources& sources);

}  // namespace rollcall::api
