#include "registry/acl/name_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include "registry/base/ascii.h"

namespace rollcall::acl {
namespace {

constexpr Rights kAllRights = static_cast<Rights>(Right::kRead) |
                              static_cast<Rights>(Right::kList) |
                              static_cast<Rights>(Right::kWrite);

// Of bytes.
constexpr size_t kCapitals = 26;

template <typename Number>
uint64_t NumberAt(const char* from) {
  Number number;
  std::memcpy(&number, from, sizeof number);
  return number;
}

// The first eight bytes as a number that is ordered as they are; zeros behind the end.
uint64_t HeadOf(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  const size_t size = text.size();
  uint64_t head = 0;
  if (size >= 8) {
    head = NumberAt<uint64_t>(text.data());
  } else if (size >= 4) {
    // Two pieces that may overlap, where they are equal.
    head = NumberAt<uint32_t>(text.data()) | NumberAt<uint32_t>(text.data() + size - 4)
                                                 << (size - 4) * 8;
  } else {
    for (size_t i = 0; i < size; ++i) head |= NumberAt<uint8_t>(text.data() + i) << i * 8;
  }
  return __builtin_bswap64(head);
}

// The last of `sorted` from `begin` up to `end` that is not above `bound`; begin - 1 if all are.
// Without a branch on what is found, which cannot be foretold.
size_t LastNotAbove(const std::vector<uint64_t>& sorted, size_t begin, size_t end, uint64_t bound) {
  size_t at = begin - 1;
  for (size_t left = end - begin; left > 0;) {
    const size_t step = (left + 1) / 2;
    at += sorted[at + step] <= bound ? step : 0;
    left -= step;
  }
  return at;
}

uint64_t EightAt(const char* from) {
  uint64_t eight;
  std::memcpy(&eight, from, sizeof eight);
  return eight;
}

size_t SizeOfCommonPrefix(std::string_view a, std::string_view b) {
  const size_t size = std::min(a.size(), b.size());
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= size; at += sizeof(uint64_t)) {
    const uint64_t differing = EightAt(a.data() + at) ^ EightAt(b.data() + at);
    if (differing != 0) return at + static_cast<size_t>(std::countr_zero(differing)) / 8;
  }
  while (at < size && a[at] == b[at]) ++at;
  return at;
}

// Of texts of which one is in lower case, the other need not be.
size_t SizeOfCommonPrefixInLower(std::string_view lower, std::string_view text) {
  size_t at = 0;
  while (at < std::min(lower.size(), text.size()) && lower[at] == AsciiLower(text[at])) ++at;
  return at;
}

}  // namespace

Rights RightsOf(Access access) {
  switch (access) {
    case Access::kDeny:
      return 0;
    case Access::kRead:
      return static_cast<Rights>(Right::kRead);
    case Access::kList:
      return static_cast<Rights>(Right::kRead) | static_cast<Rights>(Right::kList);
    case Access::kWrite:
      return kAllRights;
  }
  return 0;
}

NameTable::NameTable(std::span<const NameRules> rules, Rights otherwise, Names names) {
  if (names == Names::kWithoutCapitals) bytes_ -= kCapitals;
  if (rules.empty() || !rules.front().name.empty()) AddEntry({{}, std::nullopt, otherwise});
  for (const NameRules& of_name : rules) AddEntry(of_name);
  if (!IsPrefixRule(entries_.front())) entries_.front().prefix = otherwise;
  SetHeads();
  SetParents();
  SetEveryAndAny();
}

void NameTable::AddEntry(const NameRules& rules) {
  Entry entry;
  entry.offset = static_cast<uint32_t>(names_.size());
  entry.size = static_cast<uint32_t>(rules.name.size());
  entry.exact = rules.exact.value_or(kNoRule);
  entry.prefix = rules.prefix.value_or(kNoRule);
  names_ += rules.name;
  entries_.push_back(entry);
}

