// Many clients that wait for changes with blocking queries, and one that makes the changes.
//   watch_load PORT WATCHERS SERVICES CHANGES     (HTTP on 127.0.0.1)
// SERVICES is a file with the name of a service in each line. Watcher i, on a connection of its
// own, waits for service i modulo their number. CHANGES is a file with a registration in each line,
// as the JSON that is sent; the lines are sent in turn, over and over, and each must change the
// first service. It says "ready" when it has asked once for each service. Then it takes commands on
// stdin, one a line:
//   park             opens the connections, sends the queries, and says "parked" when all wait
//   change SECONDS   makes one change after the other for so long, but at least one, and says
//                    "done". Each begins when the watchers wait again, and is a line
//                      change FIRST MEDIAN LAST PUT BYTES
//                    of microseconds from before the registration is sent: until the first, the
//                    median and the last of the service's watchers had its answer whole, and until
//                    the registration was answered. BYTES are those of a watcher's answer.
// It ends with its stdin. One thread.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/program.h"
#include "tests/bench/watch_http.h"

namespace rollcall::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(30);
constexpr auto kPollInterval = std::chrono::milliseconds(2);
// So many clients come from one address: fewer than the ports there are for them, and than rollcall
// lets in of one address where a process may have 20,000 open files.
constexpr size_t kWatchersPerAddress = 5000;
// So many arrive at a time, which a server's backlog has room for.
constexpr size_t kArriveTogether = 500;
// Once would do, were the order kept exactly.
constexpr int kTurns = 3;
constexpr size_t kReadBytes = 65536;
constexpr int kEvents = 512;

// A connection from 127.0.0.`last_octet`. It leaves no port in TIME_WAIT behind: the next watchers
// would run out of them.
int Connect(uint16_t port, uint32_t last_octet) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) FailWithErrno("cannot make a socket");
  const int on = 1;
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  const timeval patience = {.tv_sec = kPatience.count(), .tv_usec = 0};
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const sockaddr_in from = Loopback(last_octet, 0);
  const sockaddr_in to = Loopback(1, port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    FailWithErrno("cannot connect to 127.0.0.1:" + std::to_string(port));
  }
  return fd;
}

// What has come of the answer to one request.
class Answer {
 public:
  void Clear() {
    received_.clear();
    whole_bytes_ = 0;
  }

  // Takes what there is, with one system call. True when the answer is whole.
  bool Receive(int fd) {
    static std::array<char, kReadBytes> buffer;
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got == 0) Fail("the server has closed a connection" + Said());
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) return false;
      FailWithErrno("cannot receive");
    }
    received_.append(buffer.data(), static_cast<size_t>(got));
    if (whole_bytes_ == 0) whole_bytes_ = MessageBytes(received_).value_or(0);
    if (whole_bytes_ != 0 && received_.size() > whole_bytes_) Fail("too long an answer" + Said());
    return whole_bytes_ != 0 && received_.size() == whole_bytes_;
  }

  // Fails unless it is a 200.
  void ExpectOk() const {
    if (!received_.starts_with("HTTP/1.1 200 ")) Fail("an answer is not a 200" + Said());
  }

  // That of a blocking query.
  uint64_t Index() const {
    const auto index = HeaderNumber(received_, kIndex);
    if (!index) Fail("an answer has no index" + Said());
    return *index;
  }

  const std::string& text() const { return received_; }
  std::string_view body() const {
    return std::string_view(received_).substr(received_.find(kHeadEnd) + kHeadEnd.size());
  }

 private:
  std::string Said() const { return ": " + received_.substr(0, received_.find('\r')); }

  std::string received_;
  size_t whole_bytes_ = 0;
};

// A connection for requests that are answered at once.
class Client {
 public:
  explicit Client(uint16_t port) : fd_(Connect(port, 1)) {}
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  int fd() const { return fd_; }

