// The limit that the answers to many watchers are measured against: a bare loop of send().
//   watch_echo PORT BYTES     (HTTP on 127.0.0.1)
// Knows as much of the API as watch_load asks for and does nothing else: a GET with an index waits;
// a PUT, of whatever, sends an answer of BYTES octets to all that wait, one send() each, and is
// answered itself then; the metrics tell how many wait; any other GET is answered at once. One
// thread. It ends by a signal.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/bench/program.h"
#include "tests/bench/watch_http.h"

namespace rollcall::bench {
namespace {

constexpr size_t kMinBytes = 128;  // there is room for the head
constexpr size_t kMaxBytes = 65536;
constexpr size_t kLengthDigits = 6;
constexpr size_t kReadBytes = 65536;
constexpr int kEvents = 512;

int Listen(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const sockaddr_in address = Loopback(1, port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return -1;
  return listen(fd, SOMAXCONN) == 0 ? fd : -1;
}

std::string WithLength(const std::string& head, const std::string& body) {
  std::string length = std::to_string(body.size());
  // Of always as many digits, so that the whole can be given any length.
  length.insert(0, kLengthDigits - length.size(), '0');
  return head + std::string(kContentLength) + ": " + length + std::string(kHeadEnd) + body;
}

class Echo {
 public:
  Echo(int listener, size_t bytes)
      : listener_(listener), bytes_(bytes), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (poll_ < 0) FailWithErrno("cannot poll");
    Poll(listener);
  }

  [[noreturn]] void Run() {
    while (true) {
      std::array<epoll_event, kEvents> events;
      const int ready = epoll_wait(poll_, events.data(), kEvents, -1);
      if (ready < 0 && errno != EINTR) FailWithErrno("cannot poll");
      for (int i = 0; i < ready; ++i) {
        const int fd = events[static_cast<size_t>(i)].data.fd;
        if (fd == listener_) {
          Accept();
        } else {
          Receive(fd);
        }
      }
    }
  }

 private:
  void Poll(int fd) const {
    epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) != 0) FailWithErrno("cannot poll");
  }

  void Accept() const {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) FailWithErrno("cannot accept");
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    Poll(fd);
  }

  void Receive(int fd) {
    static std::array<char, kReadBytes> buffer;
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      Forget(fd);
      return;
    }
    std::string& request = requests_[fd];
    request.append(buffer.data(), static_cast<size_t>(got));
    const auto bytes = MessageBytes(request);
    if (!bytes || request.size() < *bytes) return;
    Serve(fd, request.substr(0, request.find('\r')));
    requests_.erase(fd);
  }

  void Forget(int fd) {
    std::erase(waiting_, fd);
    requests_.erase(fd);
    close(fd);
  }

  void Serve(int fd, const std::string& request_line) {
    if (request_line.starts_with("PUT ")) {
      ++index_;
      SendToAll();
      SendWhole(fd, WithLength("HTTP/1.1 200 OK\r\n", "true"));
    } else if (request_line.starts_with("GET " + std::string(kMetricsPath) + " ")) {
      SendWhole(fd, WithLength("HTTP/1.1 200 OK\r\n",
                               std::string(kParkedGauge) + std::to_string(waiting_.size()) + "\n"));
    } else if (request_line.find("index=") != std::string::npos) {
      waiting_.push_back(fd);
    } else {
      SendWhole(fd, Answer());
    }
  }

  // What is measured.
  void SendToAll() {
    const std::string answer = Answer();
    for (const int fd : waiting_) SendWhole(fd, answer);
    waiting_.clear();
  }

  // Of exactly bytes_ octets.
  std::string Answer() const {
    const std::string head =
        "HTTP/1.1 200 OK\r\n" + std::string(kIndex) + ": " + std::to_string(index_) + "\r\n";
    return WithLength(head, std::string(bytes_ - WithLength(head, "").size(), '.'));
  }

  const int listener_;
  const size_t bytes_;
  const int poll_;
  uint64_t index_ = 1;
  std::vector<int> waiting_;                       // in the order in which they came
  std::unordered_map<int, std::string> requests_;  // those of which something has come
};

int Main(int argc, char** argv) {
  const auto port = argc == 3 ? ParseNumber(argv[1], 1, 65535) : std::nullopt;
  const auto bytes = argc == 3 ? ParseNumber(argv[2], kMinBytes, kMaxBytes) : std::nullopt;
  if (!port || !bytes) {
    std::fprintf(stderr, "usage: watch_echo PORT BYTES (from %zu to %zu)\n", kMinBytes, kMaxBytes);
    return 2;
  }
  AllowOpenFiles(0);
  const int listener = Listen(static_cast<uint16_t>(*port));
  if (listener < 0) FailWithErrno("cannot listen on 127.0.0.1:" + std::to_string(*port));
  Echo(listener, *bytes).Run();
}

}  // namespace
}  // namespace rollcall::bench

int main(int argc, char** argv) { return rollcall::bench::Main(argc, argv); }
