// An errno, as an Error.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "registry/base/result.h"

namespace rollcall {

// kPermissionDenied where that is why, else kIo.
inline ErrorCode CodeOf(int error) {
  const bool permission = error == EACCES || error == EPERM || error == EROFS;
  return permission ? ErrorCode::kPermissionDenied : ErrorCode::kIo;
}

// "<what>: <why>", of that code.
inline Error SystemError(const std::string& what, int error) {
  return {CodeOf(error), what + ": " + std::strerror(error)};
}

}  // namespace rollcall
