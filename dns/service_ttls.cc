#include "dns/service_ttls.h"

#include <algorithm>
#include <set>

#include "registry/base/ascii.h"

namespace rollcall::dns {

bool ServiceTtls::Add(std::string_view pattern, std::chrono::seconds ttl) {
  if (pattern == "*") {
    if (for_all_) return false;
    for_all_ = ttl;
    return true;
  }
  Pattern added{AsciiLower(pattern), pattern.ends_with('*'), ttl};
  if (added.is_prefix) added.name.pop_back();
  if (added.name.empty() || added.name.find('*') != std::string::npos) return false;
  const auto before = [](const Pattern& a, const Pattern& b) {
    if (a.is_prefix != b.is_prefix) return !a.is_prefix;
    if (a.name.size() != b.name.size()) return a.name.size() > b.name.size();
    return a.name < b.name;
  };
  const auto at = std::lower_bound(patterns_.begin(), patterns_.end(), added, before);
  if (at != patterns_.end() && !before(added, *at)) return false;
  patterns_.insert(at, std::move(added));
  return true;
}

std::chrono::seconds ServiceTtls::For(std::string_view service) const {
  for (const Pattern& pattern : patterns_) {
    const bool fits =
        pattern.is_prefix
            ? service.size() >= pattern.name.size() &&
                  EqualsIgnoreCase(service.substr(0, pattern.name.size()), pattern.name)
            : EqualsIgnoreCase(service, pattern.name);
    if (fits) return pattern.ttl;
  }
  return ForOthers();
}

std::string ServiceTtls::ToText() const {
  const auto seconds = [](std::chrono::seconds ttl) { return std::to_string(ttl.count()) + "s"; };
  if (patterns_.empty()) return seconds(ForOthers());
  std::set<std::string> parts;
  for (const Pattern& pattern : patterns_) {
    parts.insert(pattern.name + (pattern.is_prefix ? "*" : "") + "=" + seconds(pattern.ttl));
  }
  std::string text = "*=" + seconds(ForOthers());
  for (const std::string& part : parts) text += "," + part;
  return text;
}

}  // namespace rollcall::dns
