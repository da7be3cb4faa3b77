// RecursorAddress: where a server is that answers what we do not. Plain value, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/ip_address.h"
#include "registry/base/result.h"

namespace rollcall::dns {

struct RecursorAddress {
  IpAddress address;
  uint16_t port = 53;

  // "192.0.2.1", "192.0.2.1:5353", "2001:db8::1" or "[2001:db8::1]:5353"; the port is 53 where none
  // is given. kInvalidArgument names what is wrong. No host names: who would look them up?
  static Result<RecursorAddress> Parse(std::string_view text);

  // As Parse reads it, always with the port.
  std::string ToText() const;

  friend bool operator==(const RecursorAddress&, const RecursorAddress&) = default;
};

}  // namespace rollcall::dns
