// Three members of etcd and three servers, each on a host of its own of a Network, and what can be
// done to them. The test's main thread's alone.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/network.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::chaos {

constexpr size_t kMembers = 3;
constexpr size_t kServers = 3;
constexpr size_t kHosts = kMembers + kServers;  // members first
constexpr int kHttpPort = 8500;

constexpr bool IsMember(size_t host) { return host < kMembers; }

class Cluster {
 public:
  // Starts everything and waits until each server takes writes; otherwise good() is false, with a
  // test failure.
  Cluster();
  bool good() const { return is_good_; }

  // "etcd2", "server1"
  static std::string Name(size_t host);
  std::string ServerAddress(size_t server) const { return network_.Address(kMembers + server); }

  void Kill(size_t host) { processes_[host]->Kill(); }
  void Start(size_t host);
  void Signal(size_t host, int signal) { processes_[host]->Signal(signal); }
  // Whether it has not ended by itself.
  bool Running(size_t host) { return processes_[host]->Running(); }
  // The member that leads, and the server that owns expiry; nothing when nobody says so.
  std::optional<size_t> FindLeader();
  std::optional<size_t> FindOwner();
  Network& network() { return network_; }

  // Puts what everyone wrote into a directory.
  void KeepLogs(const std::string& directory) const;

 private:
  std::vector<std::string> MemberCommand(size_t host) const;
  std::vector<std::string> ServerCommand(size_t host) const;
  std::string FromEtcd(const std::string& key);
  std::string Members(const std::string& separator, bool are_peers) const;

  const e2e::TempDir dir_;
  Network network_;
  std::array<std::unique_ptr<e2e::Process>, kHosts> processes_;
  std::array<int, kHosts> runs_{};
  bool is_good_ = false;
};

}  // namespace rollcall::chaos
