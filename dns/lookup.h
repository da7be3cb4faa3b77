// From a name to what the catalog has there. Knows nothing of records and messages.
// What is found points into the snapshot and is valid as long as it. Any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "dns/name.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

enum class LookupState : uint8_t {
  kHit,
  kNoData,  // the name exists and holds nothing
  kNxDomain,
  kRefused,  // not ours to answer
};

// What exactly is missing where nothing was found.
enum class Absence : uint8_t {
  kNone,
  kNoSuchForm,  // not the name of anything that we know
  kNoService,
  kNoTag,       // the service is there, no instance has the tag
  kNotHealthy,  // there are instances, and none may be given out
  kNoNode,
  kNoAddress,  // of in-addr.arpa and ip6.arpa
};

struct Found {
  LookupState state = LookupState::kNxDomain;
  Absence absence = Absence::kNone;  // of kNxDomain
  // Of a hit on a service: those that may be given out, in the catalog's order; never empty.
  std::vector<const catalog::InstanceEntry*> instances;
  const catalog::NodeEntry* node = nullptr;  // of a hit on a node
};

// Which instances may be given out. Critical ones never: InstanceEntry.status counts the node's
// checks in, so that a critical node takes all of its instances out.
enum class HealthFilter : uint8_t { kNotCritical, kOnlyPassing };

// A service without an instance that may be given out, or none of that tag, is kNxDomain, as in
// Consul. Tags and names compare without regard to ASCII case.
Found Lookup(const catalog::Snapshot& snapshot, const NameForm& form, HealthFilter filter);

}  // namespace rollcall::dns
