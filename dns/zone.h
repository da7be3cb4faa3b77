// Zone: what we are authoritative for, checked when it is made: the domains, the datacenter, and
// the names built from them. Immutable after Make: any thread may read it; all workers share one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/domain_name.h"
#include "dns/options.h"
#include "registry/base/ip_address.h"
#include "registry/base/result.h"

namespace rollcall::dns {

class Zone {
 public:
  // kInvalidArgument names the option that cannot be used.
  static Result<Zone> Make(DnsOptions options);

  const DnsOptions& options() const { return options_; }

  // Another for each zone that is made.
  uint32_t serial() const { return serial_; }
  // Equal for zones that differ in nothing but what can be changed while the server runs: what is
  // prepared for one serves the other.
  uint64_t shape() const { return shape_; }

  // The domain that `name` is in, the longest match; null outside of them all.
  const DomainName* DomainOf(const DomainName& name) const;

  // All of them, the longest first.
  const std::vector<DomainName>& domains() const { return domains_; }

  // What an address leads back to is below this one.
  const DomainName& main_domain() const { return main_domain_; }

  // "<node>.node.<dc>.<apex>"; empty for a node name that cannot be labels of a DNS name.
  std::optional<DomainName> NodeName(std::string_view node, const DomainName& apex) const;
  // "<service>.service.<dc>.<apex>"; empty for a name that is not one label.
  std::optional<DomainName> ServiceName(std::string_view service, const DomainName& apex) const;
  // "<hex>.addr.<dc>.<apex>".
  std::optional<DomainName> AddressName(const IpAddress& address, const DomainName& apex) const;

 private:
  explicit Zone(DnsOptions options) : options_(std::move(options)) {}

  DnsOptions options_;
  DomainName main_domain_;
  std::vector<DomainName> domains_;  // longest first
  uint32_t serial_ = 0;
  uint64_t shape_ = 0;
};

}  // namespace rollcall::dns
