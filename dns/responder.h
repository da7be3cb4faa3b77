// Responder: one query's bytes in, one answer's bytes out; the whole DNS server but the sockets.
// One per worker, used by that worker's thread alone; the counters may be read by any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "dns/counters.h"
#include "dns/order.h"
#include "dns/question.h"
#include "dns/record.h"
#include "dns/zone.h"
#include "registry/base/clock.h"
#include "registry/catalog/snapshot_holder.h"

namespace rollcall::dns {

enum class Transport : uint8_t { kUdp, kTcp };

class Responder {
 public:
  // `catalog` is this worker's own reader, and outlives the responder as `clock` does. `seed` is
  // of the order of answers.
  Responder(std::shared_ptr<const Zone> zone, catalog::SnapshotReader* catalog, uint64_t seed,
            const Clock* clock);

  // The answer to `query`; empty when there is to be none. Never throws: an answer that fails is
  // SERVFAIL, logged at most once a second.
  std::vector<uint8_t> Respond(std::span<const uint8_t> query, Transport transport) noexcept;

  const Zone& zone() const { return *zone_; }
  // From the next query on. The sockets keep what they took from the zone until now
  // (max_udp_payload), so the new one is to differ in nothing but its TTLs.
  void SetZone(std::shared_ptr<const Zone> zone) { zone_ = std::move(zone); }
  DnsCounters& counters() { return counters_; }
  const DnsCounters& counters() const { return counters_; }

 private:
  std::vector<uint8_t> RespondTo(const Question& question, QuestionOutcome outcome,
                                 Transport transport);
  Answer AnswerTo(const Question& question, QuestionOutcome outcome, size_t max_records);
  std::vector<uint8_t> RespondServFail(const Question& question, const char* reason) noexcept;

  std::shared_ptr<const Zone> zone_;
  catalog::SnapshotReader* const catalog_;
  const Clock* const clock_;
  Random random_;
  DnsCounters counters_;
  Clock::TimePoint may_log_at_;
};

}  // namespace rollcall::dns
