// The API's description of itself, OpenAPI 3.1. Pure: any thread.
// Source: OpenAPI Specification 3.1.0.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/request.h"
#include "api/openapi/description.h"

namespace rollcall::api::openapi {

struct Operation {
  http::Method method;
  std::string_view pattern;  // as of http::Route
  std::string needs;         // of who asks (api/shared/needs.h), as a text
  const Description& description;
};

nlohmann::ordered_json MakeDocument(const std::vector<Operation>& operations,
                                    std::string_view version);

}  // namespace rollcall::api::openapi
