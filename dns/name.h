// What a name asks for. Labels are read from right to left for the first kind word; <dc> may be
// left out:
//
//   [tag.]service.service[.dc].domain     the tag may hold dots, the service's name is one label
//   _service._tcp.service[.dc].domain     RFC 2782; _tcp stands for "any tag"
//   _service._tag.service[.dc].domain
//   _service._tcp[.dc].domain             only for SRV questions, as in Consul
//   node.node[.dc].domain                 the node's name may hold dots
//   hex.addr[.dc].domain                  8 or 32 hex digits
//   d.c.b.a.in-addr.arpa, ….ip6.arpa      an address, reversed
//
// Knows nothing of the catalog. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "dns/address_labels.h"
#include "dns/domain_name.h"
#include "dns/zone.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

enum class NameKind : uint8_t {
  kOutside,           // in none of our domains
  kApex,              // a domain itself
  kEmptyNonTerminal,  // has no data, but names below it do (RFC 8020 section 2)
  kUnknown,           // no form of ours: nothing is there, and nothing below it
  kService,
  kNode,
  kAddress,
  kReverse,  // in in-addr.arpa or ip6.arpa
};

struct NameForm {
  NameKind kind = NameKind::kOutside;
  // Of all kinds but kOutside: a domain of ours, in-addr.arpa or ip6.arpa, in wire form, as it is
  // written in the name. Every name of the answer is put below it, so that an answer is in the
  // asked domain and in the asked case.
  std::string_view apex;
  bool in_arpa = false;      // the apex is one of the latter two
  std::string_view service;  // of kService; lower case, as all texts here
  std::string_view tag;      // of kService; empty: any
  std::string_view node;     // of kNode
  IpAddress address;         // of kAddress
  AddressPrefix prefix;      // of kReverse

  // Precondition: the kind is not kOutside.
  DomainName ApexName() const { return DomainName::FromWire(apex).value(); }
};

// `labels` are those of `name`; the form's texts are views into them, and its apex into `name`.
NameForm InterpretName(const DomainName& name, const DottedLabels& labels, uint16_t question_type,
                       const Zone& zone);

}  // namespace rollcall::dns
