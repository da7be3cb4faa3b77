#include "dns/lookup.h"

#include <algorithm>
#include <string>
#include <string_view>

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

Found LookupService(const catalog::Snapshot& snapshot, const NameForm& form, HealthFilter filter) {
  if (const catalog::ServiceEntry* service = snapshot.FindService(form.service)) {
    return LookupInService(*service, form.tag, filter);
  }
  return LookupAbsentService(form);
}

// Whether anything is at an address that the name covers. What it is called is the answer's part.
LookupState LookupReverse(const catalog::Snapshot& snapshot, const AddressPrefix& prefix) {
  // The zone itself is there, whatever is in it.
  if (prefix.bits == 0) return LookupState::kHit;
  const auto first = snapshot.addresses().From(prefix.address);
  if (first == snapshot.addresses().entries().end() || !prefix.Covers(first->address)) {
    return LookupState::kNxDomain;
  }
  return prefix.is_whole() ? LookupState::kHit : LookupState::kNoData;
}

}  // namespace

Found LookupAbsentService(const NameForm& form) {
  Found found;
  if (form.tag.empty() && StandsForAllNames(form.service)) {
    found.state = LookupState::kNoData;
  } else {
    found.absence = Absence::kNoService;
  }
  return found;
}

HealthFilter FilterOf(const DnsOptions& options) {
  return options.only_passing ? HealthFilter::kOnlyPassing : HealthFilter::kNotCritical;
}

Found LookupInService(const catalog::ServiceEntry& service, std::string_view tag,
                      HealthFilter filter) {
  Found found;
  bool is_above_tag = false;
  bool is_ill = false;
  for (const InstanceEntry& entry : service.instances) {
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
  } else {
    found.absence = is_ill ? Absence::kNotHealthy : Absence::kNoTag;
  }
  return found;
}

Found Lookup(const catalog::Snapshot& snapshot, const NameForm& form, HealthFilter filter) {
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
      return LookupService(snapshot, form, filter);
    case NameKind::kReverse:
      found.state = LookupReverse(snapshot, form.prefix);
      if (found.state == LookupState::kNxDomain) found.absence = Absence::kNoAddress;
      break;
    case NameKind::kNode:
      found.node = snapshot.FindNode(form.node);
      found.state = found.node == nullptr ? LookupState::kNxDomain : LookupState::kHit;
      if (found.node == nullptr) found.absence = Absence::kNoNode;
      break;
  }
  return found;
}

}  // namespace rollcall::dns
