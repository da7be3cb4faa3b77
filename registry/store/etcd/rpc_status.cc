#include "registry/store/etcd/rpc_status.h"

#include <string_view>

#include "registry/base/printable.h"

namespace rollcall::store {
namespace {

constexpr size_t kMaxWords = 4096;  // of what others say, in our messages

// etcd has more reasons than gRPC has codes; the words that are looked for are part of its
// interface (its own client compares them) and the same in all 3.x.
bool Says(const RpcStatus& status, std::string_view words) {
  return status.message.find(words) != std::string::npos;
}

// "failed to connect to all addresses; last error: UNKNOWN: ipv4:10.0.0.1:2379: Failed to connect
// to remote host: Connection refused": from the address on it says something.
std::string_view WithoutPreface(std::string_view message) {
  constexpr std::string_view kPreface = "failed to connect to all addresses; last error: ";
  if (!message.starts_with(kPreface)) return message;
  message.remove_prefix(kPreface.size());
  for (const std::string_view kind : {"ipv4:", "ipv6:"}) {
    if (const size_t address = message.find(kind); address != std::string_view::npos) {
      return message.substr(address);
    }
  }
  return message;
}

}  // namespace

std::string Describe(const RpcStatus& status) {
  if (status.code == RpcCode::kDeadlineExceeded) return "no answer in time";
  if (status.message.empty()) return "gRPC code " + std::to_string(static_cast<int>(status.code));
  return Printable(WithoutPreface(status.message).substr(0, kMaxWords));
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

bool IsInvalid(const RpcStatus& status) { return status.code == RpcCode::kInvalidArgument; }

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
  const ErrorCode code = IsPermissionDenied(status) ? ErrorCode::kPermissionDenied
                         : IsInvalid(status)        ? ErrorCode::kInvalidArgument
                                                    : ErrorCode::kUnavailable;
  return {code, what + ": " + Describe(status)};
}

}  // namespace rollcall::store
