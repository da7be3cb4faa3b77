#include "tests/conformance/expectations.h"

#include <stdexcept>

namespace rollcall::conformance {
namespace {

constexpr char kOursNotTheServers[] = "the client's mistake, not the server's";
constexpr char kUnknownId[] = "an id that is not there, no failure of the server";
constexpr char kOwnWords[] = "says what was expected where, not how a Go program names its types";

}  // namespace

const std::vector<DeliberateDifference>& DeliberateDifferences() {
  static const std::vector<DeliberateDifference> kTable = {
      {"catalog: tags, filters, node-meta", 15, "GET /v1/catalog/service/api?filter=bogus+%3D%3D+1",
       400, std::nullopt, kOursNotTheServers},
      {"catalog: tags, filters, node-meta", 16, "GET /v1/catalog/service/api?filter=%28%28", 400,
       std::nullopt, kOursNotTheServers},
      {"catalog: tags, filters, node-meta", 17,
       "GET /v1/catalog/service/api?filter=ServiceMeta.nope+is+not+empty", 400, std::nullopt,
       kOursNotTheServers},
      {"catalog: tags, filters, node-meta", 28,
       "GET /v1/health/service/api?filter=Node.Meta.os+%3D%3D+linux+and+Service.Port+%3E+1", 400,
       std::nullopt, kOursNotTheServers},
      {"catalog: tags, filters, node-meta", 34, "GET /v1/health/service/api?dc=nope", 400,
       std::nullopt, kOursNotTheServers},
      {"catalog: tags, filters, node-meta", 39, "GET /v1/catalog/nodes?dc=nope", 400, std::nullopt,
       kOursNotTheServers},
      {"catalog: bad writes", 0, "PUT /v1/catalog/register", 400, std::nullopt, kOursNotTheServers},
      {"catalog: bad writes", 1, "PUT /v1/catalog/register", 400, std::nullopt, kOursNotTheServers},
      {"catalog: bad writes", 2, "PUT /v1/catalog/register", 400, std::nullopt, kOursNotTheServers},
      {"catalog: bad writes", 3, "PUT /v1/catalog/register", 400,
       "Request decode failed: unexpected end of JSON at byte 8", kOwnWords},
      {"catalog: bad writes", 4, "PUT /v1/catalog/register", 400,
       "Request decode failed: unexpected end of JSON at byte 0", kOwnWords},
      {"catalog: bad writes", 5, "PUT /v1/catalog/register", 400,
       "Request decode failed: expected an object, found an array", kOwnWords},
      {"catalog: bad writes", 6, "PUT /v1/catalog/register", 400,
       "Request decode failed: Node: expected a string, found a number", kOwnWords},
      {"catalog: bad writes", 7, "PUT /v1/catalog/register", 400, std::nullopt, kOursNotTheServers},
      {"catalog: bad writes", 8, "PUT /v1/catalog/register", 400,
       "Request decode failed: Service.Port: expected a whole number, found a string", kOwnWords},
      {"catalog: bad writes", 10, "PUT /v1/catalog/register", 400, std::nullopt,
       kOursNotTheServers},
      {"catalog: bad writes", 12, "PUT /v1/catalog/register", 400, std::nullopt,
       kOursNotTheServers},
      {"catalog: bad writes", 13, "PUT /v1/catalog/register", 400, std::nullopt,
       kOursNotTheServers},
      {"catalog: bad writes", 14, "PUT /v1/catalog/register", 400,
       "Request decode failed: unknown field \"Unknown\"", kOwnWords},
      {"catalog: bad writes", 17, "PUT /v1/catalog/deregister", 400, std::nullopt,
       kOursNotTheServers},
      {"catalog: bad writes", 18, "PUT /v1/catalog/deregister", 400,
       "Request decode failed: unexpected end of JSON at byte 1", kOwnWords},
      {"catalog: bad writes", 22, "PUT /v1/catalog/deregister", 400, std::nullopt,
       kOursNotTheServers},
      {"catalog: bad writes", 31, "HEAD /v1/catalog/nodes", 200, std::nullopt,
       "HEAD is GET without the body (RFC 9110 section 9.3.2)"},
      {"query options", 9, "GET /v1/health/service/qo?cached", 200, std::nullopt,
       "kept since an earlier read, cached or not, and dropped by the change that makes it stale",
       "x-cache", "HIT"},
      {"query options", 14, "GET /v1/health/service/qo?dc=DC1", 400, std::nullopt,
       kOursNotTheServers},
      {"agent: register services", 19, "PUT /v1/agent/service/register", 400,
       "Request decode failed: unexpected end of JSON at byte 1", kOwnWords},
      {"agent: register services", 25, "PUT /v1/agent/service/register", 400,
       "Request decode failed: Port: expected a whole number, found a string", kOwnWords},
      {"agent: register services", 30, "PUT /v1/agent/service/register", 400,
       "Request decode failed: unknown field \"Nonsense\"", kOwnWords},
      {"agent: checks and TTL", 13, "PUT /v1/agent/check/update/mem", 400,
       "Request decode failed: unexpected end of JSON at byte 1", kOwnWords},
      {"agent: checks and TTL", 14, "PUT /v1/agent/check/pass/nosuch", 404, std::nullopt,
       kUnknownId},
      {"agent: checks and TTL", 15, "PUT /v1/agent/check/warn/nosuch", 404, std::nullopt,
       kUnknownId},
      {"agent: checks and TTL", 20, "PUT /v1/agent/check/register", 404, std::nullopt, kUnknownId},
      {"agent: checks and TTL", 24, "PUT /v1/agent/check/register", 400, std::nullopt,
       kOursNotTheServers},
      {"agent: checks and TTL", 25, "PUT /v1/agent/check/pass/x", 400, std::nullopt,
       kOursNotTheServers},
  };
  return kTable;
}

const DeliberateDifference* FindDifference(const RecordedStep& step) {
  for (const DeliberateDifference& each : DeliberateDifferences()) {
    if (each.scenario != step.scenario || each.number != step.number) continue;
    if (each.request != step.Request()) throw std::logic_error("another step: " + step.Request());
    return &each;
  }
  return nullptr;
}

}  // namespace rollcall::conformance
