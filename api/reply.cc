#include "api/reply.h"

#include <nlohmann/json.hpp>
#include <string>

#include "registry/model/json.h"

namespace rollcall::api {
namespace {

// The header fields of a catalog answer, and a few more that are added to them.
constexpr size_t kCatalogHeaderBytes = 320;

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

std::string_view NameOf(Consistency consistency) {
  switch (consistency) {
    case Consistency::kStale:
      return "stale";
    case Consistency::kConsistent:
      return "consistent";
    case Consistency::kDefault:
      break;
  }
  return "leader";
}

}  // namespace

http::Response CatalogResponse(http::Body json, Index index, const QueryOptions& options) {
  if (options.pretty) {
    // Sorted, not ordered_json: that looks through an object from its start for each key.
    json = nlohmann::json::parse(json.view()).dump(4) + "\n";
  }
  http::Response response;
  response.body = std::move(json);
  response.header_block.reserve(kCatalogHeaderBytes);
  response.header_block +=
      "Content-Type: application/json\r\n"
      "X-Consul-KnownLeader: true\r\nX-Consul-LastContact: 0\r\n"
      "X-Consul-Query-Backend: blocking-query\r\n";
  response.AddHeader("X-Consul-Index", std::to_string(index.value()));
  response.AddHeader("X-Consul-Effective-Consistency", NameOf(options.consistency));
  return response;
}

http::Response ErrorResponse(const Error& error) {
  return http::TextResponse(StatusOf(error.code), error.message);
}

http::Response EmptyOk() { return http::EmptyResponse(200); }

http::Body Render(const nlohmann::ordered_json& value) { return model::Dump(value); }

}  // namespace rollcall::api
