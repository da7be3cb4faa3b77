// AddressIndex: the names that are at an IP address, for the way back from an address to a name:
// nodes by their address, and services by the addresses that their instances have of their own.
// Part of a snapshot: copies share what did not change between them, any thread may read one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "registry/base/ascii.h"
#include "registry/base/counted.h"
#include "registry/base/ip_address.h"
#include "registry/base/text.h"
#include "registry/catalog/persistent_map.h"

namespace rollcall::catalog {

class AddressIndex {
 public:
  enum class Kind : uint8_t { kNode, kService };

  struct Entry : RefCounter<Entry> {
    Entry(const IpAddress& a, Kind k, Text n, uint32_t c)
        : count(c), name(std::move(n)), address(a), kind(k) {}
    uint32_t count;  // of nodes or instances; never 0
    Text name;       // as first registered
    IpAddress address;
    Kind kind;
  };

  struct EntryTraits {
    using Key = std::tuple<const IpAddress&, Kind, std::string_view>;
    static Key KeyOf(const Entry& entry) { return {entry.address, entry.kind, entry.name}; }
    static int Compare(const Key& a, const Key& b) {
      if (std::get<0>(a) != std::get<0>(b)) return std::get<0>(a) < std::get<0>(b) ? -1 : 1;
      if (std::get<1>(a) != std::get<1>(b)) return std::get<1>(a) < std::get<1>(b) ? -1 : 1;
      return CompareIgnoreCase(std::get<2>(a), std::get<2>(b));
    }
    static void Write(const Key& key, SortKey* to);
  };
  using Entries = PersistentMap<Entry, EntryTraits>;

  // Of entries in any order. Those that are equal but for their counts become one.
  static AddressIndex Of(EditId edit, std::vector<Ref<Entry>> entries);

  // By address; of one address the nodes first; by name, without regard to case.
  const Entries& entries() const { return entries_; }
  // The first entry at `address` or after it.
  Entries::Iterator From(const IpAddress& address) const {
    return entries_.LowerBound({address, Kind::kNode, std::string_view()});
  }

  // One more, or one less, of `name` at `address`. An address that is no IP address (a host name,
  // or none at all) is in no index.
  void Add(EditId edit, std::string_view address, Kind kind, const Text& name);
  void Remove(EditId edit, std::string_view address, Kind kind, const Text& name);

 private:
  Entries entries_;
};

}  // namespace rollcall::catalog
