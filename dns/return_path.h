// ReturnPath: the way back to where a datagram came from: its sender, and the address that it was
// sent to, from which the answer is to leave. Plain value; any thread may use its own.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rollcall::dns {

// The control message that tells which address a datagram came to: room for one in_pktinfo or
// in6_pktinfo.
struct PacketInfo {
  static constexpr size_t kSize = CMSG_SPACE(sizeof(in6_pktinfo));
  alignas(cmsghdr) std::array<std::byte, kSize> octets;
};

// Makes what `header` was received with say where the answer leaves from. The interface is left to
// routing, except for link-local addresses, which mean nothing without it (RFC 3542 section 6.3).
void TurnAround(msghdr* header);

class ReturnPath {
 public:
  // Of a message that was received with `header`, which holds its sender and its packet info.
  explicit ReturnPath(const msghdr& header);

  // Sends `octets` without blocking; false when the kernel does not take them.
  bool Send(int fd, std::span<const uint8_t> octets) const;

 private:
  sockaddr_storage client_{};
  socklen_t client_size_ = 0;
  PacketInfo info_{};
  size_t info_size_ = 0;
};

}  // namespace rollcall::dns
