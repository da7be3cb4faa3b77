// LdnsMessage: an ldns packet and its records, owned. Everything that is known of ldns in the
// server is behind this class. Throws std::bad_alloc, and std::runtime_error where ldns refuses.
// Any thread may use its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dns/question.h"
#include "dns/record.h"

struct ldns_struct_pkt;

namespace rollcall::dns {

// How much of each section to write: its first records.
struct SectionCounts {
  size_t answer;
  size_t authority;
  size_t additional;
};

class LdnsMessage {
 public:
  // `advertised_payload` goes into the OPT record, which is there when the question had one.
  LdnsMessage(const Question& question, const Answer& answer, uint16_t advertised_payload);

  // The octets of the message with these records. Precondition: no more than there are.
  std::vector<uint8_t> Encode(const SectionCounts& counts, bool truncated);

 private:
  struct PacketDeleter {
    void operator()(ldns_struct_pkt* packet) const;
  };

  std::unique_ptr<ldns_struct_pkt, PacketDeleter> packet_;
  SectionCounts all_;
};

}  // namespace rollcall::dns
