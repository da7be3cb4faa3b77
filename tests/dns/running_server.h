// A DNS server of several workers on a free port of the loopback, on its own threads, and plain
// blocking clients for it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "dns/listen.h"
#include "dns/options.h"
#include "dns/server.h"
#include "registry/base/clock.h"
#include "registry/base/connection_counts.h"
#include "registry/catalog/snapshot_holder.h"
#include "tests/dns/asked.h"

namespace rollcall::dns {

class RunningServer {
 public:
  explicit RunningServer(std::shared_ptr<const catalog::Snapshot> snapshot,
                         DnsOptions options = TestOptions(), size_t workers = 1,
                         const std::string& address = "127.0.0.1", size_t max_connections = 0);
  // With what the workers share, but for the count of connections.
  RunningServer(std::shared_ptr<const catalog::Snapshot> snapshot, const DnsShared& shared,
                size_t workers);
  ~RunningServer();

  uint16_t port() const { return port_; }
  void Publish(std::shared_ptr<const catalog::Snapshot> snapshot);
  const DnsCounters& counters(size_t worker = 0) const;
  // Stops all workers and waits for their threads. Any number of times.
  void Stop();

 private:
  struct Worker;

  void Start(DnsShared shared, DnsOptions options, size_t workers, const std::string& address);

  catalog::SnapshotHolder holder_;
  SteadyClock clock_;
  ConnectionCounts connections_;
  uint16_t port_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;
};

// A client's socket, connected, with a receive timeout that no healthy server comes near.
class Client {
 public:
  enum class Kind { kUdp, kTcp };
  Client(Kind kind, uint16_t port, const std::string& address = "127.0.0.1");

  void Send(std::span<const uint8_t> octets) const;
  // The octets behind a TCP length prefix.
  void SendPrefixed(std::span<const uint8_t> octets) const;
  // Of UDP, one datagram.
  std::vector<uint8_t> ReceiveDatagram() const;
  // Of TCP, one message behind its length prefix; empty when the server has closed.
  std::optional<std::vector<uint8_t>> ReceivePrefixed() const;
  // Of TCP: whether the server closes the connection before the receive timeout.
  bool IsClosedByServer() const;
  // Of TCP: no more will be sent.
  void ShutdownSending() const;
  int fd() const { return fd_.get(); }

 private:
  bool ReceiveExactly(std::span<uint8_t> octets) const;

  OwnedFd fd_;
};

}  // namespace rollcall::dns
