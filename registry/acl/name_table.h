// NameTable: which rule decides about a name, among those about one resource. The exact rule of the
// name, otherwise the longest prefix; the empty prefix is always there and stands for the default.
// Immutable: any thread. Asking allocates nothing.
//
// All names that rules have are in one sorted array. The last of them that is not behind the name
// asked for is the name itself, or has all prefixes of it that the array holds among its own
// prefixes, to which each entry refers. So one binary search finds either kind of rule.
//
// Invariants:
//   1. entries_[0] is the empty name, and has a prefix rule.
//   2. All others begin with shared_, and heads_[i] is the eight bytes of entry i behind that.
//      Those whose heads are alike begin with as many bytes as alike_[i].common says, and tails_[i]
//      is the eight behind these.
//   3. An entry's parent has a prefix rule, and is the longest such prefix of it but itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/acl/rules.h"

namespace rollcall::acl {

// What is asked for.
enum class Right : uint8_t { kRead = 1, kList = 2, kWrite = 4 };

// Any of Right.
using Rights = uint8_t;

Rights RightsOf(Access access);
constexpr bool Includes(Rights rights, Right right) {
  return (rights & static_cast<Rights>(right)) != 0;
}

// What is said of one name; one of the two at least.
struct NameRules {
  std::string_view name;
  std::optional<Rights> exact;
  std::optional<Rights> prefix;
};

class NameTable {
 public:
  // Which names there are.
  enum class Names : uint8_t { kAny, kWithoutCapitals };

  // `rules` in the order of their names' bytes, each name once, and one that there is. `otherwise`:
  // of names that no rule is about.
  NameTable(std::span<const NameRules> rules, Rights otherwise, Names names = Names::kAny);

  // Names are compared byte by byte, as in Consul.
  bool Allows(std::string_view name, Right right) const { return Includes(RightsTo(name), right); }
  // The same of `name` in lower case. Precondition: no rule's name has a capital letter.
  bool AllowsLower(std::string_view name, Right right) const {
    return Includes(RightsToLower(name), right);
  }

  // Every name that there is; and at least one. Exact: a prefix whose names longer prefixes
  // and exact rules have all taken over counts for nothing.
  bool AllowsEvery(Right right) const { return Includes(every_, right); }
  bool AllowsAny(Right right) const { return Includes(any_, right); }

  // Whether all below `prefix` may be had at once: the longest prefix rule for it allows it, and
  // each rule, of either kind, about it or a name below it. The latter whether or not it decides
  // about any name, as in Consul (KeyWritePrefix).
  bool AllowsAllBelow(std::string_view prefix, Right right) const;

  // How much it holds beside itself, about.
  size_t bytes() const {
    return names_.capacity() + shared_.capacity() + entries_.capacity() * sizeof(Entry) +
           (heads_.capacity() + tails_.capacity()) * sizeof(uint64_t) +
           alike_.capacity() * sizeof(Alike);
  }

 private:
  struct Entry {
    uint32_t offset = 0;  // of its name in names_
    uint32_t size = 0;
    uint32_t parent = 0;
    Rights exact = kNoRule;
    Rights prefix = kNoRule;
  };
  static constexpr Rights kNoRule = 0x80;
  // An entry, and how much it has in common with a name.
  struct Place {
    size_t at = 0;
    size_t common = 0;
  };
  // Of entries whose heads are alike.
  struct Alike {
    uint32_t begin = 0;   // the first of them
    uint32_t common = 0;  // the size of what all their names begin with
  };

  std::string_view NameOf(const Entry& entry) const {
    return std::string_view(names_).substr(entry.offset, entry.size);
  }
  bool IsPrefixRule(const Entry& entry) const { return entry.prefix != kNoRule; }
  bool IsExactRule(const Entry& entry) const { return entry.exact != kNoRule; }

  void AddEntry(const NameRules& rules);
  void SetHeads();
  void SetAlike();
  void SetParents();
  void SetEveryAndAny();
  bool HasNamesOfItsOwn(size_t i) const;
  size_t EndOfThoseBelow(size_t i) const;
  bool AreAllTaken(size_t i) const;

  Rights RightsTo(std::string_view name) const;
  Rights RightsToLower(std::string_view name) const;
  Rights RightsBy(const Entry& last, size_t common, size_t size) const;
  Place PlaceOf(size_t at, std::string_view name) const;
  bool IsUpTo(Place place, std::string_view name) const;
  Place LastUpTo(std::string_view name) const;
  Place LastUpToAmongAlike(std::string_view name, size_t last) const;
  const Entry& LongestPrefix(const Entry& last, size_t common) const;

  // Constant after construction.
  std::string names_;
  std::vector<Entry> entries_;
  std::vector<uint64_t> heads_;
  std::vector<Alike> alike_;
  std::vector<uint64_t> tails_;
  std::string shared_;
  size_t bytes_ = 256;  // that a name may go on with
  Rights every_ = 0;
  Rights any_ = 0;
};

}  // namespace rollcall::acl
