// The bodies of Consul's catalog endpoints as commands: parsed and validated, not yet applied.
// Any thread.
// Source: Consul's HTTP API documentation (catalog) and the recorded answers in tests/conformance.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "registry/base/result.h"
#include "registry/model/command.h"

namespace rollcall::model {

// PUT /v1/catalog/register. kInvalidArgument with Consul's words where it has some ("Must provide
// node"), and "No path to datacenter" when `Datacenter` is another one than `datacenter`.
// A check's unknown `Status` counts as critical, an empty one too, as in Consul.
Result<Register> ParseRegister(std::string_view body, std::string_view datacenter);

// PUT /v1/catalog/deregister; errors as above.
Result<Deregister> ParseDeregister(std::string_view body, std::string_view datacenter);

// One element of a batch. An error is that of its command alone.
using BatchCommand = Result<std::variant<Register, Deregister>>;

// PUT /v1/catalog/batch, ours: [{"Register": {...}}, {"Deregister": {...}}, ...], at most
// kMaxBatchCommands, each as the endpoint of its name takes it. kInvalidArgument when it is no such
// list.
inline constexpr size_t kMaxBatchCommands = 512;
Result<std::vector<BatchCommand>> ParseBatch(std::string_view body, std::string_view datacenter);

}  // namespace rollcall::model
