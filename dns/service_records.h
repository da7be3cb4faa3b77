// A service's SRV records (RFC 2782) with the addresses of their targets. One worker's.
#pragma once

#include "dns/address_chain.h"
#include "dns/record.h"

namespace rollcall::dns {

// Appends to `answer` one SRV per target and port of the instances of `service` (found: a hit),
// in their order, and to the additional section the addresses of each target, once.
//
// The target is, of an instance reached
//   at its node's IP address    <node>.node.<dc>.<domain>
//   at an IP address of its own <hex>.addr.<dc>.<domain>
//   at a host name              that name
// A node whose name cannot be labels of a DNS name (empty or overlong labels) is given out as its
// <hex>.addr name. An instance that has neither address nor valid host name is left out.
void AppendSrvRecords(const AnswerSource& source, const LookedUpName& service, size_t max_records,
                      Answer* answer);

}  // namespace rollcall::dns
