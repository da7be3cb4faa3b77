// LdnsMessage: the records of an answer as ldns keeps them, and their encoding. Everything that is
// known of ldns in the server is behind this class. Throws std::bad_alloc, and std::runtime_error
// where ldns refuses. Any thread may use its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dns/opt_record.h"
#include "dns/question.h"
#include "dns/record.h"

namespace rollcall::dns {

// How much of each section to write: its first records.
struct SectionCounts {
  size_t answer;
  size_t authority;
  size_t additional;
  friend bool operator==(const SectionCounts&, const SectionCounts&) = default;
};

// The A, AAAA and CNAME records in the answer section of `message`, in its order; none where ldns
// cannot read it.
std::vector<Record> ReadAnswerSection(std::span<const uint8_t> message);

class LdnsMessage {
 public:
  // `opt` goes into the OPT record, which is there when the question had one; its rcode is the
  // message's. `extra_flags` are set in the header besides those that question and answer say.
  LdnsMessage(const Question& question, const Answer& answer, const OptReply& opt,
              uint16_t extra_flags);

  ~LdnsMessage();

  // The octets of the message with these records. Precondition: no more than there are.
  std::vector<uint8_t> Encode(const SectionCounts& counts) const;

 private:
  class Records;

  void AppendOpt(std::vector<uint8_t>* octets) const;

  const uint16_t id_;
  uint16_t flags_;
  const std::optional<Edns> edns_;
  const OptReply opt_;
  std::vector<Records> sections_;  // in the order of the message
};

}  // namespace rollcall::dns