  Answer Get(const std::string& target) {
    Answer answer;
    SendWhole(fd_, "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    const auto deadline = Clock::now() + kPatience;
    while (!answer.Receive(fd_)) {
      if (Clock::now() > deadline) Fail("no answer to GET " + target);
    }
    answer.ExpectOk();
    return answer;
  }

  // How many queries of all clients the server has parked.
  uint64_t Parked() {
    const Answer answer = Get(std::string(kMetricsPath));
    const size_t at = answer.text().find(kParkedGauge);
    if (at == std::string::npos) Fail("the metrics do not tell how many queries are parked");
    return LeadingNumber(std::string_view(answer.text()).substr(at + kParkedGauge.size()))
        .value_or(0);
  }

  // Those of earlier clients, who may still be seen to leave, count as well: so exactly `count`.
  void AwaitParked(uint64_t count) {
    const auto deadline = Clock::now() + kPatience;
    uint64_t parked = Parked();
    while (parked != count) {
      if (Clock::now() > deadline) {
        Fail(std::to_string(parked) + " queries are parked, not " + std::to_string(count));
      }
      std::this_thread::sleep_for(kPollInterval);
      parked = Parked();
    }
  }

 private:
  const int fd_;
};

struct Service {
  std::string target;  // of a plain request
  uint64_t index = 0;  // that its watchers have
};

struct Watcher {
  int fd = -1;
  Service* service = nullptr;
  Answer answer;
};

class Load {
 public:
  Load(uint16_t port, size_t watchers, const std::vector<std::string>& services,
       const std::vector<std::string>& registrations)
      : port_(port), watchers_(watchers), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (poll_ < 0) FailWithErrno("cannot poll");
    for (const std::string& name : services) services_.push_back({"/v1/health/service/" + name});
    for (const std::string& body : registrations) {
      changes_.push_back(
          "PUT /v1/catalog/register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    for (size_t i = 0; i < watchers_.size(); ++i) {
      watchers_[i].service = &services_[i % services_.size()];
      if (watchers_[i].service == &services_.front()) watchers_of_first_.push_back(&watchers_[i]);
    }
  }

  void AskOnce() {
    Client client(port_);
    for (Service& service : services_) service.index = client.Get(service.target).Index();
  }

  void Park() {
    Client client(port_);
    for (size_t i = 0; i < watchers_.size(); ++i) {
      Watcher& watcher = watchers_[i];
      watcher.fd = Connect(port_, static_cast<uint32_t>(2 + i / kWatchersPerAddress));
      fcntl(watcher.fd, F_SETFL, O_NONBLOCK);
      epoll_event event = {.events = EPOLLIN, .data = {.ptr = &watcher}};
      if (epoll_ctl(poll_, EPOLL_CTL_ADD, watcher.fd, &event) != 0) FailWithErrno("cannot poll");
      Wait(&watcher);
      if ((i + 1) % kArriveTogether == 0) client.AwaitParked(i + 1);
    }
    client.AwaitParked(watchers_.size());
  }

