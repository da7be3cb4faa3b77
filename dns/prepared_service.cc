#include "dns/prepared_service.h"

#include <algorithm>
#include <memory>
#include <set>

#include "registry/base/ascii.h"

namespace rollcall::dns {

namespace {

const PreparedAnswer& NoSuchTag() {
  static const PreparedAnswer kNoTag{LookupState::kNxDomain, Absence::kNoTag, std::nullopt};
  return kNoTag;
}

// Where the label after the next dot begins; the end where there is none.
size_t NextLabel(std::string_view name, size_t from) {
  const size_t dot = name.find('.', from);
  return dot == std::string_view::npos ? name.size() : dot + 1;
}

}  // namespace

const PreparedService* PreparedService::Of(const catalog::ServiceEntry& service, const Zone& zone) {
  const auto& prepared = service.prepared[catalog::PreparedSlot::kDns].GetOrMake<PreparedService>(
      [&] { return std::make_unique<const PreparedService>(service, zone); });
  return prepared.shape_ == zone.shape() ? &prepared : nullptr;
}

PreparedService::PreparedService(const catalog::ServiceEntry& service, const Zone& zone)
    : service_(service), shape_(zone.shape()) {}

const PreparedAnswer& PreparedService::Find(std::string_view tag, const Zone& zone) const {
  if (tag.empty()) return GetOrPrepare(answers_, tag, zone);
  // Names that nobody has as a tag are told from those without looking at each instance.
  const std::vector<Tag>& tags = tags_.GetOrMake([&] { return ListTags(); }).list;
  const auto at =
      std::lower_bound(tags.begin(), tags.end(), tag,
                       [](const Tag& one, std::string_view wanted) { return one.name < wanted; });
  if (at == tags.end() || at->name != tag) return NoSuchTag();
  return GetOrPrepare(at->answers, tag, zone);
}

std::unique_ptr<const PreparedService::Tags> PreparedService::ListTags() const {
  std::set<std::string> names;
  for (const catalog::TagCount& tag : service_.tags) {
    const std::string name = AsciiLower(tag.tag);
    // No question can name what is longer: a tag of any length costs what a name does.
    size_t begin = name.size() > DomainName::kMaxSize ? name.size() - DomainName::kMaxSize : 0;
    if (begin > 0) begin = NextLabel(name, begin);
    for (; begin < name.size(); begin = NextLabel(name, begin)) names.insert(name.substr(begin));
  }
  auto tags = std::make_unique<Tags>(names.size());
  auto name = names.begin();
  for (Tag& tag : tags->list) tag.name = *name++;
  return tags;
}

const PreparedAnswer& PreparedService::GetOrPrepare(const Answers& answers, std::string_view tag,
                                                    const Zone& zone) const {
  const HealthFilter filter = FilterOf(zone.options());
  return answers[static_cast<size_t>(filter)].GetOrMake([&] {
    const Found found = LookupInService(service_, tag, filter);
    auto prepared = std::make_unique<PreparedAnswer>();
    prepared->state = found.state;
    prepared->absence = found.absence;
    if (found.state == LookupState::kHit) prepared->view.emplace(found.instances, zone);
    return prepared;
  });
}

uint32_t PreparedService::Ttl(const Zone& zone) const {
  const uint64_t known = ttl_.load(std::memory_order_relaxed);
  if (known >> 32 == zone.serial()) return static_cast<uint32_t>(known);
  const auto ttl = static_cast<uint32_t>(zone.options().service_ttl.For(service_.name).count());
  ttl_.store(uint64_t{zone.serial()} << 32 | ttl, std::memory_order_relaxed);
  return ttl;
}

}  // namespace rollcall::dns
