// From a question to the records that answer it, section by section, before anything is known of
// bytes. Never fails: what cannot be answered is an rcode.
// One worker's: `random` is not synchronised.
#pragma once

#include <cstdint>

#include "dns/order.h"
#include "dns/question.h"
#include "dns/record.h"
#include "dns/sight.h"
#include "dns/zone.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

// Whether the client may have recursors asked for it (RFC 1034 section 4.3.1).
enum class Recursion : uint8_t {
  kOff,         // there are none
  kNotDesired,  // the client does not want that
  kProhibited,  // it may not
  kAllowed,
};

// Why nothing of ours is answered, but with SERVFAIL.
enum class Outage : uint8_t {
  kNone,
  kTooOld,   // the snapshot is older than may be answered from
  kNoToken,  // it is not known what may be seen
};

struct AnswerSource {
  const Zone& zone;
  const catalog::Snapshot& snapshot;
  Random& random;
  uint64_t client = 0;  // who asks: StableKeyOf
  Recursion recursion = Recursion::kOff;
  Outage outage = Outage::kNone;
  Sight sight = {};
};

// What a name outside of our domains gets where no recursor is asked.
ExtendedError NotOurs(Recursion recursion);

inline OrderChoice OrderOf(const AnswerSource& source) {
  return {source.zone.options().order, source.client};
}

// The answer to a question that was parsed without complaint. No section gets more than
// `max_records` of a service's records, the number that could be sent at all: a service of
// thousands costs no more than what fits (Answer::has_more then).
Answer AnswerQuestion(const AnswerSource& source, const Question& question, size_t max_records);

}  // namespace rollcall::dns
