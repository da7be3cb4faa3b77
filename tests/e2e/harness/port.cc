#include "tests/e2e/harness/port.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <random>

namespace rollcall::e2e {
namespace {

constexpr int kFirst = 20000;
constexpr int kLast = 32000;

// Whether nobody listens on the port, on any address.
bool IsFree(int type, int number) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const int on = 1;
  // Connections of an earlier server that are still in TIME_WAIT do not count.
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(number));
  const bool free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
                    (type != SOCK_STREAM || listen(fd, 1) == 0);
  close(fd);
  return free;
}

// A name in the abstract namespace can be bound once on a machine, and goes with its socket.
int Claim(int number) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string text = "rollcall-test-port-" + std::to_string(number);
  std::memcpy(name.sun_path + 1, text.data(), text.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), size) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

Port::Port() {
  std::uniform_int_distribution<int> any(kFirst, kLast);
  std::random_device random;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    if (Take(any(random))) return;
  }
  ADD_FAILURE() << "no free port";
}

Port::~Port() {
  if (claim_ >= 0) close(claim_);
}

bool Port::Take(int number) {
  claim_ = Claim(number);
  if (claim_ < 0) return false;
  if (IsFree(SOCK_STREAM, number) && IsFree(SOCK_DGRAM, number)) {
    number_ = number;
    return true;
  }
  close(claim_);
  claim_ = -1;
  return false;
}

}  // namespace rollcall::e2e
