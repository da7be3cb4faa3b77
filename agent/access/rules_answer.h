// What the registry answers to GET /v1/internal/acl/rules (api/access/rules_handler.h), read into a
// Grant. Pure: any thread. The answer is trusted to be the registry's, and not to be well-formed:
// of one that is damaged anywhere nothing is taken, for a denial may be in what is missing.
#pragma once

#include <cstddef>
#include <string_view>

#include "agent/access/grant.h"
#include "registry/base/result.h"

namespace rollcall::access {

// Bytes of an answer.
inline constexpr size_t kMaxRulesAnswer = size_t{8} * 1024 * 1024;

// kCorruption, and what is wrong with it, which repeats no more than its first words.
Result<Grant> ReadRulesAnswer(std::string_view body);

}  // namespace rollcall::access
