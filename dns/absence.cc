#include "dns/absence.h"

#include <string_view>

namespace rollcall::dns {

namespace {

ExtendedError Other(std::string_view text) { return {ExtendedError::kOther, text}; }

}  // namespace

std::optional<ExtendedError> ErrorOf(Absence absence, const DnsOptions& options) {
  switch (absence) {
    case Absence::kNone:
      break;
    case Absence::kNoSuchForm:
      return Other("not the name of a service, node or address of this datacenter");
    case Absence::kNoService:
      return Other("no such service");
    case Absence::kNoTag:
      return Other("no instance of the service has this tag");
    case Absence::kNotHealthy:
      return Other(options.only_passing ? "no instance is passing" : "all instances are critical");
    case Absence::kNoNode:
      return Other("no such node");
    case Absence::kNoAddress:
      return Other("no node or service has this address");
    case Absence::kNoFamily:
      return Other("no address of this family");
    case Absence::kProhibited:
      return ExtendedError{ExtendedError::kProhibited, "the token for DNS may not read this name"};
    case Absence::kNoVisibleAddress:
      return ExtendedError{ExtendedError::kFiltered,
                           "nothing that the token for DNS may read has this address"};
    case Absence::kFiltered:
      return ExtendedError{ExtendedError::kFiltered,
                           "what the token for DNS may not read is left out"};
  }
  return std::nullopt;
}

}  // namespace rollcall::dns
