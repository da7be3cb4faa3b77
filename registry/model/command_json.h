// The bodies of Consul's catalog endpoints as commands: parsed and validated, not yet applied.
// Any thread.
// Source: Consul's HTTP API documentation (catalog) and the recorded answers in tests/conformance.
#pragma once

#include <string_view>

#include "registry/base/result.h"
#include "registry/model/command.h"

namespace rollcall::model {

// PUT /v1/catalog/register. kInvalidArgument with Consul's words where it has some ("Must provide
// node"), and "No path to datacenter" when `Datacenter` is another one than `datacenter`.
// A check's unknown `Status` counts as critical, an empty one too, as in Consul.
Result<Register> ParseRegister(std::string_view body, std::string_view datacenter);

// PUT /v1/catalog/deregister; errors as above.
Result<Deregister> ParseDeregister(std::string_view body, std::string_view datacenter);

}  // namespace rollcall::model
