// The load of benchmarks over HTTP: requests made beforehand, as cheap to send as they can be.
//   http_load PORT[,PORT]... CONNECTIONS SECONDS FILE [PER_SECOND]     (TCP on 127.0.0.1)
// FILE holds the requests, each as a line with its length in bytes and then that many bytes:
//   38\nGET /v1/status/leader HTTP/1.1\r\n...
// CONNECTIONS keep-alive connections, which take turns over the ports, share them: each has one
// request under way, and takes the next one in turn, the first again after the last. With
// PER_SECOND no more are sent than that: each millisecond those that have become due. After SECONDS
// no more are sent, and those under way are waited for. An answer has to be a 200 with a
// Content-Length; anything else is shown, and ends the program with 1. One thread. It prints:
//   answered N in S s
//   per second R
//   latency us: p50 A, p99 B
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/bench/program.h"

namespace {

using rollcall::bench::Loopback;
using rollcall::bench::ParseNumber;
using rollcall::bench::ParsePorts;

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxConnections = 10000;
constexpr size_t kMaxSeconds = 3600;
constexpr size_t kMaxPerSecond = 1'000'000;
constexpr size_t kReadBytes = 64 * 1024;
constexpr int kPatienceMs = 30'000;  // for any answer at all
constexpr int kMaxEvents = 256;
constexpr std::string_view kOk = "HTTP/1.1 200 ";
constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::string_view kLength = "\r\ncontent-length:";

// Nothing unless the text is as the top of this file says, with one request at least.
std::optional<std::vector<std::string_view>> SplitRequests(std::string_view text) {
  std::vector<std::string_view> requests;
  while (!text.empty()) {
    const size_t line = text.find('\n');
    if (line == text.npos) return std::nullopt;
    const auto length = ParseNumber(text.substr(0, line), 1, text.size() - line - 1);
    if (!length) return std::nullopt;
    requests.push_back(text.substr(line + 1, *length));
    text.remove_prefix(line + 1 + *length);
  }
  if (requests.empty()) return std::nullopt;
  return requests;
}

// A connected socket, or -1 and errno.
int Connect(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  const sockaddr_in address = Loopback(1, port);
  const int yes = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return -1;
  }
  return fd;
}

