// Responder: one query's bytes in, one answer's bytes out; the whole DNS server but the sockets.
// One per worker, used by that worker's thread alone; the counters may be read by any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "dns/counters.h"
#include "dns/fast_path.h"
#include "dns/question.h"
#include "dns/random.h"
#include "dns/record.h"
#include "dns/wire.h"
#include "dns/zone.h"
#include "registry/base/clock.h"
#include "registry/base/ip_address.h"
#include "registry/catalog/snapshot_holder.h"

namespace rollcall::dns {

enum class Transport : uint8_t { kUdp, kTcp };

struct Query {
  std::span<const uint8_t> octets;
  Transport transport = Transport::kUdp;
  IpAddress client = {};
};

class Responder {
 public:
  // `catalog` is this worker's own reader, and outlives the responder as `clock` does. `seed` is
  // of the order of answers.
  Responder(std::shared_ptr<const Zone> zone, catalog::SnapshotReader* catalog, uint64_t seed,
            const Clock* clock);

  // Writes the answer to `query` into `out`; how many octets it has, 0 when there is to be none.
  // Never throws: an answer that fails is SERVFAIL, logged at most once a second. Precondition:
  // `out` has room for MaxAnswerSize(query.transport).
  size_t Respond(const Query& query, std::span<uint8_t> out) noexcept;

  size_t MaxAnswerSize(Transport transport) const;

  const Zone& zone() const { return *zone_; }
  // From the next query on. The sockets keep what they took from the zone until now
  // (max_udp_payload), so the new one is to differ in nothing but its TTLs.
  void SetZone(std::shared_ptr<const Zone> zone) { zone_ = std::move(zone); }
  DnsCounters& counters() { return counters_; }
  const DnsCounters& counters() const { return counters_; }

 private:
  WrittenAnswer RespondTo(const Query& query, const Question& question, QuestionOutcome outcome,
                          std::span<uint8_t> out);
  WrittenAnswer Encode(const Question& question, const Answer& answer, const MessageLimits& limits,
                       std::span<uint8_t> out);
  WrittenAnswer WriteServFail(const Question& question, const char* reason,
                              std::span<uint8_t> out) noexcept;

  std::shared_ptr<const Zone> zone_;
  catalog::SnapshotReader* const catalog_;
  const Clock* const clock_;
  Random random_;
  FastPath fast_path_;
  DnsCounters counters_;
  Clock::TimePoint may_log_at_;
};

}  // namespace rollcall::dns
