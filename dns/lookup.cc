#include "dns/lookup.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "dns/reverse_names.h"
#include "registry/base/ascii.h"
#include "registry/model/records.h"

namespace rollcall::dns {

namespace {

using catalog::InstanceEntry;
using model::CheckStatus;

bool MayBeGivenOut(const InstanceEntry& entry, HealthFilter filter) {
  if (entry.status == CheckStatus::kCritical) return false;
  return filter != HealthFilter::kOnlyPassing || entry.status == CheckStatus::kPassing;
}

bool HasTag(const InstanceEntry& entry, std::string_view tag) {
  const auto& tags = entry.instance->tags;
  return std::any_of(tags.begin(), tags.end(),
                     [&](std::string_view own) { return EqualsIgnoreCase(own, tag); });
}

// RFC 8020 section 2: "_tcp.service" exists, being above the RFC 2782 name of every service.
bool StandsForAllNames(std::string_view service) { return service.starts_with('_'); }

// Whether a tag has `tail` as its last labels: "2.web.service" exists when "v1.2.web.service" does
// (the same section).
bool HasTagBelow(const InstanceEntry& entry, std::string_view tail) {
  const auto& tags = entry.instance->tags;
  return std::any_of(tags.begin(), tags.end(), [&](std::string_view own) {
    if (own.size() < tail.size() + 2) return false;
    const size_t dot = own.size() - tail.size() - 1;
    return own[dot] == '.' && EqualsIgnoreCase(own.substr(dot + 1), tail);
  });
}

Found LookupService(const catalog::Snapshot& snapshot, const NameForm& form, HealthFilter filter,
                    const Sight& sight) {
  const catalog::ServiceEntry* const service = snapshot.FindService(form.service);
  if (service == nullptr || !sight.Service(service->name)) return LookupAbsentService(form, sight);
  return LookupInService(*service, form.tag, filter, sight);
}

Found LookupNode(const catalog::Snapshot& snapshot, const NameForm& form, const Sight& sight) {
  Found found;
  const catalog::NodeEntry* const node = snapshot.FindNode(form.node);
  if (node != nullptr && sight.Node(node->node->name)) {
    found.node = node;
    found.state = LookupState::kHit;
  } else {
    found.absence = sight.Node(form.node) ? Absence::kNoNode : Absence::kProhibited;
  }
  return found;
}

// Whether anything is at an address that the name covers. What it is called is the answer's part.
LookupState LookupReverse(const catalog::Snapshot& snapshot, const AddressPrefix& prefix,
                          const Sight& sight) {
  // The zone itself is there, whatever is in it.
  if (prefix.bits == 0) return LookupState::kHit;
  if (!sight.is_whole()) {
    // To look for something below that may be seen could take long, and how long it takes would
    // tell of what may not be. A name with nothing below it is no error (RFC 8020 section 2).
    if (!prefix.is_whole()) return LookupState::kNoData;
    ReverseNames names(snapshot, prefix.address, sight);
    return names.Next() != nullptr ? LookupState::kHit : LookupState::kNxDomain;
  }
  const auto first = snapshot.addresses().From(prefix.address);
  if (first == snapshot.addresses().entries().end() || !prefix.Covers(first->address)) {
    return LookupState::kNxDomain;
  }
  return prefix.is_whole() ? LookupState::kHit : LookupState::kNoData;
}

}  // namespace

Found LookupAbsentService(const NameForm& form, const Sight& sight) {
  Found found;
  if (!sight.Service(form.service)) found.absence = Absence::kProhibited;
  if (form.tag.empty() && StandsForAllNames(form.service)) {
    found.state = LookupState::kNoData;
  } else if (found.absence == Absence::kNone) {
    found.absence = Absence::kNoService;
  }
  return found;
}

HealthFilter FilterOf(const DnsOptions& options) {
  return options.only_passing ? HealthFilter::kOnlyPassing : HealthFilter::kNotCritical;
}

Found LookupInService(const catalog::ServiceEntry& service, std::string_view tag,
                      HealthFilter filter, const Sight& sight) {
  Found found;
  bool is_above_tag = false;
  bool is_ill = false;
  for (const InstanceEntry& entry : service.instances) {
    // Told of any, whatever its tags and its health are: these are not to be learned.
    if (!sight.Instance(entry)) {
      found.absence = Absence::kFiltered;
      continue;
    }
    const bool has_tag = tag.empty() || HasTag(entry, tag);
    if (!MayBeGivenOut(entry, filter)) {
      is_ill = is_ill || has_tag;
    } else if (has_tag) {
      found.instances.push_back(&entry);
    } else if (HasTagBelow(entry, tag)) {
      is_above_tag = true;
    }
  }
  if (!found.instances.empty()) {
    found.state = LookupState::kHit;
  } else if (is_above_tag || (tag.empty() && StandsForAllNames(service.name))) {
    found.state = LookupState::kNoData;
  } else if (found.absence == Absence::kNone) {
    found.absence = is_ill ? Absence::kNotHealthy : Absence::kNoTag;
  }
  return found;
}

Found Lookup(const catalog::Snapshot& snapshot, const NameForm& form, HealthFilter filter,
             const Sight& sight) {
  Found found;
  switch (form.kind) {
    case NameKind::kOutside:
      found.state = LookupState::kRefused;
      break;
    case NameKind::kEmptyNonTerminal:
      found.state = LookupState::kNoData;
      break;
    case NameKind::kUnknown:
      found.state = LookupState::kNxDomain;
      found.absence = Absence::kNoSuchForm;
      break;
    case NameKind::kApex:
    case NameKind::kAddress:
      found.state = LookupState::kHit;
      break;
    case NameKind::kService:
      return LookupService(snapshot, form, filter, sight);
    case NameKind::kReverse:
      found.state = LookupReverse(snapshot, form.prefix, sight);
      if (found.state == LookupState::kNxDomain) {
        found.absence = sight.is_whole() ? Absence::kNoAddress : Absence::kNoVisibleAddress;
      }
      break;
    case NameKind::kNode:
      return LookupNode(snapshot, form, sight);
  }
  return found;
}

}  // namespace rollcall::dns
