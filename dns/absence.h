// Why there is nothing to answer, and how that is told. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "dns/options.h"
#include "dns/record.h"

namespace rollcall::dns {

enum class Absence : uint8_t {
  kNone,
  kNoSuchForm,  // not the name of anything that we know
  kNoService,
  kNoTag,       // the service is there, no instance has the tag
  kNotHealthy,  // there are instances, and none may be given out
  kNoNode,
  kNoAddress,  // of in-addr.arpa and ip6.arpa
  kNoFamily,   // there are addresses, of the other family
  // What Sight has said. The first two are told whether anything is there or not.
  kProhibited,        // the name is of nothing that may be seen
  kNoVisibleAddress,  // as kNoAddress, of what may be seen
  kFiltered,          // of the service's instances, some may not be seen
};

// Empty for kNone.
std::optional<ExtendedError> ErrorOf(Absence absence, const DnsOptions& options);

}  // namespace rollcall::dns
