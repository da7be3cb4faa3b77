#include "dns/udp_batch.h"

#include <cerrno>
#include <cstring>

namespace rollcall::dns {

namespace {

// Messages begin on lines of their own. With an odd spacing they do not all compete for the same
// few places in the processor's cache, as they would with one of a power of two.
constexpr size_t kCacheLine = 64;

IpAddress AddressOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &peer, sizeof v4);
    Ipv4 octets;
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return octets;
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, &peer, sizeof v6);
  Ipv6 octets;
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return Unmapped(octets);
}

}  // namespace

UdpBatch::UdpBatch(size_t payload)
    : payload_(payload),
      spacing_(payload / kCacheLine * kCacheLine + kCacheLine),
      buffers_(kSize * spacing_),
      answers_(kSize * spacing_) {
  for (size_t i = 0; i < kSize; ++i) {
    received_vectors_[i] = {buffers_.data() + i * spacing_, payload_};
    received_[i] = {};
    msghdr& header = received_[i].msg_hdr;
    header.msg_name = &clients_[i];
    header.msg_iov = &received_vectors_[i];
    header.msg_iovlen = 1;
    header.msg_control = infos_[i].octets.data();
    PrepareToReceive(i);
  }
}

void UdpBatch::PrepareToReceive(size_t at) {
  msghdr& header = received_[at].msg_hdr;
  header.msg_namelen = sizeof clients_[at];
  header.msg_controllen = infos_[at].octets.size();
  header.msg_flags = 0;
}

int UdpBatch::Receive(int fd) {
  queued_ = sent_ = answers_end_ = 0;
  // What the kernel wrote with the last batch is all that has to be set anew.
  for (; used_ > 0; --used_) PrepareToReceive(used_ - 1);
  const int count = recvmmsg(fd, received_.data(), kSize, MSG_DONTWAIT, nullptr);
  if (count > 0) used_ = static_cast<size_t>(count);
  return count;
}

std::span<const uint8_t> UdpBatch::received(size_t at) const {
  if ((received_[at].msg_hdr.msg_flags & MSG_TRUNC) != 0) return {};
  return {buffers_.data() + at * spacing_, received_[at].msg_len};
}

IpAddress UdpBatch::client(size_t at) const { return AddressOf(clients_[at]); }

void UdpBatch::QueueAnswer(size_t at, size_t size) {
  sent_vectors_[queued_] = {answers_.data() + answers_end_, size};
  answers_end_ += (size + kCacheLine - 1) / kCacheLine * kCacheLine;
  msghdr header = received_[at].msg_hdr;
  header.msg_iov = &sent_vectors_[queued_];
  header.msg_flags = 0;
  TurnAround(&header);
  if (header.msg_controllen == 0) header.msg_control = nullptr;
  outgoing_[queued_] = {header, 0};
  ++queued_;
}

int UdpBatch::Send(int fd) {
  while (sent_ < queued_) {
    const int count = sendmmsg(fd, outgoing_.data() + sent_, static_cast<unsigned>(queued_ - sent_),
                               MSG_DONTWAIT);
    if (count < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    sent_ += static_cast<size_t>(count);
  }
  return 0;
}

}  // namespace rollcall::dns
