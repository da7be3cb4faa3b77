// Reads a file that is small or wrong. Any thread.
#pragma once

#include <cstddef>
#include <string>

#include "registry/base/result.h"

namespace rollcall {

// Of a regular file, or a link to one, its first bytes: `most` and one more, by which one that is
// larger is known. Never waits for a pipe or a device. The error is the reason alone:
// kInvalidArgument when it is no regular file, else that of SystemError.
Result<std::string> ReadSmallFile(const std::string& path, size_t most);

}  // namespace rollcall
