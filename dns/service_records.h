// A service's SRV records (RFC 2782) with the addresses of their targets. One worker's.
#pragma once

#include "dns/address_chain.h"
#include "dns/record.h"

namespace rollcall::dns {

// Appends to `answer` one SRV per target and port of the instances of `service` (found: a hit),
// in their order, and to the additional section the addresses of each target, once. Of instances
// with one target and port, the heaviest gives the record its weight. No more than
// DnsOptions::max_answers, where that is set.
void AppendSrvRecords(const AnswerSource& source, const LookedUpName& service, size_t max_records,
                      Answer* answer);

}  // namespace rollcall::dns
