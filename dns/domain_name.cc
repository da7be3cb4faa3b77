#include "dns/domain_name.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <utility>

#include "registry/base/ascii.h"

namespace rollcall::dns {

namespace {

size_t LabelLength(char octet) { return static_cast<unsigned char>(octet); }

// Appends `label` to the wire form in `wire`; false when either gets too long. The root's octet is
// still to come.
bool AppendLabel(std::string_view label, std::string* wire) {
  if (label.empty() || label.size() > DomainName::kMaxLabel) return false;
  if (wire->size() + 1 + label.size() + 1 > DomainName::kMaxSize) return false;
  wire->push_back(static_cast<char>(label.size()));
  wire->append(label);
  return true;
}

}  // namespace

void DomainName::Assign(std::string_view wire) {
  assert(!wire.empty() && wire.size() <= kMaxSize);
  std::copy(wire.begin(), wire.end(), octets_.begin());
  size_ = static_cast<uint8_t>(wire.size());
}

std::optional<DomainName> DomainName::FromWire(std::string_view octets) {
  std::optional<DomainName> name(std::in_place);
  if (!name->Read(octets)) name.reset();
  return name;
}

bool DomainName::Read(std::string_view octets) {
  size_t at = 0;
  while (true) {
    if (at >= octets.size()) return false;
    const size_t length = LabelLength(octets[at]);
    // The two high bits mark a pointer or a label type that nobody uses (RFC 6891 section 5).
    if (length > kMaxLabel) return false;
    at += 1 + length;
    if (at > kMaxSize || at > octets.size()) return false;
    if (length == 0) break;
  }
  Assign(octets.substr(0, at));
  return true;
}

std::optional<DomainName> DomainName::FromText(std::string_view text) {
  return FromText(text, DomainName());
}

std::optional<DomainName> DomainName::FromText(std::string_view text, const DomainName& parent) {
  if (text == ".") return parent;
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  std::string wire;
  while (true) {
    const size_t dot = text.find('.');
    if (!AppendLabel(text.substr(0, dot), &wire)) return std::nullopt;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  if (wire.size() + parent.wire().size() > kMaxSize) return std::nullopt;
  DomainName name;
  name.Assign(wire.append(parent.wire()));
  return name;
}

bool DomainName::IsAtOrBelow(const DomainName& ancestor) const {
  if (ancestor.size_ > size_) return false;
  const size_t boundary = static_cast<size_t>(size_) - ancestor.size_;
  size_t at = 0;
  while (at < boundary) at += 1 + LabelLength(octets_[at]);
  // Length octets are below 'A', so that folding case leaves them as they are.
  return at == boundary && EqualsIgnoreCase(wire().substr(boundary), ancestor.wire());
}

size_t DomainName::label_count() const {
  size_t count = 0;
  for (size_t at = 0; octets_[at] != 0; at += 1 + LabelLength(octets_[at])) ++count;
  return count;
}

bool operator==(const DomainName& a, const DomainName& b) {
  return EqualsIgnoreCase(a.wire(), b.wire());
}

std::string DomainName::ToText() const {
  if (is_root()) return ".";
  std::string text;
  for (size_t at = 0; octets_[at] != 0; at += 1 + LabelLength(octets_[at])) {
    for (const char c : wire().substr(at + 1, LabelLength(octets_[at]))) {
      const auto octet = static_cast<unsigned char>(c);
      if (c == '.' || c == '\\') {
        text.push_back('\\');
        text.push_back(c);
      } else if (octet <= 0x20 || octet >= 0x7f) {
        std::array<char, 5> escaped;
        std::snprintf(escaped.data(), escaped.size(), "\\%03u", octet);
        text.append(escaped.data());
      } else {
        text.push_back(c);
      }
    }
    text.push_back('.');
  }
  return text;
}

DottedLabels::DottedLabels(const DomainName& name) {
  const std::string_view wire = name.wire();
  // Each octet one place to the left; those of lengths, which folding leaves as they are, are then
  // where the dots go.
  AsciiLower(wire.substr(1), text_.data());
  size_t at = 0;
  while (wire[at] != 0) {
    starts_[count_++] = static_cast<uint8_t>(at);
    at += LabelLength(wire[at]);
    text_[at++] = '.';
  }
  starts_[count_] = static_cast<uint8_t>(at);
}

std::string_view DottedLabels::Join(size_t begin, size_t end) const {
  assert(begin <= end && end <= count_);
  if (begin == end) return {};
  return {text_.data() + starts_[begin], static_cast<size_t>(starts_[end] - starts_[begin] - 1)};
}

}  // namespace rollcall::dns
