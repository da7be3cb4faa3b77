#include "api/shared/version_answer.h"

#include <nlohmann/json.hpp>

#include "api/shared/error_response.h"

namespace rollcall::api {

http::Response VersionAnswer(const BuildVersion& build) {
  // Clients read the date as a time, so that it must be one.
  const std::string date = build.date.empty() ? "1970-01-01T00:00:01Z" : build.date;
  return http::JsonResponse(Render({{"SHA", build.revision},
                                    {"BuildDate", date},
                                    {"HumanVersion", build.version},
                                    {"FIPS", ""}}));
}

}  // namespace rollcall::api