  void ChangeFor(std::chrono::seconds time) {
    Client client(port_);
    epoll_event event = {.events = EPOLLIN, .data = {.ptr = nullptr}};
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, client.fd(), &event) != 0) FailWithErrno("cannot poll");
    const auto end = Clock::now() + time;
    do {
      Change(&client);
    } while (Clock::now() < end);
  }

 private:
  static void Wait(Watcher* watcher) {
    watcher->answer.Clear();
    SendWhole(watcher->fd, "GET " + watcher->service->target +
                               "?wait=10m&index=" + std::to_string(watcher->service->index) +
                               " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }

  // One change. The watchers wait again when it returns.
  void Change(Client* client) {
    const std::string& change = changes_[next_change_];
    next_change_ = (next_change_ + 1) % changes_.size();
    Answer registered;
    arrivals_.clear();
    const auto began = Clock::now();
    auto answered = began;
    SendWhole(client->fd(), change);
    while (answered == began || arrivals_.size() < watchers_of_first_.size()) {
      std::array<epoll_event, kEvents> events;
      const int ready = epoll_wait(poll_, events.data(), kEvents,
                                   static_cast<int>(std::chrono::milliseconds(kPatience).count()));
      if (ready < 0) FailWithErrno("cannot poll");
      if (ready == 0) {
        Fail(std::to_string(arrivals_.size()) + " of " + std::to_string(watchers_of_first_.size()) +
             " watchers have heard of a change");
      }
      for (int i = 0; i < ready; ++i) {
        auto* watcher = static_cast<Watcher*>(events[static_cast<size_t>(i)].data.ptr);
        if (watcher == nullptr) {
          if (registered.Receive(client->fd())) answered = Clock::now();
        } else if (watcher->answer.Receive(watcher->fd)) {
          arrivals_.push_back(Clock::now());
          if (watcher->service != &services_.front())
            Fail("a watcher of another service has heard");
        }
      }
    }
    registered.ExpectOk();
    Print(began, answered, ExpectOneNewAnswer());
    const std::string heard(watchers_of_first_.front()->answer.body());
    for (Watcher* watcher : watchers_of_first_) Wait(watcher);
    AwaitTurn(client, heard);
  }

  // A server that takes up requests in the order in which they came has answered this one only when
  // it has those of the watchers. To ask for the metrics instead would be work for it that grows
  // with its connections, and leave its caches with other things than when the next change comes.
  // What is there must be what the watchers have heard.
  void AwaitTurn(Client* client, const std::string& heard) {
    for (int times = 0; times < kTurns; ++times) {
      if (client->Get(services_.front().target).body() != heard) {
        Fail("the watchers have heard of something else than what is there");
      }
    }
  }

  // All watchers of the service must have been told of the same change. Returns the bytes of it.
  size_t ExpectOneNewAnswer() {
    Service& service = services_.front();
    const Answer& first = watchers_of_first_.front()->answer;
    const uint64_t index = first.Index();
    if (index <= service.index) Fail("a watcher has heard of no new index");
    service.index = index;
    for (const Watcher* watcher : watchers_of_first_) {
      watcher->answer.ExpectOk();
      if (watcher->answer.text() != first.text()) Fail("watchers have heard of different things");
    }
    return first.text().size();
  }

  void Print(Clock::time_point began, Clock::time_point answered, size_t answer_bytes) const {
    const auto us_until = [began](Clock::time_point then) {
      return std::chrono::duration<double, std::micro>(then - began).count();
    };
    std::printf("change %.1f %.1f %.1f %.1f %zu\n", us_until(arrivals_.front()),
                us_until(arrivals_[arrivals_.size() / 2]), us_until(arrivals_.back()),
                us_until(answered), answer_bytes);
  }

  const uint16_t port_;
  std::vector<Service> services_;
  std::vector<std::string> changes_;  // whole requests
  size_t next_change_ = 0;
  std::vector<Watcher> watchers_;
  std::vector<Watcher*> watchers_of_first_;
  std::vector<Clock::time_point> arrivals_;  // of one change, in their order
  const int poll_;
};

// Fails when there are none.
std::vector<std::string> LinesOf(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty()) Fail(std::string("cannot read ") + path + ", or it is empty");
  return lines;
}

void Say(const char* word) {
  std::puts(word);
  std::fflush(stdout);
}

void ObeyStdin(Load* load) {
  constexpr std::string_view kChange = "change ";
  load->AskOnce();
  Say("ready");
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "park") {
      load->Park();
      Say("parked");
    } else if (line.starts_with(kChange)) {
      load->ChangeFor(std::chrono::seconds(std::stoul(line.substr(kChange.size()))));
      Say("done");
    } else {
      Fail("no command: " + line);
    }
  }
}

int Main(int argc, char** argv) {
  const auto port = argc == 5 ? ParseNumber(argv[1], 1, 65535) : std::nullopt;
  const auto watchers = argc == 5 ? ParseNumber(argv[2], 1, 1000000) : std::nullopt;
  if (!port || !watchers) {
    std::fprintf(stderr, "usage: watch_load PORT WATCHERS SERVICES CHANGES\n");
    return 2;
  }
  constexpr uint64_t kOtherFiles = 16;
  AllowOpenFiles(*watchers + kOtherFiles);
  Load load(static_cast<uint16_t>(*port), *watchers, LinesOf(argv[3]), LinesOf(argv[4]));
  ObeyStdin(&load);
  return 0;
}

}  // namespace
}  // namespace rollcall::bench

int main(int argc, char** argv) { return rollcall::bench::Main(argc, argv); }
