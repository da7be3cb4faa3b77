#include "tests/e2e/fleet_watcher.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>

#include "tests/e2e/harness/http.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMostProblems = 10;
// The registry shares its cores with a thousand agents.
constexpr milliseconds kPause{2};
constexpr milliseconds kPatience{1000};
constexpr size_t kHeaderSize = 12;

// A question for SRV (RFC 1035 section 4.1), without EDNS: five instances with their addresses fit.
std::string SrvQuestion(uint16_t id, const std::string& service) {
  std::string message{static_cast<char>(id >> 8), static_cast<char>(id & 0xff)};
  message.append({0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
  for (const std::string& label : {service, std::string("service"), std::string("consul")}) {
    message += static_cast<char>(label.size());
    message += label;
  }
  message.append({0, 0, 33, 0, 1});
  return message;
}

struct DnsHead {
  int rcode = 0;
  bool is_truncated = false;
  size_t answers = 0;
};

class DnsClient {
 public:
  explicit DnsClient(int port) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(static_cast<uint16_t>(port));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::connect(fd_, reinterpret_cast<const sockaddr*>(&server), sizeof server);
    const timeval patience{.tv_sec = kPatience.count() / 1000, .tv_usec = 0};
    (void)::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~DnsClient() { ::close(fd_); }
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;

  // Nothing without an answer.
  std::optional<DnsHead> AskSrv(const std::string& service) {
    const std::string question = SrvQuestion(++id_, service);
    if (::send(fd_, question.data(), question.size(), 0) < 0) return std::nullopt;
    while (true) {
      std::array<unsigned char, 4096> message;
      const ssize_t size = ::recv(fd_, message.data(), message.size(), 0);
      if (size < static_cast<ssize_t>(kHeaderSize)) return std::nullopt;
      if (message[0] != id_ >> 8 || message[1] != (id_ & 0xff)) continue;  // of an earlier one
      return DnsHead{.rcode = message[3] & 0xf,
                     .is_truncated = (message[2] & 2) != 0,
                     .answers = static_cast<size_t>(message[6] << 8 | message[7])};
    }
  }

 private:
  const int fd_;
  uint16_t id_ = 0;
};

}  // namespace

FleetWatcher::FleetWatcher(Fleet fleet)
    : fleet_(std::move(fleet)), threads_{std::thread([this] { AskDns(); }), std::thread([this] {
                                           AskHttp();
                                         })} {}

FleetWatcher::~FleetWatcher() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
}

std::vector<std::string> FleetWatcher::Problems() const { return *problems_.Lock(); }

void FleetWatcher::Note(const std::string& problem) {
  auto problems = problems_.Lock();
  if (problems->size() < kMostProblems) problems->push_back(problem);
}

void FleetWatcher::AskDns() {
  constexpr int kServfail = 2;
  DnsClient dns(fleet_.dns_port);
  for (size_t turn = 0; !stopping_; ++turn) {
    const std::string& service = fleet_.services[turn % fleet_.services.size()];
    const std::optional<DnsHead> head = dns.AskSrv(service);
    if (head && head->rcode != kServfail) {
      ++dns_answers_;
      if (head->rcode != 0 || head->is_truncated || head->answers != fleet_.instances_each) {
        Note("DNS: " + service + ": rcode " + std::to_string(head->rcode) + ", " +
             std::to_string(head->answers) + " answers" + (head->is_truncated ? ", cut" : ""));
      }
    }
    std::this_thread::sleep_for(kPause);
  }
}

void FleetWatcher::AskHttp() {
  Http http(fleet_.http_port, kPatience);
  for (size_t turn = 0; !stopping_; ++turn) {
    const std::string& service = fleet_.services[turn % fleet_.services.size()];
    const Reply passing = http.Get("/v1/health/service/" + service + "?passing");
    const Reply critical = http.Get("/v1/health/state/critical");
    for (const Reply* reply : {&passing, &critical}) {
      if (reply->status == 0 || reply->status >= 500) continue;
      ++http_answers_;
      const size_t expected = reply == &passing ? fleet_.instances_each : 0;
      const Json entries = reply->json();
      if (!reply->ok() || !entries.is_array() || entries.size() != expected) {
        Note("HTTP: " + service + ": " + std::to_string(reply->status) + ": " +
             reply->body.substr(0, 300));
      }
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace rollcall::e2e
