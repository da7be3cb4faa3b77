// DnsHealth: which of the registry's DNS servers is asked next, and whether any can be reached. The
// one that answered last is asked first. One that is down is asked last, until it answers again.
//
// One thread's; time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "registry/base/clock.h"

namespace rollcall::agent {

// Servers as bits; there are at most kMaxDnsServers.
using DnsServerSet = uint32_t;
inline constexpr size_t kMaxDnsServers = 16;

class DnsHealth {
 public:
  // How long it is known that all are down. Nobody asks for longer: they may be back.
  static constexpr std::chrono::seconds kKnownFor{10};
  static constexpr std::chrono::seconds kRecheck{1};

  explicit DnsHealth(size_t servers = 0) : servers_(servers) {}

  // The next one that is not in `asked`; empty when all are.
  std::optional<size_t> Next(DnsServerSet asked) const;

  bool IsDown(size_t server) const { return servers_[server].down; }

  void OnAnswer(size_t server, Clock::TimePoint now);
  // It did not answer what it was asked at `asked_at`. It counts as down unless it has answered
  // something else since: then it is the question that takes so long.
  void OnSilence(size_t server, Clock::TimePoint asked_at, Clock::TimePoint now);
  // Nobody listens there, or no way leads there.
  void OnUnreachable(size_t server, Clock::TimePoint now);

  // Whether no server can be reached, as far as was found out not long ago; always without servers.
  bool AllDown(Clock::TimePoint now) const;
  // Once in kRecheck: true. The caller then asks them again.
  bool TakeRecheck(Clock::TimePoint now);

 private:
  struct Server {
    bool down = false;
    std::optional<Clock::TimePoint> heard_at;
    Clock::TimePoint failed_at;
  };

  std::vector<Server> servers_;
  size_t current_ = 0;
  std::optional<Clock::TimePoint> rechecked_at_;
};

}  // namespace rollcall::agent
