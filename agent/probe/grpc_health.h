// The two messages of gRPC's health checking protocol (grpc/health/v1/health.proto), as they travel
// in the body of a gRPC call. They are so small that they are written and read here by hand; a
// protobuf library would be a large dependency for two fields. Plain values: any thread.
//
//   body     = *message                       ; "Length-Prefixed-Message" of PROTOCOL-HTTP2.md
//   message  = compressed length fields       ; compressed: 1 byte, 0 or 1
//                                             ; length: of the fields, 4 bytes, big-endian
//   fields   = *field                         ; protobuf's wire format
//   field    = tag value                      ; tag: a varint, field number * 8 + wire type
//   value    = varint                         ; wire type 0
//            / 8 bytes                        ; wire type 1
//            / varint (that many bytes)       ; wire type 2
//            / 4 bytes                        ; wire type 5
//   varint   = up to 10 bytes, 7 bits in each, the lowest first; all but the last have bit 8 set
//
//   HealthCheckRequest:   field 1, type 2: the service's name; left out when it is empty
//   HealthCheckResponse:  field 1, type 0: the ServingStatus; left out when it is 0
//
// A status may come more than once, and the last one counts; fields that are not known are skipped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::probe {

// The body of Check for a service; an empty name asks for the whole server.
std::string HealthCheckRequest(std::string_view service);

// The ServingStatus in the body of Check's answer: exactly one message, not compressed.
// kCorruption says what is wrong with it.
Result<uint64_t> ReadHealthCheckResponse(std::string_view body);

inline constexpr uint64_t kServing = 1;

// "SERVING", "NOT_SERVING"...; "status 7" for a number that has no name.
std::string ServingStatusName(uint64_t status);

}  // namespace rollcall::probe
