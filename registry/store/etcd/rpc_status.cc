#include "registry/store/etcd/rpc_status.h"

#include <string_view>

#include "registry/base/printable.h"

namespace rollcall::store {
namespace {

// etcd has more reasons than gRPC has codes; the words below are part of its interface (its own
// client compares them) and the same in all 3.x.
bool Says(const RpcStatus& status, std::string_view words) {
  return status.message.find(words) != std::string::npos;
}

}  // namespace

std::string Describe(const RpcStatus& status) {
  if (status.code == RpcCode::kDeadlineExceeded) return "no answer in time";
  if (status.message.empty()) return "gRPC code " + std::to_string(static_cast<int>(status.code));
  return FirstLine(status.message);
}

bool IsStaleLogin(const RpcStatus& status) {
  return status.code == RpcCode::kUnauthenticated || Says(status, "invalid auth token") ||
         Says(status, "revision of auth store is old");
}

bool IsPermissionDenied(const RpcStatus& status) {
  return status.code == RpcCode::kPermissionDenied || status.code == RpcCode::kUnauthenticated ||
         Says(status, "permission denied") || Says(status, "authentication failed") ||
         Says(status, "user name is empty") || Says(status, "user name not found");
}

bool IsCompacted(const RpcStatus& status) {
  return status.code == RpcCode::kOutOfRange && Says(status, "has been compacted");
}

bool IsFutureRevision(const RpcStatus& status) {
  return status.code == RpcCode::kOutOfRange && Says(status, "future revision");
}

bool IsAnswerTooLarge(const RpcStatus& status) {
  return status.code == RpcCode::kResourceExhausted && Says(status, "larger than max");
}

bool IsWithoutLeader(const RpcStatus& status) {
  return status.code == RpcCode::kUnavailable && Says(status, "etcdserver: no leader");
}

Error UnreachableError(const std::string& what, const RpcStatus& status) {
  const bool denied = IsPermissionDenied(status);
  return {denied ? ErrorCode::kPermissionDenied : ErrorCode::kUnavailable,
          what + ": " + Describe(status)};
}

}  // namespace rollcall::store
