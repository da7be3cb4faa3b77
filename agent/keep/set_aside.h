// What becomes of a file of the data directory that makes no sense. Blocking; any thread.
#pragma once

#include <string>

#include "registry/base/result.h"

namespace rollcall::agent {

// Renames it to <file>.corrupt, so that it is not in the way and can be looked at, and says so in
// the log. A file that cannot even be read stays where it is.
void SetAside(const std::string& file, const Error& why);

}  // namespace rollcall::agent
