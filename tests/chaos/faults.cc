#include "tests/chaos/faults.h"

#include <algorithm>
#include <csignal>
#include <random>

namespace rollcall::chaos {
namespace {

using Kind = Fault::Kind;
using Part = Fault::Part;

constexpr Kind kKinds[] = {Kind::kKill, Kind::kPause,          Kind::kCutOff,        Kind::kMute,
                           Kind::kDeaf, Kind::kCutFromMembers, Kind::kCutFromServers};
// Around the time in which a lease of a server runs out, which is 5 s.
constexpr int kShortestMs = 3000;
constexpr int kLongestMs = 7000;

// The standard leaves open what its distributions draw; a seed must mean the same everywhere.
size_t Draw(std::mt19937_64* random, size_t below) { return (*random)() % below; }

void Shuffle(std::vector<Fault>* faults, std::mt19937_64* random) {
  for (size_t i = faults->size(); i > 1; --i) {
    std::swap((*faults)[i - 1], (*faults)[Draw(random, i)]);
  }
}

std::chrono::milliseconds SomeTime(std::mt19937_64* random) {
  return std::chrono::milliseconds(
      kShortestMs + static_cast<int>(Draw(random, static_cast<size_t>(kLongestMs - kShortestMs))));
}

}  // namespace

std::string Describe(const Fault& fault) {
  std::string host = Cluster::Name(fault.host);
  if (fault.part == Part::kLeader) host += " (leader)";
  if (fault.part == Part::kOwner) host += " (owner of expiry)";
  switch (fault.kind) {
    case Kind::kKill:
      return host + " is killed";
    case Kind::kPause:
      return host + " is paused";
    case Kind::kCutOff:
      return host + " is cut off";
    case Kind::kMute:
      return host + " is not heard";
    case Kind::kDeaf:
      return host + " does not hear";
    case Kind::kCutFromMembers:
      return host + " is cut from " + (IsMember(fault.host) ? "the other members" : "etcd");
    case Kind::kCutFromServers:
      return host + " is cut from " + (IsMember(fault.host) ? "the servers" : "the other servers");
  }
  return host;
}

std::vector<Fault> EveryFault(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Fault> all;
  for (const Kind kind : kKinds) {
    for (size_t host = 0; host < kHosts; ++host) {
      all.push_back({kind, host, Part::kNone, SomeTime(&random)});
    }
    all.push_back({kind, 0, Part::kLeader, SomeTime(&random)});
    all.push_back({kind, kMembers, Part::kOwner, SomeTime(&random)});
  }
  Shuffle(&all, &random);
  return all;
}

std::vector<Fault> AFewFaults(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Fault> few;
  bool is_leader = Draw(&random, 2) == 0;
  for (const Kind kind : kKinds) {
    few.push_back({kind, is_leader ? 0 : kMembers, is_leader ? Part::kLeader : Part::kOwner,
                   std::chrono::seconds(3)});
    is_leader = !is_leader;
  }
  Shuffle(&few, &random);
  // One is longer than a lease.
  few.front().lasts = std::chrono::seconds(7);
  return few;
}

Fault Aimed(const Fault& fault, Cluster* cluster) {
  Fault aimed = fault;
  if (fault.part == Part::kLeader) aimed.host = cluster->FindLeader().value_or(fault.host);
  if (fault.part == Part::kOwner) aimed.host = cluster->FindOwner().value_or(fault.host);
  return aimed;
}

void Break(Cluster* cluster, const Fault& fault) {
  if (fault.kind == Kind::kKill) return cluster->Kill(fault.host);
  if (fault.kind == Kind::kPause) return cluster->Signal(fault.host, SIGSTOP);
  for (size_t other = 0; other < kHosts; ++other) {
    if (other == fault.host) continue;
    if (fault.kind == Kind::kCutFromMembers && !IsMember(other)) continue;
    if (fault.kind == Kind::kCutFromServers && IsMember(other)) continue;
    if (fault.kind != Kind::kDeaf) cluster->network().Cut(fault.host, other);
    if (fault.kind != Kind::kMute) cluster->network().Cut(other, fault.host);
  }
}

void Heal(Cluster* cluster, const Fault& fault) {
  switch (fault.kind) {
    case Kind::kKill:
      return cluster->Start(fault.host);
    case Kind::kPause:
      return cluster->Signal(fault.host, SIGCONT);
    default:
      return cluster->network().HealAll();
  }
}

}  // namespace rollcall::chaos
