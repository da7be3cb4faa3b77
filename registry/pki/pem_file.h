// Reading PEM files, certificates' and keys' alike. Free functions; any thread.
#pragma once

#include <string>

#include "registry/base/result.h"
#include "registry/pki/secret_text.h"

namespace rollcall::pki {

// kFileOrPipe waits for who writes into a pipe, which is for commands alone: they may be given
// --key <(...).
enum class PemSource { kRegularFile, kFileOrPipe };

// All that is in it, at most 4 MiB; through symbolic links. Errors name the file; kIo and
// kPermissionDenied: it cannot be read; kInvalidArgument: there is more in it, or it is of another
// kind.
Result<SecretText> ReadPemFile(const std::string& path, PemSource source);

}  // namespace rollcall::pki
