// Fuzz target: what the agent reads of DNS, and what it makes of it. The input is the length of a
// client's query in two octets, the query, and a server's answer to what the agent asks. What must
// hold: an answer that is kept is one that is read again; its TTLs do not grow; it does not become
// longer than the client takes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>

#include "agent/dns_answer.h"
#include "agent/dns_cache.h"
#include "agent/dns_message.h"

namespace {

using namespace rollcall::agent;  // NOLINT(google-build-using-namespace): nothing else is here
using std::chrono::seconds;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckServed(const DnsOctets& served, const KeptDnsAnswer& kept, const DnsQuery& query,
                 const DnsAge& age) {
  Require(served.size() <= std::max(query.limit(), kept.octets.size()));
  Require(DnsUint16(served, 0) == query.id);
  Require(std::equal(query.head.begin() + kDnsHeaderSize, query.head.end(),
                     served.begin() + kDnsHeaderSize));
  Require(KindOfDnsAnswer(served) == DnsAnswerKind::kAnswer);
  const auto again = KeepDnsAnswer(served);
  Require(again.has_value());
  Require(again->ttl <= (age.stale ? seconds(kStaleDnsTtl) : kept.ttl - age.age));
  const auto opts = [](const DnsOctets& octets) {
    int count = 0;
    DnsRecords records(octets);
    while (const auto record = records.Next()) count += record->type == dns_type::kOpt ? 1 : 0;
    return count;
  };
  Require(opts(kept.octets) == 0);
  Require(opts(served) <= (query.edns ? 1 : 0));
}

void CheckAnswer(const DnsOctets& answer, const DnsQuery& query) {
  Require(PassDnsAnswer(answer, query).size() == answer.size());
  const DnsAnswerKind kind = KindOfDnsAnswer(answer);
  std::optional<KeptDnsAnswer> kept = KeepDnsAnswer(answer);
  if (kind != DnsAnswerKind::kAnswer || !kept || query.key.empty()) return;
  const rollcall::Clock::TimePoint now = rollcall::Clock::TimePoint() + std::chrono::hours(1);
  DnsCache cache({.max_stale = seconds(10)});
  cache.Put(query.key, *kept, now);
  std::mt19937 random(1);
  for (const seconds age : {seconds(0), kept->ttl / 2, kept->ttl, kept->ttl + seconds(10)}) {
    const auto found = cache.Find(query.key, now + age);
    Require(found.has_value() && found->age.stale == (age >= kept->ttl));
    CheckServed(ServeKeptDnsAnswer(*found->answer, query, found->age, &random), *kept, query,
                found->age);
  }
  Require(!cache.Find(query.key, now + kept->ttl + seconds(11)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const DnsView input(data, size);
  const DnsView rest = input.subspan(2);
  const size_t query_size = std::min<size_t>(DnsUint16(input, 0), rest.size());
  // Copies, so that a read past the end is seen.
  const DnsOctets asked(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(query_size));
  DnsOctets answer(rest.begin() + static_cast<ptrdiff_t>(query_size), rest.end());
  for (const DnsTransport transport : {DnsTransport::kUdp, DnsTransport::kTcp}) {
    const auto query = ReadDnsQuery(asked, transport);
    if (!query) continue;
    Require(KindOfDnsAnswer(DnsErrorAnswer(*query, 2, 22)) == DnsAnswerKind::kFailure);
    if (!query->key.empty()) {
      const auto again = ReadDnsQuery(query->upstream, transport);
      Require(again && again->key == query->key && again->upstream == query->upstream);
    }
    if (answer.size() < kDnsHeaderSize) continue;
    PutDnsUint16(DnsUint16(query->upstream, 0), 0, &answer);  // its ID is drawn
    if (IsAnswerTo(answer, query->upstream)) CheckAnswer(answer, *query);
  }
  return 0;
}
