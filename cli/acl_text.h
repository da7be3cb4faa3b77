// Tokens, policies, roles, auth methods and binding rules as text for people, from the JSON of the
// API. A body that is none of
// these is kCorruption. Pure functions.
#pragma once

#include <string>

#include "registry/base/result.h"

namespace rollcall::cli {

// One, a member a line. Secrets are shown as the server gives them: once, and "<hidden>" after.
Result<std::string> TokenText(const std::string& body);
Result<std::string> PolicyText(const std::string& body);
Result<std::string> RoleText(const std::string& body);
Result<std::string> AuthMethodText(const std::string& body);
Result<std::string> BindingRuleText(const std::string& body);

// A table of all.
Result<std::string> TokenListText(const std::string& body);
Result<std::string> PolicyListText(const std::string& body);
Result<std::string> RoleListText(const std::string& body);
Result<std::string> AuthMethodListText(const std::string& body);
Result<std::string> BindingRuleListText(const std::string& body);

}  // namespace rollcall::cli
