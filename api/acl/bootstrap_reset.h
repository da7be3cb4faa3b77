// BootstrapReset: where a server's operator allows a second bootstrap of access control, by a file
// that only he can write. Constant: any thread.
#pragma once

#include <string>

namespace rollcall::api {

struct BootstrapReset {
  // The directory in which the file kBootstrapResetFile is looked for; empty: there is none.
  std::string data_dir;
};

inline constexpr const char* kBootstrapResetFile = "acl-bootstrap-reset";

}  // namespace rollcall::api
