#include "dns/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "registry/base/ascii.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

namespace {

constexpr int kBacklog = 1024;
// Somebody may take the TCP port whose number the kernel gave us for UDP.
constexpr int kPortAttempts = 16;
// Room for bursts: what does not fit while a worker is busy elsewhere is lost.
constexpr int kUdpBufferSize = 1 << 20;

enum class Sharing { kAlone, kReusePort };

struct Endpoint {
  std::string text;
  IpAddress address;

  bool is_ipv6() const { return std::holds_alternative<Ipv6>(address); }
  bool is_wildcard() const {
    return std::visit(
        [](const auto& octets) {
          return std::all_of(octets.begin(), octets.end(), [](uint8_t o) { return o == 0; });
        },
        address);
  }

  Error Failure(int socket_type, uint16_t port, int error) const {
    const std::string host = is_ipv6() ? "[" + text + "]" : text;
    std::string reason = std::strerror(error);
    reason[0] = AsciiLower(reason[0]);
    return Unavailable("cannot listen on " + host + ":" + std::to_string(port) +
                       (socket_type == SOCK_DGRAM ? " (UDP): " : " (TCP): ") + reason);
  }
};

bool SetOption(int fd, int level, int option) {
  const int on = 1;
  return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

bool Bind(int fd, const Endpoint& endpoint, uint16_t port) {
  if (const Ipv4* v4 = std::get_if<Ipv4>(&endpoint.address)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    std::memcpy(&name.sin_addr, v4->data(), v4->size());
    return bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  }
  const Ipv6& v6 = std::get<Ipv6>(endpoint.address);
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(port);
  std::memcpy(&name.sin6_addr, v6.data(), v6.size());
  return bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

uint16_t BoundPort(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&name)->sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in*>(&name)->sin_port);
}

// A bound socket, listening if of TCP.
Result<OwnedFd> Open(const Endpoint& endpoint, uint16_t port, int socket_type, Sharing sharing) {
  OwnedFd fd(socket(endpoint.is_ipv6() ? AF_INET6 : AF_INET,
                    socket_type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return endpoint.Failure(socket_type, port, errno);
  const bool ready =
      // Connections of a server before us may linger on the port.
      (socket_type != SOCK_STREAM || SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR)) &&
      (sharing != Sharing::kReusePort || SetOption(fd.get(), SOL_SOCKET, SO_REUSEPORT)) &&
      (!endpoint.is_ipv6() || SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY)) &&
      Bind(fd.get(), endpoint, port) &&
      (socket_type != SOCK_STREAM || listen(fd.get(), kBacklog) == 0);
  if (!ready) return endpoint.Failure(socket_type, port, errno);
  return fd;
}

Result<void> PrepareUdp(const Endpoint& endpoint, uint16_t port, int fd) {
  // Both are wishes: the kernel caps them.
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kUdpBufferSize, sizeof kUdpBufferSize);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kUdpBufferSize, sizeof kUdpBufferSize);
  if (!endpoint.is_wildcard()) return {};
  const bool set = endpoint.is_ipv6() ? SetOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO)
                                      : SetOption(fd, IPPROTO_IP, IP_PKTINFO);
  if (!set) return endpoint.Failure(SOCK_DGRAM, port, errno);
  return {};
}

Result<DnsSockets> OpenPair(const Endpoint& endpoint, uint16_t port) {
  Result<OwnedFd> udp = Open(endpoint, port, SOCK_DGRAM, Sharing::kReusePort);
  if (!udp) return udp.error();
  if (Result<void> prepared = PrepareUdp(endpoint, port, udp->get()); !prepared) {
    return prepared.error();
  }
  Result<OwnedFd> tcp = Open(endpoint, port, SOCK_STREAM, Sharing::kReusePort);
  if (!tcp) return tcp.error();
  DnsSockets sockets;
  sockets.udp = std::move(udp).value();
  sockets.tcp = std::move(tcp).value();
  sockets.is_ipv6 = endpoint.is_ipv6();
  sockets.is_wildcard = endpoint.is_wildcard();
  sockets.port = port;
  return sockets;
}

// Binds `port` for UDP and TCP without SO_REUSEPORT, which fails when anybody else has it, and
// gives it back. Returns its number.
Result<uint16_t> ProbePort(const Endpoint& endpoint, uint16_t port) {
  Result<OwnedFd> udp = Open(endpoint, port, SOCK_DGRAM, Sharing::kAlone);
  if (!udp) return udp.error();
  const uint16_t bound = BoundPort(udp->get());
  Result<OwnedFd> tcp = Open(endpoint, bound, SOCK_STREAM, Sharing::kAlone);
  if (!tcp) return tcp.error();
  return bound;
}

Result<uint16_t> FindPort(const Endpoint& endpoint, uint16_t port) {
  for (int attempt = 1;; ++attempt) {
    Result<uint16_t> found = ProbePort(endpoint, port);
    if (found || port != 0 || attempt == kPortAttempts) return found;
  }
}

}  // namespace

Result<std::vector<DnsSockets>> OpenSockets(const std::string& address, uint16_t port,
                                            size_t workers) {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  if (!parsed) {
    return InvalidArgument("cannot listen on \"" + address + "\": not an IP address");
  }
  const Endpoint endpoint{address, *parsed};
  const Result<uint16_t> found = FindPort(endpoint, port);
  if (!found) return found.error();
  std::vector<DnsSockets> all;
  for (size_t i = 0; i < workers; ++i) {
    Result<DnsSockets> sockets = OpenPair(endpoint, *found);
    if (!sockets) return sockets.error();
    all.push_back(std::move(sockets).value());
  }
  return all;
}

}  // namespace rollcall::dns
