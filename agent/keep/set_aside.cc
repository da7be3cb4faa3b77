#include "agent/keep/set_aside.h"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace rollcall::agent {

void SetAside(const std::string& file, const Error& why) {
  if (why.code != ErrorCode::kInvalidArgument) {
    spdlog::error("{}; it is not loaded", why.message);
    return;
  }
  const std::string aside = file + ".corrupt";
  if (std::rename(file.c_str(), aside.c_str()) == 0) {
    spdlog::error("{} is not understood ({}); set aside as {}", file, why.message, aside);
  } else {
    spdlog::error("{} is not understood ({}), and cannot be set aside: {}", file, why.message,
                  std::strerror(errno));
  }
}

}  // namespace rollcall::agent
