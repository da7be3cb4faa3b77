// Rules as HCL, in one canonical layout. Without state: any thread.
#pragma once

#include <cstddef>
#include <string>

#include "registry/acl/rule_parser.h"
#include "registry/acl/rules.h"

namespace rollcall::acl {

// What ParseRules reads as the same rules, in the same order, as long as names are UTF-8, what says
// "list" may (rules.h: TakesList), intentions are of services, and the text is not too long for it.
std::string WriteRules(const Rules& rules);

// Bytes that WriteRules makes at most of the rules of a text that ParseRules takes from a client: a
// byte of a name becomes four, and a rule without blanks not twice as long.
constexpr size_t kMaxWrittenSize = 8 * kMaxRulesSize;

}  // namespace rollcall::acl
