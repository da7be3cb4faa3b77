#include "tests/dns/asked.h"

#include <utility>

namespace rollcall::dns {

DnsOptions TestOptions() {
  DnsOptions options;
  options.node_name = "n1";
  return options;
}

std::shared_ptr<const Zone> TestZone(DnsOptions options) {
  return std::make_shared<const Zone>(Zone::Make(std::move(options)).value());
}

std::vector<uint8_t> AnswerOf(Responder* responder, const std::vector<uint8_t>& query,
                              Transport transport, const IpAddress& client) {
  std::vector<uint8_t> octets(responder->MaxAnswerSize(transport));
  octets.resize(responder->Respond({query, transport, client}, octets).size);
  return octets;
}

AskedCatalog::AskedCatalog(std::shared_ptr<const catalog::Snapshot> snapshot, DnsOptions options,
                           uint64_t seed)
    : reader_(holder_),
      responder_(TestZone(std::move(options)),
                 {.catalog = &reader_, .clock = &clock_, .seed = seed}) {
  holder_.Publish(std::move(snapshot));
}

AskedCatalog::AskedCatalog(std::shared_ptr<const catalog::Snapshot> snapshot, RateLimiter* limiter,
                           const Clock* clock)
    : reader_(holder_),
      responder_(TestZone(),
                 {.catalog = &reader_, .clock = clock, .seed = 1, .rate_limiter = limiter}) {
  holder_.Publish(std::move(snapshot));
}

MessageText AskedCatalog::Ask(const std::string& query) {
  QueryText parsed = ParseQueryText(query);
  parsed.edns = 4096;
  return Ask(parsed);
}

MessageText AskedCatalog::Ask(const QueryText& query, Transport transport) {
  return DecodeMessage(AskRaw(EncodeQuery(query), transport));
}

std::vector<uint8_t> AskedCatalog::AskRaw(const std::vector<uint8_t>& query, Transport transport) {
  return AnswerOf(&responder_, query, transport, client_);
}

}  // namespace rollcall::dns
