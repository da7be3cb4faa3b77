// How long a change that is made at one rollcall takes to be in the DNS of another one.
//   cluster_changes HTTP_PORT,HTTP_PORT,... DNS_PORT,DNS_PORT,... SECONDS   (127.0.0.1)
// Registers a node with an instance at another address each time, at one server, and asks another
// one for the service's A record over UDP until it answers with that address: each query when the
// last is answered and 50 us have passed, so that the servers get the cores. The pairs of servers
// take turns. A time is from before the registration is sent until that answer is there. Between
// two changes nothing happens for 5 ms. It prints:
//   changes N, queries Q
//   latency us: p50 A, p99 B
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include "tests/bench/program.h"

namespace {

using rollcall::bench::Loopback;
using rollcall::bench::ParseNumber;
using rollcall::bench::ParsePorts;

using Clock = std::chrono::steady_clock;

constexpr auto kPause = std::chrono::milliseconds(5);
constexpr auto kBetweenQueries = std::chrono::microseconds(50);
constexpr auto kPatience = std::chrono::seconds(10);
constexpr size_t kMaxSeconds = 3600;
constexpr size_t kHeaderBytes = 12;
constexpr size_t kAddressBytes = 4;
// moving.service.consul, A, IN.
constexpr std::string_view kQuestion{"\6moving\7service\6consul\0\0\1\0\1", 27};

// A connected socket whose reads give up, or -1 and errno.
int Connect(int type, uint16_t port) {
  const int fd = socket(AF_INET, type, 0);
  if (fd < 0) return -1;
  const sockaddr_in address = Loopback(1, port);
  const timeval patience = {std::chrono::seconds(kPatience).count(), 0};
  const int yes = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) return -1;
  if (type == SOCK_STREAM && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0) {
    return -1;
  }
  return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? fd : -1;
}

struct Server {
  int http = -1;
  int dns = -1;
};

bool Complain(const std::string& reason) {
  std::fprintf(stderr, "cluster_changes: %s\n", reason.c_str());
  return false;
}

bool Fail(const char* what) { return Complain(std::string(what) + ": " + std::strerror(errno)); }

// 10.x.y.z, another one each time.
std::array<uint8_t, kAddressBytes> AddressOf(size_t turn) {
  return {10, static_cast<uint8_t>(turn >> 16), static_cast<uint8_t>(turn >> 8),
          static_cast<uint8_t>(turn)};
}

bool SendRegistration(int http, const std::array<uint8_t, kAddressBytes>& address) {
  std::string text;
  for (const uint8_t octet : address) text += (text.empty() ? "" : ".") + std::to_string(octet);
  const std::string body =
      R"({"Node":"moving","Address":")" + text + R"(","Service":{"Service":"moving","Port":8080}})";
  const std::string request =
      "PUT /v1/catalog/register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  const ssize_t sent = send(http, request.data(), request.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(request.size()) || Fail("send");
}

// The answer's body is "true", or "true\n".
bool ReceiveRegistered(int http) {
  std::string received;
  std::array<char, 4096> some;
  while (received.find("\r\n\r\ntrue") == received.npos) {
    const ssize_t got = recv(http, some.data(), some.size(), 0);
    if (got <= 0) return Complain("a registration is not answered with true: " + received);
    received.append(some.data(), static_cast<size_t>(got));
  }
  return true;
}

// Whether the answer to one query is that address; nothing when there is none.
std::optional<bool> Has(int dns, uint16_t id, const std::array<uint8_t, kAddressBytes>& address) {
  std::string query(kHeaderBytes, '\0');
  query[0] = static_cast<char>(id >> 8);
  query[1] = static_cast<char>(id);
  query[5] = 1;  // one question
  query += kQuestion;
  if (send(dns, query.data(), query.size(), 0) < 0) return std::nullopt;
  std::array<uint8_t, 512> answer;
  ssize_t got = 0;
  do {
    got = recv(dns, answer.data(), answer.size(), 0);
    if (got < static_cast<ssize_t>(kHeaderBytes)) return std::nullopt;
  } while (answer[0] != id >> 8 || answer[1] != (id & 255));
  // One record, and nothing behind it: the address is the end of the message.
  const bool is_one = answer[7] == 1 && answer[9] == 0 && answer[11] == 0;
  return is_one && std::equal(address.begin(), address.end(), answer.data() + got - kAddressBytes);
}

class Changes {
 public:
  bool Open(const std::vector<uint16_t>& http, const std::vector<uint16_t>& dns) {
    for (size_t i = 0; i < http.size(); ++i) {
      servers_.push_back({Connect(SOCK_STREAM, http[i]), Connect(SOCK_DGRAM, dns[i])});
      if (servers_.back().http < 0 || servers_.back().dns < 0) return Fail("cannot connect");
    }
    return true;
  }

  bool Run(Clock::duration time) {
    const auto end = Clock::now() + time;
    // Addresses that no run before has used, so that each registration changes something.
    const auto first = static_cast<size_t>(std::chrono::system_clock::now().time_since_epoch() /
                                           std::chrono::milliseconds(1));
    for (size_t turn = 0; Clock::now() < end; ++turn) {
      std::this_thread::sleep_for(kPause);
      const auto [from, to] = rollcall::bench::PairOf(turn, servers_.size());
      const auto address = AddressOf(first + turn);
      const auto began = Clock::now();
      if (!SendRegistration(servers_[from].http, address) || !Await(servers_[to].dns, address)) {
        return false;
      }
      latencies_us_.push_back(rollcall::bench::Seconds(Clock::now() - began) * 1e6);
      if (!ReceiveRegistered(servers_[from].http)) return false;
    }
    return true;
  }

  void Print() {
    std::printf("changes %zu, queries %zu\n", latencies_us_.size(), queries_);
    std::printf("latency us: p50 %.1f, p99 %.1f\n", rollcall::bench::Percentile(&latencies_us_, 50),
                rollcall::bench::Percentile(&latencies_us_, 99));
  }

 private:
  bool Await(int dns, const std::array<uint8_t, kAddressBytes>& address) {
    const auto give_up = Clock::now() + kPatience;
    while (true) {
      const auto found = Has(dns, static_cast<uint16_t>(++queries_), address);
      if (!found) return Complain("a DNS query is not answered");
      if (*found) return true;
      if (Clock::now() > give_up) return Complain("the other server's DNS does not change");
      std::this_thread::sleep_for(kBetweenQueries);
    }
  }

  std::vector<Server> servers_;
  size_t queries_ = 0;
  std::vector<double> latencies_us_;
};

}  // namespace

int main(int argc, char** argv) {
  const bool complete = argc == 4;
  const auto http = complete ? ParsePorts(argv[1]) : std::vector<uint16_t>();
  const auto dns = complete ? ParsePorts(argv[2]) : std::vector<uint16_t>();
  const auto seconds = complete ? ParseNumber(argv[3], 1, kMaxSeconds) : std::nullopt;
  if (http.size() < 2 || http.size() != dns.size() || !seconds) {
    std::fprintf(stderr,
                 "usage: cluster_changes HTTP_PORT,HTTP_PORT,... DNS_PORT,DNS_PORT,... SECONDS\n");
    return 2;
  }
  prctl(PR_SET_TIMERSLACK, 1);  // a pause of 50 us is no pause of 100
  Changes changes;
  if (!changes.Open(http, dns) || !changes.Run(std::chrono::seconds(*seconds))) return 1;
  changes.Print();
  return 0;
}
