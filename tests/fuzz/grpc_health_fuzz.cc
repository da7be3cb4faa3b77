// Fuzz target: the body of a gRPC health check's answer. What must hold: an error says why; of an
// answer that is read, one more byte or one less is refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "agent/probe/grpc_health.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using rollcall::probe::ReadHealthCheckResponse;
  std::string body;
  if (size != 0) body.assign(reinterpret_cast<const char*>(data), size);
  const auto status = ReadHealthCheckResponse(body);
  if (!status) {
    Require(status.error().code == rollcall::ErrorCode::kCorruption);
    Require(!status.error().message.empty());
    return 0;
  }
  Require(!rollcall::probe::ServingStatusName(*status).empty());
  Require(!ReadHealthCheckResponse(body + '\0'));
  body.pop_back();
  Require(!ReadHealthCheckResponse(body));
  return 0;
}
