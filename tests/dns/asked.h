// Asks a catalog through the whole answer path, from the query's bytes to the answer's, without a
// socket.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dns/options.h"
#include "dns/responder.h"
#include "registry/base/clock.h"
#include "registry/catalog/snapshot_holder.h"
#include "tests/dns/message_text.h"

namespace rollcall::dns {

// The defaults, on the server "n1".
DnsOptions TestOptions();
std::shared_ptr<const Zone> TestZone(DnsOptions options = TestOptions());

std::vector<uint8_t> AnswerOf(Responder* responder, const std::vector<uint8_t>& query,
                              Transport transport = Transport::kUdp, const IpAddress& client = {});

class AskedCatalog {
 public:
  explicit AskedCatalog(std::shared_ptr<const catalog::Snapshot> snapshot,
                        DnsOptions options = TestOptions(), uint64_t seed = 1);
  // With a rate limiter, and the clock that it goes by.
  AskedCatalog(std::shared_ptr<const catalog::Snapshot> snapshot, RateLimiter* limiter,
               const Clock* clock);

  // "web.service.consul. SRV", over UDP with 4,096 octets of EDNS payload.
  MessageText Ask(const std::string& query);
  MessageText Ask(const QueryText& query, Transport transport = Transport::kUdp);
  std::vector<uint8_t> AskRaw(const std::vector<uint8_t>& query,
                              Transport transport = Transport::kUdp);

  // Who asks from here on; 0.0.0.0 at first.
  void set_client(const IpAddress& client) { client_ = client; }

  Responder& responder() { return responder_; }
  const DnsCounters& counters() const { return responder_.counters(); }

 private:
  catalog::SnapshotHolder holder_;
  catalog::SnapshotReader reader_;
  SteadyClock clock_;
  IpAddress client_;
  Responder responder_;
};

}  // namespace rollcall::dns
