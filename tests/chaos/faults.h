// What is done to a cluster, one thing after the other: every host is killed, paused and cut off,
// in an order that a seed decides. Pure but for what takes a cluster, which is the test's main
// thread's.
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
  // Whoever has a part at that time; what it is can be known only then.
  enum class Part {
    kNone,
    kLeader,  // of etcd
    kOwner,   // of expiry
  };
  Kind kind = Kind::kKill;
  size_t host = 0;
  Part part = Part::kNone;
  std::chrono::milliseconds lasts{};
};

// "server2 is paused"
std::string Describe(const Fault& fault);

// Each kind for each host, for the leader and for the owner once, in an order of the seed's, and
// each of a length of the seed's.
std::vector<Fault> EveryFault(uint64_t seed);
// Each kind once, in turns for the leader and for the owner.
std::vector<Fault> AFewFaults(uint64_t seed);

// With the host that has the part.
Fault Aimed(const Fault& fault, Cluster* cluster);
void Break(Cluster* cluster, const Fault& fault);
void Heal(Cluster* cluster, const Fault& fault);

}  // namespace rollcall::chaos
