#include "tests/dns/running_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <utility>

namespace rollcall::dns {

namespace {

constexpr timeval kReceiveTimeout{20, 0};

}  // namespace

struct RunningServer::Worker {
  Worker(const catalog::SnapshotHolder& holder, const Clock* clock, const DnsShared& shared,
         const std::shared_ptr<const Zone>& zone, DnsSockets sockets)
      : reader(holder), server({&io, &reader, clock, 1}, shared, zone, std::move(sockets)) {
    server.Start();
    thread = std::thread([this] { io.run(); });
  }

  boost::asio::io_context io{1};
  catalog::SnapshotReader reader;
  DnsServer server;
  std::thread thread;
};

RunningServer::RunningServer(std::shared_ptr<const catalog::Snapshot> snapshot, DnsOptions options,
                             size_t workers, const std::string& address, size_t max_connections)
    : connections_(max_connections, 0) {
  holder_.Publish(std::move(snapshot));
  Start({}, std::move(options), workers, address);
}

RunningServer::RunningServer(std::shared_ptr<const catalog::Snapshot> snapshot,
                             const DnsShared& shared, size_t workers)
    : connections_(0, 0) {
  holder_.Publish(std::move(snapshot));
  Start(shared, TestOptions(), workers, "127.0.0.1");
}

void RunningServer::Start(DnsShared shared, DnsOptions options, size_t workers,
                          const std::string& address) {
  shared.tcp_connections = &connections_;
  auto sockets = OpenSockets(address, 0, workers);
  if (!sockets) {
    ADD_FAILURE() << sockets.error().message;
    return;
  }
  port_ = sockets->front().port;
  const auto zone = TestZone(std::move(options));
  for (DnsSockets& pair : *sockets) {
    workers_.push_back(std::make_unique<Worker>(holder_, &clock_, shared, zone, std::move(pair)));
  }
}

RunningServer::~RunningServer() { Stop(); }

void RunningServer::Publish(std::shared_ptr<const catalog::Snapshot> snapshot) {
  holder_.Publish(std::move(snapshot));
}

const DnsCounters& RunningServer::counters(size_t worker) const {
  return workers_[worker]->server.counters();
}

// With the servers stopped nothing is left to wait for, and the loops end by themselves.
void RunningServer::Stop() {
  for (const auto& worker : workers_) {
    boost::asio::post(worker->io, [&worker] { worker->server.Stop(); });
  }
  for (const auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

Client::Client(Kind kind, uint16_t port, const std::string& address)
    : fd_(socket(AF_INET, kind == Kind::kUdp ? SOCK_DGRAM : SOCK_STREAM, 0)) {
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &kReceiveTimeout, sizeof kReceiveTimeout);
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &server.sin_addr);
  EXPECT_EQ(connect(fd_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server), 0);
}

void Client::Send(std::span<const uint8_t> octets) const {
  while (true) {
    const ssize_t count = send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (count < 0 || static_cast<size_t>(count) >= octets.size()) return;
    octets = octets.subspan(static_cast<size_t>(count));
  }
}

void Client::SendPrefixed(std::span<const uint8_t> octets) const {
  std::vector<uint8_t> prefixed = {static_cast<uint8_t>(octets.size() >> 8),
                                   static_cast<uint8_t>(octets.size() & 0xff)};
  prefixed.insert(prefixed.end(), octets.begin(), octets.end());
  Send(prefixed);
}

std::vector<uint8_t> Client::ReceiveDatagram() const {
  std::vector<uint8_t> octets(65536);
  const ssize_t count = recv(fd_.get(), octets.data(), octets.size(), 0);
  EXPECT_GE(count, 0) << "no answer";
  octets.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return octets;
}

bool Client::ReceiveExactly(std::span<uint8_t> octets) const {
  while (!octets.empty()) {
    const ssize_t count = recv(fd_.get(), octets.data(), octets.size(), 0);
    if (count <= 0) return false;
    octets = octets.subspan(static_cast<size_t>(count));
  }
  return true;
}

std::optional<std::vector<uint8_t>> Client::ReceivePrefixed() const {
  std::vector<uint8_t> length(2);
  if (!ReceiveExactly(length)) return std::nullopt;
  std::vector<uint8_t> octets(static_cast<size_t>(length[0] << 8 | length[1]));
  if (!ReceiveExactly(octets)) return std::nullopt;
  return octets;
}

bool Client::IsClosedByServer() const {
  uint8_t octet;
  const ssize_t count = recv(fd_.get(), &octet, 1, 0);
  return count == 0 || (count < 0 && errno == ECONNRESET);
}

void Client::ShutdownSending() const { shutdown(fd_.get(), SHUT_WR); }

}  // namespace rollcall::dns
