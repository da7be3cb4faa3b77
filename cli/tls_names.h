// What certificates are made for, as flags of `rollcall tls` say it. Called on the command's one
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry/base/ip_address.h"
#include "registry/base/result.h"
#include "registry/pki/dns_name.h"

namespace rollcall::cli {

// 1 to 36500. The error is kInvalidArgument, as all of these.
Result<size_t> DaysOf(const std::string& text);

// Names and addresses in the order in which they were added, each once.
class CertificateNames {
 public:
  // `flag` is who says so, for the error.
  Result<void> Add(std::string_view flag, const std::string& name,
                   pki::DnsName::Wildcard wildcard = pki::DnsName::Wildcard::kRefused);
  Result<void> AddAddress(std::string_view flag, const std::string& address);

  const std::vector<pki::DnsName>& names() const { return names_; }
  const std::vector<IpAddress>& addresses() const { return addresses_; }

 private:
  std::vector<pki::DnsName> names_;
  std::vector<IpAddress> addresses_;
};

}  // namespace rollcall::cli
