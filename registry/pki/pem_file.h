// Reading PEM files, certificates' and keys' alike. Free functions; any thread.
#pragma once

#include <string>

#include "registry/base/result.h"
#include "registry/pki/secret_text.h"

namespace rollcall::pki {

// What is in a file, or comes out of a pipe: whole, at most 4 MiB. Errors name the file; kIo and
// kPermissionDenied: it cannot be read; kInvalidArgument: there is more in it.
Result<SecretText> ReadPemFile(const std::string& path);

}  // namespace rollcall::pki
