#include "registry/catalog/address_index.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace rollcall::catalog {

void AddressIndex::EntryTraits::Write(const Key& key, SortKey* to) {
  const auto& [address, kind, name] = key;
  to->AddBytes({{static_cast<uint8_t>(address.index())}});
  std::visit([to](const auto& octets) { to->AddBytes(octets); }, address);
  to->AddBytes({{static_cast<uint8_t>(kind)}});
  to->AddName(name);
}

AddressIndex AddressIndex::Of(EditId edit, std::vector<Entry> entries) {
  // The name is the one that was given first.
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return EntryTraits::Compare(EntryTraits::KeyOf(a), EntryTraits::KeyOf(b)) < 0;
  });
  std::vector<Entries::Entry> merged;
  merged.reserve(entries.size());
  for (auto begin = entries.begin(); begin != entries.end();) {
    Entry& entry = *begin;
    const auto end = std::find_if(begin + 1, entries.end(), [&entry](const Entry& other) {
      return EntryTraits::Compare(EntryTraits::KeyOf(entry), EntryTraits::KeyOf(other)) != 0;
    });
    for (auto other = begin + 1; other != end; ++other) entry.count += other->count;
    merged.emplace_back(new Entry(std::move(entry)));
    begin = end;
  }
  AddressIndex index;
  index.entries_ = Entries::FromSorted(edit, std::move(merged));
  return index;
}

void AddressIndex::Add(EditId edit, std::string_view address, Kind kind, const Text& name) {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  if (!parsed) return;
  const boost::intrusive_ptr<Entry> entry(new Entry(*parsed, kind, name, 1));
  if (const Entry* known = entries_.Find(EntryTraits::KeyOf(*entry))) {
    entry->name = known->name;
    entry->count = known->count + 1;
  }
  entries_.Ensure(edit, entry);
}

void AddressIndex::Remove(EditId edit, std::string_view address, Kind kind, const Text& name) {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  if (!parsed) return;
  const Entry* known = entries_.Find({*parsed, kind, name});
  if (known == nullptr) return;
  if (known->count == 1) {
    entries_.Erase(edit, {*parsed, kind, name});
    return;
  }
  const boost::intrusive_ptr<Entry> entry(new Entry(*known));
  --entry->count;
  entries_.Ensure(edit, entry);
}

}  // namespace rollcall::catalog
