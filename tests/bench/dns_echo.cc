// The limit that DNS answers over UDP are measured against: what the kernel's work alone costs.
//   dns_echo PORT BYTES     (UDP on 127.0.0.1)
// Receives and sends like rollcall's server, up to 32 messages with one system call, and does
// nothing in between: an answer is the query with the bits of an answer set, filled up with zeros
// to BYTES octets (a longer query goes back whole). One thread. It ends by a signal.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "tests/bench/program.h"

namespace {

using rollcall::bench::Loopback;
using rollcall::bench::ParseNumber;

constexpr unsigned kBatch = 32;
constexpr size_t kMaxBytes = 8192;
// A cache line, so that the beginnings of the buffers do not all fall into the same set of the
// cache.
constexpr size_t kStaggerBytes = 64;
constexpr size_t kHeaderBytes = 12;
// RFC 1035 section 4.1.1: QR and AA are in the third octet. RD stays as the client set it.
constexpr size_t kFlagsAt = 2;
constexpr uint8_t kResponseAuthoritative = 0x84;

// A socket bound to the port, or -1 and errno.
int BoundSocket(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) return -1;
  const sockaddr_in address = Loopback(1, port);
  return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? fd : -1;
}

// The messages of one system call, and where each of them lies.
struct Batch {
  std::array<std::array<uint8_t, kMaxBytes + kStaggerBytes>, kBatch> buffers = {};
  std::array<sockaddr_in, kBatch> peers = {};
  std::array<iovec, kBatch> parts = {};
  std::array<mmsghdr, kBatch> messages = {};

  Batch() {
    for (unsigned i = 0; i < kBatch; ++i) {
      parts[i].iov_base = buffers[i].data();
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_name = &peers[i];
    }
  }

  void PrepareToReceive(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      parts[i].iov_len = kMaxBytes;
      messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    }
  }

  // What lies behind the query was zero from the start or is left from a longer query: both filler.
  void TurnIntoAnswers(unsigned count, size_t bytes) {
    for (unsigned i = 0; i < count; ++i) {
      const size_t query_bytes = messages[i].msg_len;
      if (query_bytes >= kHeaderBytes) buffers[i][kFlagsAt] |= kResponseAuthoritative;
      parts[i].iov_len = std::max(query_bytes, bytes);
    }
  }
};

// False, and errno, when the socket fails.
bool SendAll(int fd, Batch* batch, unsigned count) {
  for (unsigned sent = 0; sent < count;) {
    const int result = sendmmsg(fd, &batch->messages[sent], count - sent, 0);
    if (result < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    sent += static_cast<unsigned>(result);
  }
  return true;
}

// Returns only when the socket fails, with errno.
void Echo(int fd, size_t bytes) {
  static Batch batch;
  unsigned used = kBatch;  // only these have lengths to reset
  while (true) {
    batch.PrepareToReceive(used);
    const int received = recvmmsg(fd, batch.messages.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (received < 0) {
      if (errno == EINTR) continue;
      return;
    }
    used = static_cast<unsigned>(received);
    batch.TurnIntoAnswers(used, bytes);
    if (!SendAll(fd, &batch, used)) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = argc == 3 ? ParseNumber(argv[1], 1, 65535) : std::nullopt;
  const auto bytes = argc == 3 ? ParseNumber(argv[2], kHeaderBytes, kMaxBytes) : std::nullopt;
  if (!port || !bytes) {
    std::fprintf(stderr, "usage: dns_echo PORT BYTES (from 12 to 8192)\n");
    return 2;
  }
  const int fd = BoundSocket(static_cast<uint16_t>(*port));
  if (fd < 0) {
    std::fprintf(stderr, "dns_echo: cannot bind 127.0.0.1:%zu: %s\n", *port, std::strerror(errno));
    return 1;
  }
  Echo(fd, *bytes);
  std::fprintf(stderr, "dns_echo: %s\n", std::strerror(errno));
  return 1;
}
