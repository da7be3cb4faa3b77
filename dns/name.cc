#include "dns/name.h"

#include <array>
#include <optional>

#include "dns/constants.h"
#include "registry/base/ascii.h"

namespace rollcall::dns {

namespace {

constexpr std::string_view kServiceWord = "service";
constexpr std::string_view kNodeWord = "node";
constexpr std::string_view kAddressWord = "addr";

bool IsKindWord(std::string_view label) {
  return label == kServiceWord || label == kNodeWord || label == kAddressWord;
}

bool IsUnderscored(std::string_view label) { return label.size() > 1 && label.front() == '_'; }

// Labels [0, end) in front of "service".
void InterpretService(const DottedLabels& labels, size_t end, NameForm* form) {
  form->kind = NameKind::kService;
  // RFC 2782: exactly "_service._proto". Anything longer is an ordinary tag, as in Consul.
  if (end == 2 && IsUnderscored(labels[0]) && IsUnderscored(labels[1])) {
    form->service = labels[0].substr(1);
    form->tag = labels[1].substr(1);
    if (form->tag == "tcp") form->tag = {};
    return;
  }
  form->service = labels[end - 1];
  form->tag = labels.Join(0, end - 1);
}

void InterpretAddress(const DottedLabels& labels, size_t end, NameForm* form) {
  const std::optional<IpAddress> address = end == 1 ? FromHex(labels[0]) : std::nullopt;
  if (!address) return;
  form->kind = NameKind::kAddress;
  form->address = *address;
}

// RFC 2782 names without the kind word, of `count` labels in front of the domain or datacenter.
void InterpretShortService(const DottedLabels& labels, size_t count, uint16_t question_type,
                           NameForm* form) {
  if (count == 0 || !IsUnderscored(labels[count - 1])) return;
  if (count == 1) {
    form->kind = NameKind::kEmptyNonTerminal;  // "_tcp.consul" is above "_web._tcp.consul"
  } else if (count == 2 && question_type == type::kSrv) {
    InterpretService(labels, count, form);
  }
}

struct ReverseZone {
  DomainName apex;
  std::optional<AddressPrefix> (*prefix)(const DottedLabels& labels, size_t end);
};

const std::array<ReverseZone, 2>& ReverseZones() {
  static const std::array<ReverseZone, 2> kZones = {
      ReverseZone{DomainName::FromText("in-addr.arpa").value(), PrefixFromInAddr},
      ReverseZone{DomainName::FromText("ip6.arpa").value(), PrefixFromIp6}};
  return kZones;
}

// `name` from where `domain` begins, which it is at or below.
std::string_view ApexIn(const DomainName& name, const DomainName& domain) {
  return name.wire().substr(name.wire().size() - domain.wire().size());
}

// Names of addresses; kOutside for others.
NameForm InterpretReverse(const DomainName& name, const DottedLabels& labels) {
  NameForm form;
  for (const ReverseZone& zone : ReverseZones()) {
    if (!name.IsAtOrBelow(zone.apex)) continue;
    form.apex = ApexIn(name, zone.apex);
    form.in_arpa = true;
    const std::optional<AddressPrefix> prefix =
        zone.prefix(labels, labels.size() - zone.apex.label_count());
    form.kind = prefix ? NameKind::kReverse : NameKind::kUnknown;
    if (prefix) form.prefix = *prefix;
  }
  return form;
}

}  // namespace

NameForm InterpretName(const DomainName& name, const DottedLabels& labels, uint16_t question_type,
                       const Zone& zone) {
  NameForm form;
  const DomainName* const domain = zone.DomainOf(name);
  if (domain == nullptr) return InterpretReverse(name, labels);
  form.apex = ApexIn(name, *domain);
  form.kind = NameKind::kUnknown;
  size_t count = labels.size() - domain->label_count();
  if (count == 0) {
    form.kind = NameKind::kApex;
    return form;
  }
  // The kind word comes last, or last but for the datacenter. Where it comes earlier, what follows
  // it is no datacenter of ours.
  const bool kind_last = IsKindWord(labels[count - 1]);
  const std::string& datacenter = zone.options().datacenter;
  if (!kind_last && EqualsIgnoreCase(labels[count - 1], datacenter)) {
    --count;
    if (count == 0) {
      form.kind = NameKind::kEmptyNonTerminal;
      return form;
    }
  }
  const std::string_view word = labels[count - 1];
  if (!IsKindWord(word)) {
    InterpretShortService(labels, count, question_type, &form);
    return form;
  }
  const size_t end = count - 1;  // of what stands in front of the kind word
  if (end == 0) {
    form.kind = NameKind::kEmptyNonTerminal;
  } else if (word == kServiceWord) {
    InterpretService(labels, end, &form);
  } else if (word == kNodeWord) {
    form.kind = NameKind::kNode;
    form.node = labels.Join(0, end);
  } else {
    InterpretAddress(labels, end, &form);
  }
  return form;
}

}  // namespace rollcall::dns
