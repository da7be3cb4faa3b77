#include "dns/answer.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "dns/absence.h"
#include "dns/address_chain.h"
#include "dns/lookup.h"
#include "dns/meta_text.h"
#include "dns/name.h"
#include "dns/prepared_service.h"
#include "dns/reach.h"
#include "dns/reverse_names.h"
#include "dns/service_records.h"
#include "dns/soa.h"

namespace rollcall::dns {

namespace {

// Precondition: there is one.
ExtendedError ErrorOf(Outage outage) {
  if (outage == Outage::kTooOld) {
    return {ExtendedError::kNoReachableAuthority,
            "this server has lost touch with the registry's store"};
  }
  return {ExtendedError::kProhibited, "this server's token for DNS is not valid"};
}

class AnswerBuilder {
 public:
  AnswerBuilder(const AnswerSource& source, const Question& question, size_t max_records)
      : source_(source), question_(question), max_records_(max_records) {}

  Answer Build() &&;

 private:
  const DnsOptions& options() const { return source_.zone.options(); }
  uint32_t negative_ttl() const { return static_cast<uint32_t>(options().negative_ttl.count()); }

  bool IsTransfer() const { return question_.type == type::kAxfr || question_.type == type::kIxfr; }
  Found Find(const NameForm& form) const;
  // Where the answer ends in an alias to a name of others, leaves that to recursors.
  void FollowOutside();

  void AddExisting(const LookedUpName& name);
  void AddAddresses(const LookedUpName& name, Families families);
  void AddAlias(Record alias);
  void AddAny(const LookedUpName& name);
  void AddMinimalAny(const LookedUpName& name);
  void AddMeta(const LookedUpName& name);
  void AddPointers(const LookedUpName& name);
  void AddSoaAnswer();
  void AddNsAnswer();
  void AddNameServerAddress(const DomainName& server);
  // Says to who speaks EDNS why there is nothing, or not everything.
  void Explain(Absence absence) { answer_.extended_error = ErrorOf(absence, options()); }
  // NXDOMAIN and NODATA carry the SOA (RFC 2308 sections 2.1 and 2.2), whose TTL is the minimum's
  // (section 5).
  void SetNegative(Rcode rcode);

  // Of the apex.
  Record Soa() const;
  Record NameServer() const;

