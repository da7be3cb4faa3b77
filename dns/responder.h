// Responder: one query's bytes in, one answer's bytes out; the whole DNS server but the sockets.
// One per worker, used by that worker's thread alone; the counters may be read by any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dns/answer.h"
#include "dns/cookie.h"
#include "dns/counters.h"
#include "dns/dns_token.h"
#include "dns/fast_path.h"
#include "dns/forwarder.h"
#include "dns/question.h"
#include "dns/random.h"
#include "dns/rate_limiter.h"
#include "dns/record.h"
#include "dns/recursive_answer.h"
#include "dns/token_sight.h"
#include "dns/wire.h"
#include "dns/zone.h"
#include "registry/access/bearer_cache.h"
#include "registry/base/clock.h"
#include "registry/base/ip_address.h"
#include "registry/base/result.h"
#include "registry/catalog/snapshot_holder.h"

namespace rollcall::dns {

enum class Transport : uint8_t { kUdp, kTcp };

struct Query {
  std::span<const uint8_t> octets;
  Transport transport = Transport::kUdp;
  IpAddress client = {};
};

// What a responder works with; what it points to outlives it.
struct ResponderSetup {
  catalog::SnapshotReader* catalog;  // this worker's own
  const Clock* clock;
  uint64_t seed;                 // of the order of answers; another for each worker
  CookieSecret cookie_secret{};  // one for all workers, and for all servers that share an address
  RateLimiter* rate_limiter = nullptr;    // one for all workers; null: no limit
  uint32_t (*unix_time)() = nullptr;      // in seconds; null: the system's
  Forwarder* forwarder = nullptr;         // this worker's; null: no recursors
  std::function<bool()> is_too_old = {};  // whether the catalog may be; empty: never
  acl::BearerCache::Options access = {};
  const DnsToken* token = nullptr;  // one for all workers; never null where access is controlled
};

struct Response {
  size_t size = 0;                         // octets of the answer; 0: none now
  std::shared_ptr<PendingAnswer> pending;  // for Resolve, which gives the answer later
};

class Responder {
 public:
  // Throws what ServerCookies does.
  Responder(std::shared_ptr<const Zone> zone, const ResponderSetup& setup);

  // Writes the answer to `query` into `out`. Never throws: an answer that fails is SERVFAIL, logged
  // at most once a second. Precondition: `out` has room for MaxAnswerSize(query.transport).
  Response Respond(const Query& query, std::span<uint8_t> out) noexcept;

  // Has the recursors asked. `on_answer` is called with the octets of the answer, none where there
  // is no memory for them: once, perhaps before this returns, unless the forwarder stops before.
  // Throws only what `on_answer` throws.
  void Resolve(const std::shared_ptr<PendingAnswer>& pending, const Forwarder::OnAnswer& on_answer);

  size_t MaxAnswerSize(Transport transport) const;

  const Zone& zone() const { return *zone_; }
  // From the next query on. The sockets keep what they took from the zone until now
  // (max_udp_payload), so the new one is to have the same Zone::shape().
  void SetZone(std::shared_ptr<const Zone> zone) { zone_ = std::move(zone); }
  DnsCounters& counters() { return counters_; }
  const DnsCounters& counters() const { return counters_; }

 private:
  Recursion RecursionFor(const Query& query, const Question& question) const;
  // Counts an answer that is about to be sent.
  void Count(const WrittenAnswer& written);
  // The answer that the client gets once the recursors have given theirs (empty: none did). Empty
  // where not even an error can be made.
  std::vector<uint8_t> Complete(PendingAnswer* pending, std::span<const uint8_t> answer);

  // The reply to the client's cookie, if it sent one; sets whether that was valid.
  std::optional<CookieReply> AnswerCookie(const Query& query, const Question& question,
                                          bool* is_valid);
  // Sets `*pending` where the recursors are to be asked; what is written does not count then.
  WrittenAnswer RespondTo(const Query& query, const Question& question, QuestionOutcome outcome,
                          std::span<uint8_t> out, std::shared_ptr<PendingAnswer>* pending);
  // What a client gets whose network had too many answers: nothing, or half of the times an empty
  // answer that tells a real client how to go on, and is of little use to a forger.
  WrittenAnswer RespondLimited(const Question& question, const ReplySettings& settings,
                               std::span<uint8_t> out);
  WrittenAnswer Encode(const Question& question, const Answer& answer,
                       const ReplySettings& settings, std::span<uint8_t> out);
  // What the query is answered from; holds until the next one.
  AnswerSource SourceOf(const Query& query, Recursion recursion);
  // At most once a minute, all workers together.
  void LogNoToken(const Error& error);
  // At most once a second.
  void LogFailure(const Question& question, const char* reason) noexcept;
  WrittenAnswer WriteServFail(const Question& question, const char* reason,
                              std::span<uint8_t> out) noexcept;

  std::shared_ptr<const Zone> zone_;
  const ResponderSetup setup_;
  Random random_;
  FastPath fast_path_;
  ServerCookies cookies_;
  TokenSight token_sight_;
  DnsCounters counters_;
  Clock::TimePoint may_log_at_;
};

}  // namespace rollcall::dns
