// UdpBatch: the buffers of one recvmmsg and the sendmmsg that answers it. One worker's.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/return_path.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

class UdpBatch {
 public:
  // How many messages a system call moves at most. 32 make the call's cost small beside that of
  // the answers, and are few enough that the first answer does not wait for long.
  static constexpr size_t kSize = 32;

  // `payload` octets of a message are received, and no answer is longer.
  explicit UdpBatch(size_t payload);

  // Takes what has arrived on `fd`, without blocking: how many messages, or -1 and errno.
  int Receive(int fd);

  // Message `at` of those received; empty for one that was longer than `payload`.
  std::span<const uint8_t> received(size_t at) const;

  // Where message `at` came from.
  IpAddress client(size_t at) const;

  // For an answer to it that comes later.
  ReturnPath return_path(size_t at) const { return ReturnPath(received_[at].msg_hdr); }

  // Where the next answer may be written: `payload` octets.
  std::span<uint8_t> answer_room() { return std::span(answers_).subspan(answers_end_, payload_); }
  // Queues the first `size` octets of answer_room() as the answer to message `at`: to where that
  // came from, from the address it came to.
  void QueueAnswer(size_t at, size_t size);
  size_t queued() const { return queued_ - sent_; }

  // Sends queued answers, without blocking, until all are sent or the kernel takes no more: 0, or
  // the error of the first that was not sent. It stays queued.
  int Send(int fd);
  // Gives up the first queued answer.
  void DropFirst() { ++sent_; }

 private:
  void PrepareToReceive(size_t at);

  const size_t payload_;
  const size_t spacing_;          // from one received message to the next
  std::vector<uint8_t> buffers_;  // kSize times that
  std::array<sockaddr_storage, kSize> clients_;
  std::array<PacketInfo, kSize> infos_;
  std::array<iovec, kSize> received_vectors_;
  std::array<mmsghdr, kSize> received_;
  size_t used_ = 0;  // of received_, by the last batch

  // One behind the other, so that the memory that is in use is no more than what is sent.
  std::vector<uint8_t> answers_;
  size_t answers_end_ = 0;
  std::array<iovec, kSize> sent_vectors_;
  std::array<mmsghdr, kSize> outgoing_;
  size_t queued_ = 0;  // of outgoing_: those from sent_ on are to be sent
  size_t sent_ = 0;
};

}  // namespace rollcall::dns
