// From a name to what the catalog has there. Knows nothing of records and messages.
// What is found points into the snapshot and is valid as long as it. Any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dns/absence.h"
#include "dns/name.h"
#include "dns/sight.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

enum class LookupState : uint8_t {
  kHit,
  kNoData,  // the name exists and holds nothing
  kNxDomain,
  kRefused,  // not ours to answer
};

struct Found {
  LookupState state = LookupState::kNxDomain;
  // Of kNxDomain; of any state kProhibited or kFiltered.
  Absence absence = Absence::kNone;
  // Of a hit on a service: those that may be given out, in the catalog's order; never empty.
  std::vector<const catalog::InstanceEntry*> instances;
  const catalog::NodeEntry* node = nullptr;  // of a hit on a node
};

// Which instances may be given out. Critical ones never: InstanceEntry.status counts the node's
// checks in, so that a critical node takes all of its instances out.
enum class HealthFilter : uint8_t { kNotCritical, kOnlyPassing };

// A service without an instance that may be given out, or none of that tag, is kNxDomain, as in
// Consul. Tags and names compare without regard to ASCII case. What `sight` does not see is as if
// it were not there.
Found Lookup(const catalog::Snapshot& snapshot, const NameForm& form, HealthFilter filter,
             const Sight& sight = {});
// The same for a service that is there and seen; `tag` in lower case, empty for any.
Found LookupInService(const catalog::ServiceEntry& service, std::string_view tag,
                      HealthFilter filter, const Sight& sight = {});

// The same for a service that is not there, or not seen.
Found LookupAbsentService(const NameForm& form, const Sight& sight = {});

HealthFilter FilterOf(const DnsOptions& options);

}  // namespace rollcall::dns
