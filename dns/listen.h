// The sockets that DNS is served on: for every worker one UDP socket and one listening TCP socket,
// all on one address and port (SO_REUSEPORT: the kernel spreads clients over the workers).
// Called once, at start-up, from one thread; each worker then owns its pair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::dns {

struct DnsSockets {
  OwnedFd udp;  // bound, not blocking
  OwnedFd tcp;  // listening, not blocking
  bool is_ipv6 = false;
  // Bound to no certain address: answers must be told which one they leave from.
  bool is_wildcard = false;
  uint16_t port = 0;  // the bound one, also when 0 was asked for
};

// `address` is an IP address, without brackets; port 0 takes a free one. A socket that somebody
// else holds is an error even though SO_REUSEPORT would let us in beside another server:
// kUnavailable, "cannot listen on 127.0.0.1:8600 (UDP): address already in use".
Result<std::vector<DnsSockets>> OpenSockets(const std::string& address, uint16_t port,
                                            size_t workers);

}  // namespace rollcall::dns
