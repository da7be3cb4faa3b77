// Which sources this program was built from. Constant.
#pragma once

namespace rollcall::cli {

struct BuildInfo {
  const char* revision;       // the commit, shortened; empty when it is not known
  const char* revision_date;  // of the commit, "2026-11-24T10:00:00Z"; empty likewise
};

extern const BuildInfo kBuildInfo;

}  // namespace rollcall::cli
