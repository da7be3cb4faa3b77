// Selector: whom a binding rule is for, in the filter language (api/filter). Immutable: any thread.
#pragma once

#include <string_view>

#include "api/filter/filter.h"
#include "registry/base/result.h"
#include "registry/jwt/variables.h"

namespace rollcall::api::acl_login {

class Selector {
 public:
  // An empty text is for everybody. kInvalidArgument with Consul's words, and the place, for what
  // is no expression over `value` and `list`. Which names a method has under these is not looked
  // at, as in Consul.
  static Result<Selector> Parse(std::string_view text);

  bool Matches(const jwt::Variables& variables) const;

 private:
  filter::Filter<filter::LoginRecord> filter_;
};

}  // namespace rollcall::api::acl_login
