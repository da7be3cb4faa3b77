// GET agent/version: which version of the program this is, and from which sources. Any thread.
#pragma once

#include <string>

#include "api/http/response.h"

namespace rollcall::api {

struct BuildVersion {
  std::string version;
  std::string revision;  // of the sources; empty: not known
  std::string date;      // of the revision, RFC 3339; empty: not known
};

http::Response VersionAnswer(const BuildVersion& build);

}  // namespace rollcall::api
