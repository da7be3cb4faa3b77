// Rules as HCL, in one canonical layout. Without state: any thread.
#pragma once

#include <string>

#include "registry/acl/rules.h"

namespace rollcall::acl {

// What ParseRules reads as the same rules, in the same order, as long as names are UTF-8, what says
// "list" may (rules.h: TakesList), intentions are of services, and the text is not too long for it.
std::string WriteRules(const Rules& rules);

}  // namespace rollcall::acl
