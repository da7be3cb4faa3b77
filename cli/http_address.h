// Where a server or an agent is reached over HTTP, as people write it: "127.0.0.1:8500",
// "http://registry:8500/", "https://registry", "[::1]:8500", ":8500". Plain values, any thread.
#pragma once

#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::cli {

inline constexpr int kDefaultHttpPort = 8500;

struct HttpAddress {
  std::string scheme = "http";  // or "https"
  std::string host;             // without the brackets of an IPv6 address
  int port = kDefaultHttpPort;

  // "http://[::1]:8500"
  std::string Url() const;
};

// A missing host is 127.0.0.1, a missing port 8500. kInvalidArgument names what is wrong.
Result<HttpAddress> ParseHttpAddress(std::string_view text);

}  // namespace rollcall::cli
