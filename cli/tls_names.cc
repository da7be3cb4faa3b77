#include "cli/tls_names.h"

#include <algorithm>

#include "cli/setting_values.h"

namespace rollcall::cli {
namespace {

// A hundred years; what is meant to be longer is a slip.
constexpr NumberRange kDays{1, 36'500};

template <typename T>
void AddOnce(std::vector<T>* all, T one) {
  if (std::find(all->begin(), all->end(), one) == all->end()) all->push_back(std::move(one));
}

bool IsUnspecified(const IpAddress& address) {
  return std::visit(
      [](const auto& octets) {
        return std::all_of(octets.begin(), octets.end(), [](uint8_t octet) { return octet == 0; });
      },
      address);
}

}  // namespace

Result<size_t> DaysOf(const std::string& text) { return Number("days", kDays)(text); }

Result<void> CertificateNames::Add(std::string_view flag, const std::string& name,
                                   pki::DnsName::Wildcard wildcard) {
  Result<pki::DnsName> parsed = pki::DnsName::Parse(name, wildcard);
  if (!parsed) return BadSetting(flag, name, parsed.error().message);
  AddOnce(&names_, std::move(*parsed));
  return {};
}

Result<void> CertificateNames::AddAddress(std::string_view flag, const std::string& address) {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  if (!parsed || IsUnspecified(*parsed)) {
    return BadSetting(flag, address,
                      "expected an IPv4 or IPv6 address that clients connect to, as in 10.0.0.5");
  }
  AddOnce(&addresses_, *parsed);
  return {};
}

}  // namespace rollcall::cli
