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

AddressIndex AddressIndex::Of(EditId edit, std::vector<Ref<Entry>> entries) {
  const auto compare = [](const Ref<Entry>& a, const Ref<Entry>& b) {
    return EntryTraits::Compare(EntryTraits::KeyOf(*a), EntryTraits::KeyOf(*b));
  };
  // With the address at hand: an entry is looked at where two have the same.
  std::vector<std::pair<IpAddress, Ref<Entry>>> by_address;
  by_address.reserve(entries.size());
  for (Ref<Entry>& entry : entries) by_address.emplace_back(entry->address, std::move(entry));
  const auto is_before = [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : compare(a.second, b.second) < 0;
  };
  // The name is the one that was given first.
  if (!std::is_sorted(by_address.begin(), by_address.end(), is_before)) {
    std::stable_sort(by_address.begin(), by_address.end(), is_before);
  }
  std::vector<Ref<Entry>> merged;
  merged.reserve(entries.size());
  for (auto& [address, entry] : by_address) {
    if (merged.empty() || compare(merged.back(), entry) != 0) {
      merged.push_back(std::move(entry));
    } else {
      const Entry& first = *merged.back();
      merged.back() =
          Ref<Entry>(new Entry(first.address, first.kind, first.name, first.count + entry->count));
    }
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
