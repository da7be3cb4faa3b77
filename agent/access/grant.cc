#include "agent/access/grant.h"

namespace rollcall::access {

const GrantPtr& Everything() {
  static const GrantPtr kEverything =
      std::make_shared<const Grant>(Grant{"", std::nullopt, acl::Authorizer::AllowAll()});
  return kEverything;
}

}  // namespace rollcall::access
