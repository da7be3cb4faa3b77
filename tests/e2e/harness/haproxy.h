// A real haproxy whose backend is filled from the SRV records of the service web, on a free port of
// loopback. The test's main thread starts and stops it; the rest may be called from any.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/e2e/harness/proxy.h"

namespace rollcall::e2e {

using Endpoints = std::set<std::string>;  // "address:port"

class Haproxy : public Proxy {
 public:
  struct Options {
    int slots = 5;
    std::string resolvers;  // the section "resolvers rollcall"
    std::string checks = " check inter 200ms";
  };

  void Start(const Options& options);

  // A section of resolvers that asks these nameservers ("127.0.0.1:8600") over UDP, often.
  static std::string OverUdp(const std::vector<std::string>& nameservers);

  // What it answers to a command on its stats socket.
  std::string Ask(const std::string& command) const;
  // The slots that it sends requests to.
  Endpoints FilledSlots() const;
};

}  // namespace rollcall::e2e