  const AnswerSource& source_;
  const Question& question_;
  const size_t max_records_;
  DomainName apex_;
  DomainName servers_domain_;  // what the server's own names are below
  Answer answer_;
};

Answer AnswerBuilder::Build() && {
  const DottedLabels labels(question_.name);
  const NameForm form = InterpretName(question_.name, labels, question_.type, source_.zone);
  const Found found = Find(form);
  if (source_.recursion == Recursion::kAllowed && !IsTransfer() &&
      (found.state == LookupState::kRefused ||
       (form.in_arpa && found.state == LookupState::kNxDomain))) {
    // Of the addresses of the world, those that the catalog knows are ours.
    answer_.ask_recursors = question_.name;
    return std::move(answer_);
  }
  if (found.state == LookupState::kRefused) {
    answer_.rcode = Rcode::kRefused;
    answer_.extended_error = NotOurs(source_.recursion);
    return std::move(answer_);
  }
  if (source_.outage != Outage::kNone) {
    answer_.rcode = Rcode::kServFail;
    answer_.extended_error = ErrorOf(source_.outage);
    return std::move(answer_);
  }
  answer_.authoritative = true;
  apex_ = form.ApexName();
  servers_domain_ = form.in_arpa ? source_.zone.main_domain() : apex_;
  if (IsTransfer()) {
    answer_.extended_error = ExtendedError{ExtendedError::kNotSupported, {}};
    answer_.rcode = Rcode::kNotImp;  // a zone made of live instances is not transferred
  } else if (found.state == LookupState::kHit) {
    AddExisting(LookedUpName{question_.name, form, found});
    if (answer_.answer.empty()) SetNegative(Rcode::kNoError);
    if (found.absence == Absence::kFiltered) Explain(found.absence);
  } else {
    SetNegative(found.state == LookupState::kNoData ? Rcode::kNoError : Rcode::kNxDomain);
    Explain(found.absence);
  }
  return std::move(answer_);
}

// Where the answer tells nothing of the instances, they are not looked at: what is prepared says
// whether there are any.
Found AnswerBuilder::Find(const NameForm& form) const {
  const bool is_of_zone = question_.type == type::kSoa || question_.type == type::kNs;
  const bool is_minimal = question_.type == type::kAny && options().minimal_any;
  if (form.kind != NameKind::kService || !(is_of_zone || is_minimal) || !source_.sight.is_whole()) {
    return LookupInOrder(source_, form);
  }
  const catalog::ServiceEntry* const service = source_.snapshot.FindService(form.service);
  const PreparedService* const prepared =
      service == nullptr ? nullptr : PreparedService::Of(*service, source_.zone);
  if (prepared == nullptr) return LookupInOrder(source_, form);
  const PreparedAnswer& answer = prepared->Find(form.tag, source_.zone);
  if (answer.state == LookupState::kHit && is_minimal && !answer.view->is_plain()) {
    return LookupInOrder(source_, form);  // it may be an alias
  }
  Found found;
  found.state = answer.state;
  found.absence = answer.absence;
  return found;
}

void AnswerBuilder::AddExisting(const LookedUpName& name) {
  // As in Consul, SOA and NS of any name that is there are the zone's.
  if (question_.type == type::kSoa) return AddSoaAnswer();
  if (question_.type == type::kNs) return AddNsAnswer();
  if (name.form.kind == NameKind::kReverse) return AddPointers(name);
  if (question_.type == type::kA) return AddAddresses(name, Families::kV4);
  if (question_.type == type::kAaaa) return AddAddresses(name, Families::kV6);
  if (question_.type == type::kSrv && name.form.kind == NameKind::kService) {
    return AppendSrvRecords(source_, name, max_records_, &answer_);
  }
  // An alias answers to every type (RFC 1034 section 4.3.2 step 3a).
  if (std::optional<Record> alias = AliasOf(name, options())) return AddAlias(std::move(*alias));
  if (question_.type == type::kAny) return AddAny(name);
  if (question_.type == type::kTxt) AddMeta(name);
}

void AnswerBuilder::AddAddresses(const LookedUpName& name, Families families) {
  AddressChain chain(source_, max_records_);
  const LookupState state = chain.Append(name, families, &answer_.answer);
  answer_.has_more = chain.has_more();
  // The rcode is that of the chain's last name (RFC 6604 section 3).
  if (state == LookupState::kNoData) {
    SetNegative(Rcode::kNoError);
    if (name.form.kind != NameKind::kApex) {
      Explain(Absence::kNoFamily);
    }
  }
  if (state == LookupState::kNxDomain) SetNegative(Rcode::kNxDomain);
  if (chain.unseen() != Absence::kNone) Explain(chain.unseen());
  FollowOutside();
  if (name.form.kind != NameKind::kNode || AliasOf(name, options())) return;
  for (const auto& [key, value] : name.found.node->node->meta) {
    answer_.additional.push_back(
        {AdditionalRecord::kNone,
         Record{name.owner, TtlOf(name.form, options()), TxtData{MetaText(key, value)}}});
  }
}

void AnswerBuilder::FollowOutside() {
  if (source_.recursion != Recursion::kAllowed || answer_.answer.empty()) return;
  const CnameData* const alias = std::get_if<CnameData>(&answer_.answer.back().data);
  if (alias != nullptr && source_.zone.DomainOf(alias->target) == nullptr) {
    answer_.ask_recursors = alias->target;
  }
}

void AnswerBuilder::AddAlias(Record alias) { answer_.answer.push_back(std::move(alias)); }

// RFC 8482 section 4.2: a synthesised HINFO in place of everything, so that ANY amplifies nothing.
void AnswerBuilder::AddMinimalAny(const LookedUpName& name) {
  answer_.answer.push_back(
      Record{name.owner, TtlOf(name.form, options()), HinfoData{"RFC8482", ""}});
}

// Consul's way where `minimal_any` is off: all addresses, of a node its metadata, of a domain what
// it has itself.
void AnswerBuilder::AddAny(const LookedUpName& name) {
  if (options().minimal_any) return AddMinimalAny(name);
  if (name.form.kind == NameKind::kApex) {
    answer_.answer.push_back(Soa());
    return AddNsAnswer();
  }
  AddAddresses(name, Families::kBoth);
  for (AdditionalRecord& meta : answer_.additional) {
    answer_.answer.push_back(std::move(meta.record));
  }
  answer_.additional.clear();
  if (!answer_.answer.empty()) answer_.authority.clear();
}

// Of a service, that of all its instances, what is the same in several of them once (RFC 2181
// section 5).
void AnswerBuilder::AddMeta(const LookedUpName& name) {
  const uint32_t ttl = TtlOf(name.form, options());
  std::set<std::string> given;
  const auto add = [&](const model::StringMap& meta) {
    for (const auto& [key, value] : meta) {
      std::string text = MetaText(key, value);
      if (!given.insert(text).second) continue;
      if (answer_.answer.size() >= max_records_) {
        answer_.has_more = true;
        return;
      }
      answer_.answer.push_back(Record{name.owner, ttl, TxtData{std::move(text)}});
    }
  };
  if (name.form.kind == NameKind::kNode) add(name.found.node->node->meta);
  for (const catalog::InstanceEntry* entry : name.found.instances) {
    if (answer_.has_more) break;
    add(entry->instance->meta);
  }
}

// Every node at the address, then every service that has an instance there at an address of its
// own.
void AnswerBuilder::AddPointers(const LookedUpName& name) {
  if (!name.form.prefix.is_whole()) return;
  if (question_.type == type::kAny && options().minimal_any) return AddMinimalAny(name);
  if (question_.type != type::kPtr && question_.type != type::kAny) return;
  using Kind = catalog::AddressIndex::Kind;
  const Zone& zone = source_.zone;
  ReverseNames names(source_.snapshot, name.form.prefix.address, source_.sight);
  while (const catalog::AddressIndex::Entry* at = names.Next()) {
    const bool is_node = at->kind == Kind::kNode;
    const std::optional<DomainName> target = is_node
                                                 ? zone.NodeName(at->name, zone.main_domain())
                                                 : zone.ServiceName(at->name, zone.main_domain());
    if (!target) continue;
    if (answer_.answer.size() >= max_records_) {
      answer_.has_more = true;
      return;
    }
    const std::chrono::seconds ttl =
        is_node ? options().node_ttl : options().service_ttl.For(at->name);
    answer_.answer.push_back(
        Record{name.owner, static_cast<uint32_t>(ttl.count()), PtrData{*target}});
  }
  if (names.left_out()) Explain(Absence::kFiltered);
}

void AnswerBuilder::AddSoaAnswer() {
  answer_.answer.push_back(Soa());
  answer_.authority.push_back(NameServer());
  AddNameServerAddress(std::get<NsData>(answer_.authority.back().data).target);
}

void AnswerBuilder::AddNsAnswer() {
  answer_.answer.push_back(NameServer());
  AddNameServerAddress(std::get<NsData>(answer_.answer.back().data).target);
}

void AnswerBuilder::AddNameServerAddress(const DomainName& server) {
  std::vector<Record> records;
  AddressChain(source_, max_records_).Append(server, Families::kBoth, &records);
  for (Record& record : records) {
    answer_.additional.push_back({AdditionalRecord::kNone, std::move(record)});
  }
}

void AnswerBuilder::SetNegative(Rcode rcode) {
  answer_.rcode = rcode;
  if (answer_.authority.empty()) answer_.authority.push_back(Soa());
}

Record AnswerBuilder::Soa() const {
  // Zone::Make has seen to it that these fit.
  SoaData soa{DomainName::FromText(kSoaPrimary, servers_domain_).value(),
              DomainName::FromText(kSoaMailbox, servers_domain_).value(),
              // The catalog's index moves whenever the zone's contents do.
              static_cast<uint32_t>(source_.snapshot.index().value()), kSoaRefresh, kSoaRetry,
              kSoaExpire, negative_ttl()};
  return Record{apex_, negative_ttl(), std::move(soa)};
}

Record AnswerBuilder::NameServer() const {
  const DomainName server = source_.zone.NodeName(options().node_name, servers_domain_).value();
  return Record{apex_, static_cast<uint32_t>(options().node_ttl.count()), NsData{server}};
}

}  // namespace

ExtendedError NotOurs(Recursion recursion) {
  if (recursion == Recursion::kProhibited) {
    return {ExtendedError::kProhibited, "recursion is not allowed from this address"};
  }
  return {ExtendedError::kNotAuthoritative, {}};
}

Answer AnswerQuestion(const AnswerSource& source, const Question& question, size_t max_records) {
  return AnswerBuilder(source, question, max_records).Build();
}

}  // namespace rollcall::dns
