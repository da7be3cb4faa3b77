// RpcStatus: how a call to etcd ended, in gRPC's numbers, without gRPC's headers: these take longer
// to compile than all that uses this. Plain values.
#pragma once

#include <string>

#include "registry/base/result.h"

namespace rollcall::store {

enum class RpcCode {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

struct RpcStatus {
  RpcCode code = RpcCode::kOk;
  std::string message;  // etcd's words, or gRPC's

  bool ok() const { return code == RpcCode::kOk; }
};

// For a person: one line.
std::string Describe(const RpcStatus& status);

// What etcd asks to log in again for: the token is unknown (a restarted member has forgotten them
// all) or older than the last change of users and roles.
bool IsStaleLogin(const RpcStatus& status);
// It needs a name that was not given, or does not take the one that was, or not for this.
bool IsPermissionDenied(const RpcStatus& status);
// What was asked for has been compacted away.
bool IsCompacted(const RpcStatus& status);
// What was asked for is a revision that etcd has not come to.
bool IsFutureRevision(const RpcStatus& status);
// The answer was larger than we take.
bool IsAnswerTooLarge(const RpcStatus& status);
// The member was asked, and knew at once that it cannot do anything now: nothing was done.
bool IsWithoutLeader(const RpcStatus& status);

// What was asked for, or how, is wrong: it would be so at any member.
bool IsInvalid(const RpcStatus& status);

// kPermissionDenied, kInvalidArgument or kUnavailable, with `what` in front.
Error UnreachableError(const std::string& what, const RpcStatus& status);

}  // namespace rollcall::store
