#include "tests/e2e/harness/silent_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <vector>

namespace rollcall::e2e {
namespace {

constexpr int kLookForTheEndMs = 50;

// False when the other side has closed.
bool ReadAndDrop(int fd) {
  std::array<char, 4096> dropped;
  return read(fd, dropped.data(), dropped.size()) > 0;
}

}  // namespace

SilentServer::SilentServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_.number()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(listen(listener_, SOMAXCONN), 0);
  thread_ = std::thread([this] { Run(); });
}

SilentServer::~SilentServer() {
  stop_ = true;
  thread_.join();
  close(listener_);
}

void SilentServer::Run() {
  std::vector<pollfd> all = {{listener_, POLLIN, 0}};
  while (!stop_) {
    if (poll(all.data(), all.size(), kLookForTheEndMs) <= 0) continue;
    if (all[0].revents != 0) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) {
        ++accepted_;
        all.push_back({fd, POLLIN, 0});
      }
    }
    for (size_t i = all.size(); --i > 0;) {
      if (all[i].revents == 0 || ReadAndDrop(all[i].fd)) continue;
      close(all[i].fd);
      all[i] = all.back();
      all.pop_back();
    }
  }
  for (size_t i = 1; i < all.size(); ++i) close(all[i].fd);
}

}  // namespace rollcall::e2e
