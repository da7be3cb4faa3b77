#include "api/reply.h"

#include <nlohmann/json.hpp>
#include <string>

namespace rollcall::api {
namespace {

// The header fields of a catalog answer, and a few more that are added to them.
constexpr size_t kCatalogHeaderBytes = 320;

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

http::Response CatalogResponse(http::Body json, Index index, const QueryOptions& options,
                               const Freshness& freshness) {
  if (options.pretty) {
    // Sorted, not ordered_json: that looks through an object from its start for each key.
    json = nlohmann::json::parse(json.view()).dump(4) + "\n";
  }
  http::Response response;
  response.body = std::move(json);
  response.header_block.reserve(kCatalogHeaderBytes);
  response.header_block +=
      "Content-Type: application/json\r\n"
      "X-Consul-Query-Backend: blocking-query\r\n";
  response.AddHeader("X-Consul-KnownLeader", freshness.known_leader ? "true" : "false");
  response.AddHeader("X-Consul-LastContact", std::to_string(freshness.last_contact.count()));
  response.AddHeader("X-Consul-Index", std::to_string(index.value()));
  response.AddHeader("X-Consul-Effective-Consistency", NameOf(options.consistency));
  return response;
}

}  // namespace rollcall::api
