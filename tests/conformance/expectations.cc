#include "tests/conformance/expectations.h"

#include <stdexcept>

namespace rollcall::conformance {
namespace {

struct PathRule {
  const char* pattern;  // a last '*' stands for the rest
  const char* not_yet;  // why it is not served yet; null: it is served
};

// The first that matches counts.
constexpr PathRule kPaths[] = {
    {"/v1/catalog/register", nullptr},
    {"/v1/catalog/deregister", nullptr},
    {"/v1/catalog/datacenters", nullptr},
    {"/v1/catalog/nodes", nullptr},
    {"/v1/catalog/services", nullptr},
    {"/v1/catalog/service/*", nullptr},
    {"/v1/catalog/node/*", nullptr},
    {"/v1/catalog/node-services/*", nullptr},
    {"/v1/health/service/*", nullptr},
    {"/v1/health/node/*", nullptr},
    {"/v1/health/checks/*", nullptr},
    {"/v1/health/state/*", nullptr},
    {"/v1/agent/self", nullptr},
    {"/v1/agent/services", nullptr},
    {"/v1/agent/checks", nullptr},
    {"/v1/agent/service/register", nullptr},
    {"/v1/agent/service/deregister/*", nullptr},
    {"/v1/agent/check/*", nullptr},
    {"/v1/status/leader", nullptr},
    {"/v1/status/peers", nullptr},
    // Served by nobody: the answer is 404.
    {"/v1/nosuch", nullptr},
    {"/v1/catalog/nosuch", nullptr},
    {"/nosuch", nullptr},
    {"/", "the page at /"},
    {"/v1/agent/maintenance", "maintenance mode"},
    {"/v1/agent/service/maintenance/*", "maintenance mode"},
    {"/v1/agent/health/*", "the agent's own health endpoints"},
    {"/v1/agent/service/*", "one service of the agent"},
};

// Query parameters that are not understood yet.
constexpr const char* kParametersOfLater[] = {"filter", "near", "node-meta", "cached"};

// Steps whose answer shows what a step before them did, which is not served yet.
struct Consequence {
  const char* scenario;
  int number;
  const char* request;
  const char* not_yet;
};
constexpr Consequence kConsequences[] = {
    {"agent: register services", 42, "GET /v1/health/checks/db", "maintenance mode"},
};

constexpr char kOursNotTheServers[] = "the client's mistake, not the server's";
constexpr char kUnknownId[] = "an id that is not there, no failure of the server";
constexpr char kOwnWords[] = "says what was expected where, not how a Go program names its types";

bool Matches(const std::string& path, const std::string& pattern) {
  if (!pattern.ends_with('*')) return path == pattern;
  return path.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool HasParameter(const std::string& query, const std::string& name) {
  const std::string all = "&" + query;
  const size_t at = all.find("&" + name);
  if (at == std::string::npos) return false;
  const size_t end = at + 1 + name.size();
  return end == all.size() || all[end] == '=' || all[end] == '&';
}

}  // namespace

std::optional<std::string> NotServedYet(const RecordedStep& step) {
  for (const Consequence& each : kConsequences) {
    if (each.scenario != step.scenario || each.number != step.number) continue;
    if (each.request != step.Request()) throw std::logic_error("another step: " + step.Request());
    return each.not_yet;
  }
  const size_t mark = step.path.find('?');
  const std::string path = step.path.substr(0, mark);
  const std::string query = mark == std::string::npos ? "" : step.path.substr(mark + 1);
  for (const PathRule& rule : kPaths) {
    if (!Matches(path, rule.pattern)) continue;
    if (rule.not_yet != nullptr) return rule.not_yet;
    for (const char* parameter : kParametersOfLater) {
      if (HasParameter(query, parameter)) return "?" + std::string(parameter);
    }
    return std::nullopt;
  }
  throw std::logic_error("no rule for " + path);
}

const std::vector<DeliberateDifference>& DeliberateDifferences() {
  static const std::vector<DeliberateDifference> kTable = {
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