bool EqualsLowered(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// The Content-Length in the head of an answer, which ends with kEndOfHead.
std::optional<size_t> BodyBytes(std::string_view head) {
  for (size_t at = head.find('\r'); at != head.npos; at = head.find('\r', at + 1)) {
    if (!EqualsLowered(head.substr(at, kLength.size()), kLength)) continue;
    std::string_view value = head.substr(at + kLength.size());
    value = value.substr(0, value.find('\r'));
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return ParseNumber(value, 0, SIZE_MAX);
  }
  return std::nullopt;
}

struct Connection {
  int fd = -1;
  Clock::time_point sent_at;
  std::string received;       // of the answer, from its first byte
  size_t expected_bytes = 0;  // of the whole answer; 0 while its head is not complete
};

enum class Progress { kPartial, kAnswered, kBad };

// Of an answer, after something was added to `received`.
Progress Look(Connection* connection) {
  const std::string_view text = connection->received;
  if (connection->expected_bytes == 0) {
    const size_t end = text.find(kEndOfHead);
    if (end == text.npos) return Progress::kPartial;
    const size_t head_bytes = end + kEndOfHead.size();
    const auto body_bytes = BodyBytes(text.substr(0, head_bytes));
    if (!text.starts_with(kOk) || !body_bytes) return Progress::kBad;
    connection->expected_bytes = head_bytes + *body_bytes;
  }
  if (text.size() < connection->expected_bytes) return Progress::kPartial;
  return text.size() == connection->expected_bytes ? Progress::kAnswered : Progress::kBad;
}

class Load {
 public:
  Load(std::vector<std::string_view> requests, Clock::duration time,
       std::optional<size_t> per_second)
      : requests_(std::move(requests)), time_(time), per_second_(per_second) {
    latencies_ns_.reserve(1 << 20);
  }

  // False, with the reason on stderr, when something failed.
  bool Run(const std::vector<uint16_t>& ports, size_t connections) {
    if (!Open(ports, connections)) return false;
    began_ = Clock::now();
    last_answer_ = began_;
    std::array<epoll_event, kMaxEvents> events;
    while (true) {
      const auto now = Clock::now();
      if (!SendDue(now)) return false;
      if (under_way_ == 0 && now - began_ >= time_) return true;
      const int count =
          epoll_wait(epoll_, events.data(), kMaxEvents, per_second_ ? 1 : kPatienceMs);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return Fail("epoll_wait");
      if (count == 0 && !per_second_) return Complain("no answer within 30 s");
      for (int i = 0; i < count; ++i) {
        if (!Receive(&connections_[events[static_cast<size_t>(i)].data.u64])) return false;
      }
    }
  }

  void Print() {
    std::sort(latencies_ns_.begin(), latencies_ns_.end());
    const double seconds = std::chrono::duration<double>(last_answer_ - began_).count();
    const auto answered = latencies_ns_.size();
    std::printf("answered %zu in %.3f s\n", answered, seconds);
    std::printf("per second %.1f\n", static_cast<double>(answered) / seconds);
    std::printf("latency us: p50 %.1f, p99 %.1f\n", PercentileUs(50), PercentileUs(99));
  }

 private:
  bool Open(const std::vector<uint16_t>& ports, size_t connections) {
    epoll_ = epoll_create1(0);
    if (epoll_ < 0) return Fail("epoll_create1");
    connections_.resize(connections);
    for (size_t i = 0; i < connections; ++i) {
      connections_[i].fd = Connect(ports[i % ports.size()]);
      if (connections_[i].fd < 0) return Fail("cannot connect");
      epoll_event event = {};
      event.events = EPOLLIN;
      event.data.u64 = i;
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event) != 0) {
        return Fail("epoll_ctl");
      }
      idle_.push_back(&connections_[i]);
    }
    return true;
  }

  bool SendDue(Clock::time_point now) {
    if (now - began_ >= time_) return true;
    auto due = SIZE_MAX;
    if (per_second_) {
      const double passed = std::chrono::duration<double>(now - began_).count();
      due = static_cast<size_t>(passed * static_cast<double>(*per_second_));
    }
    while (!idle_.empty() && sent_ < due) {
      Connection* const connection = idle_.back();
      idle_.pop_back();
      if (!SendNext(connection, now)) return false;
    }
    return true;
  }

  // The socket is a blocking one: a request finds room in its empty buffer, and else waits.
  bool SendNext(Connection* connection, Clock::time_point now) {
    std::string_view request = requests_[next_];
    next_ = next_ + 1 == requests_.size() ? 0 : next_ + 1;
    connection->sent_at = now;
    connection->received.clear();
    connection->expected_bytes = 0;
    ++under_way_;
    ++sent_;
    while (!request.empty()) {
      const ssize_t sent = send(connection->fd, request.data(), request.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR) return Fail("send");
      if (sent > 0) request.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  bool Receive(Connection* connection) {
    const ssize_t got = recv(connection->fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR || Fail("recv");
    if (got == 0) return Complain("the server has closed a connection");
    connection->received.append(buffer_.data(), static_cast<size_t>(got));
    switch (Look(connection)) {
      case Progress::kPartial:
        return true;
      case Progress::kBad:
        return Complain("an answer is no 200 with a Content-Length:\n" + connection->received);
      case Progress::kAnswered:
        break;
    }
    last_answer_ = Clock::now();
    latencies_ns_.push_back((last_answer_ - connection->sent_at).count());
    --under_way_;
    idle_.push_back(connection);
    return SendDue(last_answer_);
  }

  // There has been an answer on each connection.
  double PercentileUs(size_t percent) const {
    const size_t at = (latencies_ns_.size() * percent + 99) / 100 - 1;
    return static_cast<double>(latencies_ns_[at]) / 1e3;
  }

  static bool Fail(const char* what) {
    return Complain(std::string(what) + ": " + std::strerror(errno));
  }

  static bool Complain(const std::string& reason) {
    std::fprintf(stderr, "http_load: %s\n", reason.c_str());
    return false;
  }

  const std::vector<std::string_view> requests_;
  const Clock::duration time_;
  const std::optional<size_t> per_second_;
  std::vector<Connection> connections_;
  std::vector<Connection*> idle_;
  int epoll_ = -1;
  size_t next_ = 0;  // in requests_
  size_t under_way_ = 0;
  size_t sent_ = 0;
  Clock::time_point began_;
  Clock::time_point last_answer_;
  std::vector<Clock::rep> latencies_ns_;
  std::array<char, kReadBytes> buffer_ = {};
};

}  // namespace

int main(int argc, char** argv) {
  const bool complete = argc == 5 || argc == 6;
  const auto ports = complete ? ParsePorts(argv[1]) : std::vector<uint16_t>();
  const auto connections = complete ? ParseNumber(argv[2], 1, kMaxConnections) : std::nullopt;
  const auto seconds = complete ? ParseNumber(argv[3], 1, kMaxSeconds) : std::nullopt;
  const auto per_second = argc == 6 ? ParseNumber(argv[5], 1, kMaxPerSecond) : std::nullopt;
  if (ports.empty() || !connections || !seconds || (argc == 6 && !per_second)) {
    std::fprintf(
        stderr,
        "usage: http_load PORT[,PORT]... CONNECTIONS SECONDS FILE [PER_SECOND] (1 to 10000 "
        "connections, 1 to 3600 seconds)\n");
    return 2;
  }
  std::ifstream file(argv[4], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto requests = SplitRequests(text);
  if (!requests) {
    std::fprintf(stderr, "http_load: %s cannot be read, or holds no requests with their lengths\n",
                 argv[4]);
    return 1;
  }
  static_assert(std::is_same_v<Clock::period, std::nano>);
  Load load(*std::move(requests), std::chrono::seconds(*seconds), per_second);
  if (!load.Run(ports, *connections)) return 1;
  load.Print();
  return 0;
}
