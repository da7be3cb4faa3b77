// Files that are there, whole, after a crash of the program or of the host. Blocking; any thread.
#pragma once

#include <string>

#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::agent {

// The whole of a file. kIo names it and says why.
Result<std::string> ReadWholeFile(const std::string& file);

// Replaces `file`, or makes it: a reader sees the old content or the new. After a failure, kIo or
// kPermissionDenied, the old one is there.
Result<void> WriteDurably(const std::string& file, const std::string& content);

// A file that is not there is no error.
Result<void> RemoveDurably(const std::string& file);

// Makes `directory` and its parents.
Result<void> EnsureDirectory(const std::string& directory);

// Claims `directory` for this process until the descriptor is closed; kConflict when another one
// has it.
Result<OwnedFd> LockDirectory(const std::string& directory);

}  // namespace rollcall::agent
