// ServiceTtls: how long clients may keep a service's records, by the service's name. Plain value.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::dns {

class ServiceTtls {
 public:
  ServiceTtls() = default;
  // One for all services.
  explicit ServiceTtls(std::chrono::seconds for_all) : for_all_(for_all) {}

  // A name means that service; one that ends in "*", those whose names begin so; "*" alone, all
  // that nothing else names. In any case of letters. False when this very pattern has a TTL
  // already, or has a "*" elsewhere than at its end.
  bool Add(std::string_view pattern, std::chrono::seconds ttl);

  // That of the service's own name, else of the longest beginning that fits, else that of all.
  std::chrono::seconds For(std::string_view service) const;

  // "5s", or with all patterns "*=5s,db*=10s,web=30s", sorted.
  std::string ToText() const;

  // Whether every service has the same TTL in both.
  friend bool operator==(const ServiceTtls& a, const ServiceTtls& b) {
    return a.ForOthers() == b.ForOthers() && a.patterns_ == b.patterns_;
  }

 private:
  struct Pattern {
    std::string name;  // in lower case, without the "*"
    bool is_prefix = false;
    std::chrono::seconds ttl{0};
    friend bool operator==(const Pattern&, const Pattern&) = default;
  };

  std::chrono::seconds ForOthers() const { return for_all_.value_or(std::chrono::seconds(0)); }

  std::optional<std::chrono::seconds> for_all_;
  std::vector<Pattern> patterns_;  // names first, then prefixes, the longest first
};

}  // namespace rollcall::dns
