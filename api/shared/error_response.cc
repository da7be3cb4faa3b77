#include "api/shared/error_response.h"

#include <nlohmann/json.hpp>

#include "registry/model/json.h"

namespace rollcall::api {
namespace {

int StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      return 500;
  }
  return 500;
}

}  // namespace

http::Response ErrorResponse(const Error& error) {
  return http::TextResponse(StatusOf(error.code), error.message);
}

http::Response EmptyOk() { return http::EmptyResponse(200); }

http::Response AclSupportDisabled() { return http::TextResponse(401, "ACL support disabled"); }

http::Body Render(const nlohmann::ordered_json& value) { return model::Dump(value); }

}  // namespace rollcall::api
