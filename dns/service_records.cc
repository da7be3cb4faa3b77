#include "dns/service_records.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dns/srv_target.h"
#include "registry/base/ascii.h"

namespace rollcall::dns {

namespace {

// Of all services that the targets of one answer refer to.
constexpr size_t kMaxInstancesLookedUp = 2000;

std::vector<Record> AddressesOf(const SrvTarget& target, const AnswerSource& source, uint32_t ttl,
                                size_t max_records, size_t* instances_left) {
  std::vector<Record> records;
  if (target.reach.v4) records.push_back({target.name, ttl, AData{*target.reach.v4}});
  if (target.reach.v6) records.push_back({target.name, ttl, AaaaData{*target.reach.v6}});
  if (records.empty()) {
    AddressChain chain(source, max_records);
    chain.LimitWork(instances_left);
    chain.Append(target.name, Families::kBoth, &records);
  }
  return records;
}

// Of several instances behind one target and port the heaviest speaks for all.
void RaiseWeight(uint16_t weight, Record* record) {
  SrvData& data = std::get<SrvData>(record->data);
  data.weight = std::max(data.weight, weight);
}

}  // namespace

void AppendSrvRecords(const AnswerSource& source, const LookedUpName& service, size_t max_records,
                      Answer* answer) {
  const uint32_t ttl = TtlOf(service.form, source.zone.options());
  const size_t wanted = source.zone.options().max_answers;
  std::map<std::pair<std::string, int>, size_t> given;  // target and port: which record
  std::set<std::string> with_addresses;                 // targets
  size_t instances_left = kMaxInstancesLookedUp;
  for (const catalog::InstanceEntry* entry : service.found.instances) {
    const std::optional<SrvTarget> target =
        SrvTargetOf(*entry, service.owner, source.zone, service.form.ApexName());
    if (!target) continue;
    const int port = std::clamp(entry->instance->port, 0, 65535);
    const std::string key = AsciiLower(target->name.wire());
    const auto [known, is_new] = given.emplace(std::pair(key, port), answer->answer.size());
    if (!is_new) {
      RaiseWeight(WeightOf(*entry), &answer->answer[known->second]);
      continue;
    }
    if (wanted != 0 && answer->answer.size() >= wanted) return;
    if (answer->answer.size() >= max_records) {
      answer->has_more = true;
      return;
    }
    answer->answer.push_back(
        {service.owner, ttl,
         SrvData{kSrvPriority, WeightOf(*entry), static_cast<uint16_t>(port), target->name}});
    if (!with_addresses.insert(key).second) continue;
    if (answer->additional.size() >= max_records) {
      answer->has_more = true;
      return;
    }
    for (Record& record : AddressesOf(*target, source, ttl, max_records, &instances_left)) {
      answer->additional.push_back({answer->answer.size() - 1, std::move(record)});
    }
  }
}

}  // namespace rollcall::dns
