// Names of files for IDs, which may hold any bytes and be long. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace rollcall::agent {

// The same for IDs that differ in ASCII case alone, and for no others. At most 200 bytes of
// letters, digits, '-', '_', '.', '%', and no dot at the start; whoever looks into the directory
// can read it where the ID can be.
std::string FileNameOf(std::string_view id);

}  // namespace rollcall::agent
