// The addresses of a name, following aliases from name to name as long as they stay in our domains.
// One per question; one worker's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dns/absence.h"
#include "dns/answer.h"
#include "dns/lookup.h"
#include "dns/reach.h"
#include "dns/record.h"

namespace rollcall::dns {

// A bit set: one family for a question, both for additional records.
enum class Families : uint8_t { kV4 = 1, kV6 = 2, kBoth = 3 };

// A name with what it means and what was found there.
struct LookedUpName {
  const DomainName& owner;
  const NameForm& form;
  const Found& found;
};

class AddressChain {
 public:
  AddressChain(const AnswerSource& source, size_t max_records)
      : source_(source), max_records_(max_records) {}

  // Appends the addresses of `name` (found: a hit), or the one CNAME it is an alias by and what
  // that leads to. The state is that of the last name of the chain (RFC 6604 section 3): kNoData
  // when it has no address of these families. A chain that leaves our domains, or comes to a name
  // for the second time, ends there as a hit.
  LookupState Append(const LookedUpName& name, Families families, std::vector<Record>* records);
  // The same for a name that has not been looked up yet.
  LookupState Append(const DomainName& name, Families families, std::vector<Record>* records);

  // From here on, services are looked up as long as `*instances` lasts, from which the number of
  // theirs is taken; one that is larger counts as a name outside of our domains. For what an answer
  // can do without: a registration can make it refer to as many services as it likes.
  void LimitWork(size_t* instances) { instances_left_ = instances; }

  // kFiltered or kProhibited where names that were looked up on the way lead to something that may
  // not be seen, or may do.
  Absence unseen() const { return unseen_; }

  // Whether records were left out because of `max_records`.
  bool has_more() const { return has_more_; }

 private:
  void AppendReach(const DomainName& owner, const Reach& reach, uint32_t ttl, Families families,
                   std::vector<Record>* records);
  void AppendInstances(const LookedUpName& name, Families families, std::vector<Record>* records);
  LookupState AppendAlias(Record alias, Families families, std::vector<Record>* records);

  const AnswerSource& source_;
  const size_t max_records_;
  std::vector<DomainName> aliases_;  // the names followed so far
  Absence unseen_ = Absence::kNone;
  bool has_more_ = false;
  size_t* instances_left_ = nullptr;  // null: no limit

  bool MayLookUp(const NameForm& form);
};

// Looks `form` up and draws the order in which its instances are given out.
Found LookupInOrder(const AnswerSource& source, const NameForm& form);

// The alias that `name` (found: a hit) is, as a CNAME record, or empty. A service is one when none
// of its instances has an IP address: a CNAME never stands beside other data (RFC 1034 section
// 3.6.2), so that addresses win.
std::optional<Record> AliasOf(const LookedUpName& name, const DnsOptions& options);

uint32_t TtlOf(const NameForm& form, const DnsOptions& options);

}  // namespace rollcall::dns
