// DomainName: an absolute name in wire form (RFC 1035 section 3.1: length-prefixed labels ended by
// the root's empty one), with the case that it was given. Held inline, so that copying one
// allocates nothing. A DomainName is valid by construction: at most 255 octets, labels of 1 to 63.
// Plain value: any thread may use its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::dns {

class DomainName {
 public:
  static constexpr size_t kMaxSize = 255;    // RFC 1035 section 2.3.4
  static constexpr size_t kMaxLabel = 63;    // the same
  static constexpr size_t kMaxLabels = 127;  // what fits into 255 octets

  DomainName() { Assign({"\0", 1}); }  // the root
  DomainName(const DomainName& other) { Assign(other.wire()); }
  DomainName& operator=(const DomainName& other) {
    if (this != &other) Assign(other.wire());
    return *this;
  }

  // A name at the start of `octets`; whatever follows it is ignored. Empty when there is no whole
  // name, when it is too long, or when it is compressed (RFC 1035 section 4.1.4).
  static std::optional<DomainName> FromWire(std::string_view octets);
  // The same, into a name that is there: false, and no change, where that is empty.
  bool Read(std::string_view octets);

  // "web.example.com", with or without a trailing dot. Every character but the dot stands for
  // itself: this reads names of nodes and addresses in records, which know no escapes.
  // Empty for an empty label, or one or a name that is too long.
  static std::optional<DomainName> FromText(std::string_view text);

  // The labels of `text` put before `parent`; empty when that is no valid name.
  static std::optional<DomainName> FromText(std::string_view text, const DomainName& parent);

  std::string_view wire() const { return {octets_.data(), size_}; }
  bool is_root() const { return size_ == 1; }

  // Whether this is `ancestor` or below it, without regard to ASCII case (RFC 4343).
  bool IsAtOrBelow(const DomainName& ancestor) const;
  // How many labels there are, the root's not counted.
  size_t label_count() const;

  // Equal without regard to ASCII case.
  friend bool operator==(const DomainName& a, const DomainName& b);

  // With a trailing dot; dots and backslashes inside labels and unprintable octets escaped as in
  // RFC 1035 section 5.1.
  std::string ToText() const;

 private:
  // Precondition: `wire` is a valid name.
  void Assign(std::string_view wire);

  uint8_t size_;
  std::array<char, kMaxSize> octets_;  // the first size_ are set
};

// The labels of a name as lower-cased text, left to right, with dots between them: what the catalog
// is asked for. Several neighbouring labels can be seen as one text, as in the tag "v1.2".
// Views into it are valid as long as it stays where it is.
class DottedLabels {
 public:
  explicit DottedLabels(const DomainName& name);
  DottedLabels(const DottedLabels&) = delete;
  DottedLabels& operator=(const DottedLabels&) = delete;

  size_t size() const { return count_; }
  // Precondition: at < size().
  std::string_view operator[](size_t at) const { return Join(at, at + 1); }
  // Labels [begin, end) with dots between; empty when begin == end.
  std::string_view Join(size_t begin, size_t end) const;

 private:
  std::array<char, DomainName::kMaxSize> text_;
  // Where each label starts in text_, and one past the last label's dot.
  std::array<uint8_t, DomainName::kMaxLabels + 1> starts_;
  size_t count_ = 0;
};

}  // namespace rollcall::dns
