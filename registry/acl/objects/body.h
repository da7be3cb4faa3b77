// What the requests for all objects of access control have in common (requests.h). Without state:
// any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "registry/base/result.h"
#include "registry/model/json_fields.h"

namespace rollcall::acl {

// Hands a reader of the body to `read`. What every answer has beside what can be changed is
// dropped. kInvalidArgument: "<what> decoding failed: <reason>". `what`: "Token".
Result<void> ReadBody(std::string_view body, std::string_view what,
                      const std::function<void(model::FieldReader*)>& read);

// kInvalidArgument, "Invalid <what>: ...", unless the name is of A-Z, a-z, 0-9, '-' and '_', and
// has 1 to `max_size` of them. `what`: "Policy".
Result<void> CheckName(std::string_view name, std::string_view what, size_t max_size);

}  // namespace rollcall::acl