void NameTable::SetHeads() {
  if (entries_.size() > 1) {
    // Of a sorted list, what the first and the last have in common.
    const std::string_view first = NameOf(entries_[1]);
    shared_ = first.substr(0, SizeOfCommonPrefix(first, NameOf(entries_.back())));
  }
  heads_.push_back(0);
  for (size_t i = 1; i < entries_.size(); ++i) {
    heads_.push_back(HeadOf(NameOf(entries_[i]).substr(shared_.size())));
  }
  SetAlike();
}

void NameTable::SetAlike() {
  alike_.resize(entries_.size());
  tails_.resize(entries_.size());
  for (size_t begin = 1, end = 1; begin < entries_.size(); begin = end) {
    while (end < entries_.size() && heads_[end] == heads_[begin]) ++end;
    const size_t common = SizeOfCommonPrefix(NameOf(entries_[begin]), NameOf(entries_[end - 1]));
    for (size_t i = begin; i < end; ++i) {
      alike_[i] = {static_cast<uint32_t>(begin), static_cast<uint32_t>(common)};
      tails_[i] = HeadOf(NameOf(entries_[i]).substr(common));
    }
  }
}

void NameTable::SetParents() {
  for (size_t i = 1; i < entries_.size(); ++i) {
    // What it has in common with the one before is all that it can have with any before that.
    const std::string_view name = NameOf(entries_[i]);
    const size_t common = SizeOfCommonPrefix(name, NameOf(entries_[i - 1]));
    size_t parent = i - 1;
    while (!IsPrefixRule(entries_[parent]) || entries_[parent].size > common) {
      parent = entries_[parent].parent;
    }
    entries_[i].parent = static_cast<uint32_t>(parent);
  }
}

void NameTable::SetEveryAndAny() {
  every_ = kAllRights;
  const auto count = [this](Rights rights) {
    every_ &= rights;
    any_ |= rights;
  };
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (IsExactRule(entry)) count(entry.exact);
    if (!IsPrefixRule(entry)) continue;
    if (HasNamesOfItsOwn(i)) count(entry.prefix);
  }
}

// Of a prefix rule: whether it decides about any name at all.
bool NameTable::HasNamesOfItsOwn(size_t i) const {
  // It takes that many rules to leave it none: one for its name, and some behind each byte.
  if (!IsExactRule(entries_[i]) || entries_.size() - i <= bytes_) return true;
  return !AreAllTaken(i);
}

// The first entry behind `i` whose name does not begin with that of entry i: those whose names do
// are together.
size_t NameTable::EndOfThoseBelow(size_t i) const {
  const std::string_view name = NameOf(entries_[i]);
  const auto from = entries_.begin() + static_cast<std::ptrdiff_t>(i);
  const auto is_below = [&](const Entry& other) { return NameOf(other).starts_with(name); };
  return static_cast<size_t>(std::partition_point(from, entries_.end(), is_below) -
                             entries_.begin());
}

// Whether other rules decide about all names that begin with the one of prefix rule `i`, which has
// an exact rule too: about those that go on with each byte there is. A prefix rule takes all names
// that begin so at once; an exact one takes the text itself, and leaves those that go on.
bool NameTable::AreAllTaken(size_t i) const {
  // Texts whose going on is looked at: each begins with the one before. As deep as names are long,
  // which the stack would not be.
  struct Text {
    std::string_view text;
    size_t bytes_left;
  };
  std::vector<Text> open = {{NameOf(entries_[i]), bytes_}};
  const size_t end = EndOfThoseBelow(i);
  for (size_t at = i + 1; at < end;) {
    const std::string_view name = NameOf(entries_[at]);
    Text& last = open.back();
    if (name.size() != last.text.size() + 1 || !name.starts_with(last.text)) return false;
    --last.bytes_left;
    if (IsPrefixRule(entries_[at])) {
      at = EndOfThoseBelow(at);
    } else {
      open.push_back({name, bytes_});
      ++at;
    }
    while (open.back().bytes_left == 0) {
      if (open.size() == 1) return true;
      open.pop_back();
    }
  }
  return false;
}

