// A catalog with tokens and a DNS server that controls access, without a socket: what is answered
// to questions by what the token for DNS may read. Single-threaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dns/dns_token.h"
#include "dns/options.h"
#include "dns/responder.h"
#include "registry/acl/authorizer.h"
#include "registry/base/clock.h"
#include "registry/base/rfc3339.h"
#include "registry/catalog/snapshot_holder.h"
#include "tests/dns/catalog_text.h"
#include "tests/dns/message_text.h"

namespace rollcall::dns {

// A clock that stands still until it is moved.
class HeldClock final : public Clock {
 public:
  TimePoint Now() const override { return now_; }
  void Move(std::chrono::seconds by) { now_ += by; }

 private:
  TimePoint now_{std::chrono::hours(1)};
};

class GuardedCatalog {
 public:
  explicit GuardedCatalog(CatalogText text, DnsOptions options = {},
                          acl::DefaultPolicy otherwise = acl::DefaultPolicy::kDeny);

  // A token with these rules; empty: the anonymous one. Replaces one of that secret.
  void PutToken(const std::string& secret, const std::string& rules,
                std::optional<UtcTime> expires = std::nullopt);
  void RemoveToken(const std::string& secret);
  // The catalog itself.
  void SetCatalog(CatalogText text);

  // The secret that is answered with; at first that of the anonymous token.
  DnsToken& token() { return token_; }
  // Answers with a token that has these rules.
  void AnswerWith(const std::string& rules);

  // "web.service.consul. SRV", over UDP with 4,096 octets of EDNS payload.
  MessageText Ask(const std::string& query);
  MessageText Ask(const QueryText& query, Transport transport = Transport::kUdp);
  // "NOERROR: answer, answer; additional (17 text)", the records sorted.
  std::string Told(const std::string& query);

  UtcTime now;  // by which tokens expire
  HeldClock clock;
  std::vector<std::string> damages;
  Responder& responder() { return responder_; }

 private:
  void Publish();

  struct StoredToken {
    std::string secret;
    std::string rules;
    std::optional<UtcTime> expires;
  };

  CatalogText text_;
  std::vector<StoredToken> tokens_;
  uint64_t index_ = 7;
  DnsToken token_;
  catalog::SnapshotHolder holder_;
  catalog::SnapshotReader reader_;
  Responder responder_;
};

// The extended error among EDNS options in hex, "18 text"; empty where there is none.
std::string ExtendedErrorIn(const std::string& options);

}  // namespace rollcall::dns
