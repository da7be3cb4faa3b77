// What is done to a cluster, one thing after the other: every host is killed, paused and cut off,
// in an order that a seed decides. Pure but for Break and Heal, which are the test's main thread's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/chaos/cluster.h"

namespace rollcall::chaos {

struct Fault {
  enum class Kind {
    kKill,            // SIGKILL; started again afterwards
    kPause,           // SIGSTOP
    kCutOff,          // from all others, both ways
    kMute,            // nothing that it sends arrives
    kDeaf,            // nothing arrives at it
    kCutFromMembers,  // of etcd, both ways
    kCutFromServers,  // both ways
  };
  Kind kind = Kind::kKill;
  size_t host = 0;
  std::chrono::milliseconds lasts{};
};

// "server2 is paused"
std::string Describe(const Fault& fault);

// Each kind for each host once, in an order of the seed's, and each of a length of the seed's.
std::vector<Fault> EveryFault(uint64_t seed);
// Each kind at least once, half of them for members and half for servers.
std::vector<Fault> AFewFaults(uint64_t seed);

void Break(Cluster* cluster, const Fault& fault);
void Heal(Cluster* cluster, const Fault& fault);

}  // namespace rollcall::chaos