NameTable::Place NameTable::PlaceOf(size_t at, std::string_view name) const {
  return {at, SizeOfCommonPrefix(name, NameOf(entries_[at]))};
}

// Of an entry that has that much in common with the name: whether it is not behind it.
bool NameTable::IsUpTo(Place place, std::string_view name) const {
  const std::string_view of_entry = NameOf(entries_[place.at]);
  if (place.common == of_entry.size()) return true;
  if (place.common == name.size()) return false;
  return static_cast<unsigned char>(of_entry[place.common]) <
         static_cast<unsigned char>(name[place.common]);
}

NameTable::Place NameTable::LastUpTo(std::string_view name) const {
  const int order = name.substr(0, shared_.size()).compare(shared_);
  if (order != 0) return PlaceOf(order < 0 ? 0 : entries_.size() - 1, name);
  const uint64_t head = HeadOf(name.substr(shared_.size()));
  const size_t at = LastNotAbove(heads_, 1, heads_.size(), head);
  return at == 0 || heads_[at] != head ? PlaceOf(at, name) : LastUpToAmongAlike(name, at);
}

// The same for a name whose head is that of entry `last`, and of no entry behind it.
NameTable::Place NameTable::LastUpToAmongAlike(std::string_view name, size_t last) const {
  const Alike& alike = alike_[last];
  Place place = PlaceOf(last, name);
  if (IsUpTo(place, name)) return place;
  if (place.common < alike.common) return PlaceOf(alike.begin - 1, name);
  const uint64_t tail = HeadOf(name.substr(alike.common));
  place = PlaceOf(LastNotAbove(tails_, alike.begin, last, tail), name);
  if (IsUpTo(place, name)) return place;
  // Names whose tails are equal, too.
  const auto first = entries_.begin() + alike.begin;
  const auto is_up_to = [&](const Entry& other) { return NameOf(other) <= name; };
  const auto behind = std::partition_point(
      first, entries_.begin() + static_cast<std::ptrdiff_t>(place.at), is_up_to);
  return PlaceOf(static_cast<size_t>(behind - entries_.begin()) - 1, name);
}

// The longest prefix rule for a name that has `common` bytes in common with `last`, the last entry
// up to it.
const NameTable::Entry& NameTable::LongestPrefix(const Entry& last, size_t common) const {
  const Entry* entry = &last;
  while (!IsPrefixRule(*entry) || entry->size > common) entry = &entries_[entry->parent];
  return *entry;
}

Rights NameTable::RightsTo(std::string_view name) const {
  const Place last = LastUpTo(name);
  return RightsBy(entries_[last.at], last.common, name.size());
}

Rights NameTable::RightsToLower(std::string_view name) const {
  const auto is_up_to = [&](const Entry& other) {
    return CompareIgnoreCase(NameOf(other), name) <= 0;
  };
  const auto behind = std::partition_point(entries_.begin(), entries_.end(), is_up_to);
  const Entry& last = *std::prev(behind);
  return RightsBy(last, SizeOfCommonPrefixInLower(NameOf(last), name), name.size());
}

// To a name of that size that has `common` bytes in common with `last`, the last entry up to it.
Rights NameTable::RightsBy(const Entry& last, size_t common, size_t size) const {
  const bool is_it = last.size == size && common == size;
  return is_it && IsExactRule(last) ? last.exact : LongestPrefix(last, common).prefix;
}

bool NameTable::AllowsAllBelow(std::string_view prefix, Right right) const {
  const Place last = LastUpTo(prefix);
  if (!Includes(LongestPrefix(entries_[last.at], last.common).prefix, right)) return false;
  const auto is_before = [&](const Entry& other) { return NameOf(other) < prefix; };
  auto below = std::partition_point(entries_.begin(), entries_.end(), is_before);
  for (; below != entries_.end() && NameOf(*below).starts_with(prefix); ++below) {
    if (IsExactRule(*below) && !Includes(below->exact, right)) return false;
    if (IsPrefixRule(*below) && !Includes(below->prefix, right)) return false;
  }
  return true;
}

}  // namespace rollcall::acl
