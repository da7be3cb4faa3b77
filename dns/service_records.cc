#include "dns/service_records.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "registry/base/ascii.h"

namespace rollcall::dns {

namespace {

constexpr uint16_t kPriority = 1;

// A target with the addresses that its name has; none for a host name.
struct Target {
  DomainName name;
  Reach reach;
};

std::optional<IpAddress> OnlyAddress(const Reach& reach) {
  if (reach.v4) return IpAddress(*reach.v4);
  if (reach.v6) return IpAddress(*reach.v6);
  return std::nullopt;
}

std::optional<Target> AddressTarget(const IpAddress& address, const Zone& zone,
                                    const DomainName& apex) {
  const std::optional<DomainName> name = zone.AddressName(address, apex);
  if (!name) return std::nullopt;
  Target target{*name, Reach()};
  if (const Ipv4* v4 = std::get_if<Ipv4>(&address)) {
    target.reach.v4 = *v4;
  } else {
    target.reach.v6 = std::get<Ipv6>(address);
  }
  return target;
}

std::optional<Target> TargetOf(const catalog::InstanceEntry& entry, const DomainName& owner,
                               const Zone& zone, const DomainName& apex) {
  const Reach reach = ReachFrom(owner, entry);
  if (reach.host) return Target{*reach.host, Reach()};
  const Reach own = ReachOf(entry);
  const bool refers_to_itself = own.host.has_value();  // and so is at its node's address
  if (refers_to_itself || IsAtNodeAddress(entry)) {
    const Reach node = ReachOf(*entry.node);
    const std::optional<DomainName> name = zone.NodeName(entry.node->name, apex);
    if (name && node.has_address()) return Target{*name, node};
  }
  const std::optional<IpAddress> registered = ParseIpAddress(entry.instance->address);
  const std::optional<IpAddress> address = registered ? registered : OnlyAddress(reach);
  if (!address) return std::nullopt;
  return AddressTarget(*address, zone, apex);
}

std::vector<Record> AddressesOf(const Target& target, const AnswerSource& source, uint32_t ttl,
                                size_t max_records) {
  std::vector<Record> records;
  if (target.reach.v4) records.push_back({target.name, ttl, AData{*target.reach.v4}});
  if (target.reach.v6) records.push_back({target.name, ttl, AaaaData{*target.reach.v6}});
  if (records.empty()) {
    AddressChain(source, max_records).Append(target.name, Families::kBoth, &records);
  }
  return records;
}

}  // namespace

void AppendSrvRecords(const AnswerSource& source, const LookedUpName& service, size_t max_records,
                      Answer* answer) {
  const uint32_t ttl = TtlOf(service.form, source.zone.options());
  std::set<std::pair<std::string, int>> given;  // target and port
  std::set<std::string> with_addresses;         // targets
  for (const catalog::InstanceEntry* entry : service.found.instances) {
    const std::optional<Target> target =
        TargetOf(*entry, service.owner, source.zone, service.form.apex);
    if (!target) continue;
    const int port = std::clamp(entry->instance->port, 0, 65535);
    const std::string key = AsciiLower(target->name.wire());
    if (!given.insert({key, port}).second) continue;
    if (answer->answer.size() >= max_records) {
      answer->has_more = true;
      return;
    }
    answer->answer.push_back(
        {service.owner, ttl,
         SrvData{kPriority, WeightOf(*entry), static_cast<uint16_t>(port), target->name}});
    if (!with_addresses.insert(key).second) continue;
    if (answer->additional.size() >= max_records) {
      answer->has_more = true;
      return;
    }
    for (Record& record : AddressesOf(*target, source, ttl, max_records)) {
      answer->additional.push_back({answer->answer.size() - 1, std::move(record)});
    }
  }
}

}  // namespace rollcall::dns
