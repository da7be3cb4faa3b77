#include "dns/address_chain.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace rollcall::dns {

namespace {

// Longer chains than any that make sense, short enough that no registration can make an answer
// expensive.
constexpr size_t kMaxAliases = 8;

bool Has(Families families, Families one) {
  return (static_cast<unsigned>(families) & static_cast<unsigned>(one)) != 0;
}

uint32_t Seconds(std::chrono::seconds ttl) { return static_cast<uint32_t>(ttl.count()); }

}  // namespace

uint32_t TtlOf(const NameForm& form, const DnsOptions& options) {
  return Seconds(form.kind == NameKind::kService ? options.service_ttl.For(form.service)
                                                 : options.node_ttl);
}

Found LookupInOrder(const AnswerSource& source, const NameForm& form) {
  Found found = Lookup(source.snapshot, form, FilterOf(source.zone.options()), source.sight);
  PutInOrder(OrderOf(source), &source.random, &found.instances);
  return found;
}

std::optional<Record> AliasOf(const LookedUpName& name, const DnsOptions& options) {
  std::optional<DomainName> host;
  if (name.form.kind == NameKind::kNode) {
    host = ReachOf(*name.found.node->node).host;
  } else if (name.form.kind == NameKind::kService) {
    for (const catalog::InstanceEntry* entry : name.found.instances) {
      const Reach reach = ReachFrom(name.owner, *entry);
      if (reach.has_address()) return std::nullopt;
      if (!host) host = reach.host;
    }
  }
  if (!host || *host == name.owner) return std::nullopt;
  return Record{name.owner, TtlOf(name.form, options), CnameData{*host}};
}

LookupState AddressChain::Append(const DomainName& name, Families families,
                                 std::vector<Record>* records) {
  const DottedLabels labels(name);
  const NameForm form = InterpretName(name, labels, type::kA, source_.zone);
  // A chain that leaves our domains is the resolver's to follow.
  if (form.kind == NameKind::kOutside || !MayLookUp(form)) return LookupState::kHit;
  const Found found = LookupInOrder(source_, form);
  if (found.absence == Absence::kFiltered || found.absence == Absence::kProhibited) {
    unseen_ = found.absence;
  }
  if (found.state != LookupState::kHit) return found.state;
  return Append(LookedUpName{name, form, found}, families, records);
}

bool AddressChain::MayLookUp(const NameForm& form) {
  if (instances_left_ == nullptr || form.kind != NameKind::kService) return true;
  const catalog::ServiceEntry* const service = source_.snapshot.FindService(form.service);
  // What is not seen is not looked at, and must not be told from what is not there by its size.
  const bool is_seen = service != nullptr && source_.sight.Service(service->name);
  const size_t instances = is_seen ? service->instances.size() : 0;
  if (instances > *instances_left_) return false;
  *instances_left_ -= instances;
  return true;
}

LookupState AddressChain::Append(const LookedUpName& name, Families families,
                                 std::vector<Record>* records) {
  const DnsOptions& options = source_.zone.options();
  if (std::optional<Record> alias = AliasOf(name, options)) {
    return AppendAlias(std::move(*alias), families, records);
  }
  const size_t before = records->size();
  const uint32_t ttl = TtlOf(name.form, options);
  if (name.form.kind == NameKind::kService) {
    AppendInstances(name, families, records);
  } else if (name.form.kind == NameKind::kNode) {
    AppendReach(name.owner, ReachOf(*name.found.node->node), ttl, families, records);
  } else if (name.form.kind == NameKind::kAddress) {
    Reach reach;
    if (const Ipv4* v4 = std::get_if<Ipv4>(&name.form.address)) {
      reach.v4 = *v4;
    } else {
      reach.v6 = std::get<Ipv6>(name.form.address);
    }
    AppendReach(name.owner, reach, ttl, families, records);
  }
  return records->size() > before || has_more_ ? LookupState::kHit : LookupState::kNoData;
}

LookupState AddressChain::AppendAlias(Record alias, Families families,
                                      std::vector<Record>* records) {
  const DomainName target = std::get<CnameData>(alias.data).target;
  aliases_.push_back(alias.owner);
  records->push_back(std::move(alias));
  if (aliases_.size() == kMaxAliases ||
      std::find(aliases_.begin(), aliases_.end(), target) != aliases_.end()) {
    return LookupState::kHit;
  }
  return Append(target, families, records);
}

void AddressChain::AppendReach(const DomainName& owner, const Reach& reach, uint32_t ttl,
                               Families families, std::vector<Record>* records) {
  if (reach.v4 && Has(families, Families::kV4)) records->push_back({owner, ttl, AData{*reach.v4}});
  if (reach.v6 && Has(families, Families::kV6)) {
    records->push_back({owner, ttl, AaaaData{*reach.v6}});
  }
}

// Several instances may share an address: each is sent once (RFC 2181 section 5).
void AddressChain::AppendInstances(const LookedUpName& name, Families families,
                                   std::vector<Record>* records) {
  const uint32_t ttl = TtlOf(name.form, source_.zone.options());
  const size_t wanted = source_.zone.options().max_answers;
  const size_t before = records->size();
  std::set<IpAddress> seen;
  for (const catalog::InstanceEntry* entry : name.found.instances) {
    Reach reach = ReachFrom(name.owner, *entry);
    if (!Has(families, Families::kV4) || (reach.v4 && !seen.insert(*reach.v4).second)) {
      reach.v4.reset();
    }
    if (!Has(families, Families::kV6) || (reach.v6 && !seen.insert(*reach.v6).second)) {
      reach.v6.reset();
    }
    if (!reach.has_address()) continue;
    if (wanted != 0 && records->size() - before >= wanted) return;
    if (records->size() >= max_records_) {
      has_more_ = true;
      return;
    }
    AppendReach(name.owner, reach, ttl, families, records);
  }
}

}  // namespace rollcall::dns
