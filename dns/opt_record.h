// The OPT record of an answer (RFC 6891): what both answer paths put at the end of the message when
// the question had one. Allocates nothing. Any thread.
//
//   opt    = 0 type(2)=41 payload(2) extended-rcode(1) version(1)=0 flags(2) size(2) *option
//   option = code(2) size(2) data(size)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "dns/constants.h"
#include "dns/cookie.h"
#include "dns/octet_writer.h"
#include "dns/question.h"
#include "dns/record.h"

namespace rollcall::dns {

// What the record says besides what it copies from the question's.
struct OptReply {
  uint16_t advertised_payload = 0;  // what we receive (RFC 6891 section 6.2.3)
  Rcode rcode = Rcode::kNoError;    // of the message; only its upper bits are here
  std::optional<ExtendedError> extended_error;
  std::optional<CookieReply> cookie;
};

// How many octets WriteOptRecord writes.
size_t OptRecordSize(const Edns& edns, const OptReply& reply);
// `edns`: the question's.
void WriteOptRecord(const Edns& edns, const OptReply& reply, OctetWriter* out);

// The options of that record alone.
size_t OptOptionsSize(const Edns& edns, const OptReply& reply);
void WriteOptOptions(const Edns& edns, const OptReply& reply, OctetWriter* out);

}  // namespace rollcall::dns
