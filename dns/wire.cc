#include "dns/wire.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "dns/ldns_message.h"

namespace rollcall::dns {

namespace {

// An A record whose owner is a pointer (RFC 1035 sections 3.2.1, 3.4.1 and 4.1.4): there is none
// smaller that we send.
constexpr size_t kSmallestRecord = 2 + 10 + 4;

// RFC 1035 section 4.1.1.
constexpr size_t kFlagsAt = 2;
constexpr uint8_t kFlagTruncated = 0x02;

// The additional records that go along with the first `answers` answer records.
size_t AdditionalFor(const Answer& answer, size_t answers) {
  const auto end =
      std::find_if(answer.additional.begin(), answer.additional.end(),
                   [&](const AdditionalRecord& record) { return record.added_for >= answers; });
  return static_cast<size_t>(end - answer.additional.begin());
}

// Tries one cut after the other.
class Cutter {
 public:
  Cutter(const Question& question, const Answer& answer, const ReplySettings& settings)
      : answer_(answer),
        settings_(settings),
        message_(
            question, answer,
            {settings.advertised_payload, answer.rcode, answer.extended_error, settings.cookie},
            settings.recursion_available ? flag::kRecursionAvailable : uint16_t{0}) {}

  Message Cut() {
    const SectionCounts all{answer_.answer.size(), answer_.authority.size(),
                            answer_.additional.size()};
    const size_t in_step = AdditionalFor(answer_, all.answer);
    if (Fits(all)) return Take(all);
    if (Fits({all.answer, all.authority, in_step}))
      return Take({all.answer, all.authority, in_step});
    if (all.answer == 0) return Take({0, Fits({0, all.authority, 0}) ? all.authority : 0, 0});
    const size_t answers = MostAnswers();
    if (answers > 0) return Take({answers, 0, AdditionalFor(answer_, answers)});
    return Take({Fits({1, 0, 0}) ? size_t{1} : size_t{0}, 0, 0});
  }

 private:
  bool Fits(const SectionCounts& counts) {
    const size_t records = counts.answer + counts.authority + counts.additional;
    if (records > MaxRecords(settings_.size)) return false;
    tried_ = counts;
    octets_ = message_.Encode(counts);
    return octets_.size() <= settings_.size;
  }

  // The most answer records that fit along with their additional ones. More records are never
  // shorter, so that halving finds it.
  size_t MostAnswers() {
    size_t fits = 0;
    size_t too_many = std::min(answer_.answer.size(), MaxRecords(settings_.size)) + 1;
    while (too_many - fits > 1) {
      const size_t middle = fits + (too_many - fits) / 2;
      if (Fits({middle, 0, AdditionalFor(answer_, middle)})) {
        fits = middle;
      } else {
        too_many = middle;
      }
    }
    return fits;
  }

  Message Take(const SectionCounts& counts) {
    const bool truncated = answer_.has_more || counts.answer < answer_.answer.size() ||
                           counts.authority < answer_.authority.size() ||
                           counts.additional < answer_.additional.size();
    if (counts != tried_) octets_ = message_.Encode(counts);
    if (truncated) octets_[kFlagsAt] |= kFlagTruncated;
    return {std::move(octets_), truncated};
  }

  const Answer& answer_;
  const ReplySettings& settings_;
  LdnsMessage message_;
  // The last try, which is most often the one that is taken.
  std::optional<SectionCounts> tried_;
  std::vector<uint8_t> octets_;
};

}  // namespace

size_t UdpLimit(const Question& question, uint16_t max_udp_payload) {
  if (!question.edns) return kMinUdpPayload;
  return std::min<size_t>(std::max<size_t>(question.edns->udp_payload, kMinUdpPayload),
                          max_udp_payload);
}

size_t MaxRecords(size_t size) { return size / kSmallestRecord; }

Message EncodeMessage(const Question& question, const Answer& answer,
                      const ReplySettings& settings) {
  return Cutter(question, answer, settings).Cut();
}

}  // namespace rollcall::dns
