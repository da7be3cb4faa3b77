// ServiceView: what a service (or one tag of it) answers with, worked out once after a change and
// ready to be written: the targets of its SRV records with their addresses, and its addresses, each
// once, with their weights. Says nothing of the domain that was asked in, nor of TTLs.
// Immutable: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dns/record_order.h"
#include "dns/zone.h"
#include "registry/base/ip_address.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

class ServiceView {
 public:
  // What an SRV record points at.
  struct Target {
    uint32_t name_at = 0;      // see name_of
    uint8_t name_size = 0;     // in octets
    bool is_absolute = false;  // a host name of others, with no addresses here
    bool has_v4 = false;
    bool has_v6 = false;
    Ipv4 v4;
    Ipv6 v6;
  };
  struct Endpoint {
    uint32_t target = 0;  // an index into targets()
    uint16_t port = 0;
    uint16_t weight = 0;  // of the SRV record
  };

  // `instances` are those that may be given out, at least one. Throws std::bad_alloc.
  ServiceView(const std::vector<const catalog::InstanceEntry*>& instances, const Zone& zone);

  // Whether some instance is reached at an IP address, none at a host name in one of our domains,
  // and all targets are written with the same labels in all of these. Of a service that is not
  // plain (an alias, say) this view says no more than that.
  bool is_plain() const { return is_plain_; }

  const std::vector<Target>& targets() const { return targets_; }
  // In wire form: of an absolute target its whole name, else the labels in front of the domain.
  std::string_view name_of(const Target& target) const {
    return std::string_view(names_).substr(target.name_at, target.name_size);
  }

  // For each list of records, the instances behind them.
  const std::vector<Endpoint>& endpoints() const { return endpoints_; }
  const RecordShares& endpoint_shares() const { return endpoint_shares_; }
  const std::vector<Ipv4>& v4() const { return v4_; }
  const RecordShares& v4_shares() const { return v4_shares_; }
  const std::vector<Ipv6>& v6() const { return v6_; }
  const RecordShares& v6_shares() const { return v6_shares_; }

 private:
  class Builder;

  bool is_plain_ = true;
  std::string names_;
  std::vector<Target> targets_;
  std::vector<Endpoint> endpoints_;
  RecordShares endpoint_shares_;
  std::vector<Ipv4> v4_;
  RecordShares v4_shares_;
  std::vector<Ipv6> v6_;
  RecordShares v6_shares_;
};

}  // namespace rollcall::dns
