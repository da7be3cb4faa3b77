// Selector: whom a binding rule is for, in the filter language (api/filter). Immutable: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/filter/filter.h"
#include "registry/base/result.h"
#include "registry/jwt/variables.h"

namespace rollcall::api::acl_login {

class Selector {
 public:
  // An empty text is for everybody. kInvalidArgument with Consul's words, and the place, for what
  // is no expression over `value` and `list`.
  static Result<Selector> Parse(std::string_view text);

  // kInvalidArgument, with the names that there are, when it names what is not among these. Consul
  // does not ask; but a name that is misspelt is unequal to everything, and `!=` and `not in` would
  // hold for everybody.
  Result<void> CheckNames(const jwt::Variables& variables) const;

  bool Matches(const jwt::Variables& variables) const;

 private:
  struct Name {
    std::string map;  // "value" or "list"
    std::string name;
  };

  std::vector<Name> names_;
  filter::Filter<filter::LoginRecord> filter_;
};

}  // namespace rollcall::api::acl_login
