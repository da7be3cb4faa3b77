#include "registry/catalog/address_index.h"

#include <memory>
#include <optional>
#include <utility>

namespace rollcall::catalog {

void AddressIndex::Add(EditId edit, std::string_view address, Kind kind, std::string_view name) {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  if (!parsed) return;
  Entry entry{*parsed, kind, std::string(name), 1};
  if (const Entry* known = entries_.Find(EntryTraits::KeyOf(entry))) {
    entry.name = known->name;
    entry.count = known->count + 1;
  }
  entries_.Ensure(edit, std::make_shared<const Entry>(std::move(entry)));
}

void AddressIndex::Remove(EditId edit, std::string_view address, Kind kind, std::string_view name) {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  if (!parsed) return;
  const Entry* known = entries_.Find({*parsed, kind, name});
  if (known == nullptr) return;
  if (known->count == 1) {
    entries_.Erase(edit, {*parsed, kind, name});
    return;
  }
  Entry entry = *known;
  --entry.count;
  entries_.Ensure(edit, std::make_shared<const Entry>(std::move(entry)));
}

}  // namespace rollcall::catalog
