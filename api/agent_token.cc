#include "api/agent_token.h"

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "api/reply.h"
#include "registry/model/json.h"
#include "registry/model/json_fields.h"

namespace rollcall::api {
namespace {

using ExchangePtr = std::shared_ptr<http::Exchange>;

constexpr std::array<std::string_view, 7> kTokenKinds = {"default",
                                                         "agent",
                                                         "dns",
                                                         "replication",
                                                         "acl_token",
                                                         "acl_agent_token",
                                                         "acl_replication_token"};

Result<std::string> TokenIn(std::string_view body) {
  const auto failed = [](const Error& error) {
    return InvalidArgument("Request decode failed: " + error.message);
  };
  const Result<nlohmann::json> parsed = model::ParseJson(body);
  if (!parsed) return failed(parsed.error());
  std::string token;
  model::FieldReader reader(*parsed, "");
  reader.Read("Token", &token);
  if (Result<void> ok = reader.Finish(); !ok) return failed(ok.error());
  return token;
}

void SetToken(ApiWorker& worker, const ExchangePtr& exchange) {
  if (!worker.bearers().enabled()) {
    return exchange->Respond(AclSupportDisabled());
  }
  const std::string_view name = exchange->request().PathParameter("name");
  if (std::find(kTokenKinds.begin(), kTokenKinds.end(), name) == kTokenKinds.end()) {
    return exchange->Respond(
        ErrorResponse(NotFound("Token " + model::Quoted(name) + " is unknown")));
  }
  Result<std::string> token = TokenIn(exchange->request().body());
  if (!token) return exchange->Respond(ErrorResponse(token.error()));
  OwnTokens& tokens = worker.shared().tokens;
  if (name == "default" || name == "acl_token")
    tokens.SetDefault(*std::move(token));
  else if (name == "dns")
    tokens.SetDns(*std::move(token));
  exchange->Respond(EmptyOk());
}

}  // namespace

http::Handler AgentTokenHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { SetToken(worker, exchange); };
}

}  // namespace rollcall::api
