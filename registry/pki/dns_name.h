// DnsName: a name that a certificate can be for (RFC 5280 section 4.2.1.6), as text that is safe in
// every format of OpenSSL. Plain value.
#pragma once

#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::pki {

class DnsName {
 public:
  // Whether the first label may be "*": any one label (RFC 6125 section 6.4.3). Two more must
  // follow it then, as OpenSSL and browsers ask for.
  enum class Wildcard { kRefused, kAllowed };

  // At most 253 characters; labels of 1 to 63 letters, digits, - and _ (which is in no host's name,
  // but in Consul's), without - at either end (RFC 1123 section 2.1). No dot at the end, no
  // address. Errors are kInvalidArgument and say what is wrong with it, not what it is.
  static Result<DnsName> Parse(std::string_view text, Wildcard wildcard = Wildcard::kRefused);

  const std::string& text() const { return text_; }
  bool operator==(const DnsName&) const = default;

 private:
  explicit DnsName(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace rollcall::pki
