#include "agent/routes/token_route.h"

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "api/shared/access_check.h"
#include "api/shared/agent_json.h"
#include "api/shared/agent_requests.h"
#include "api/shared/error_response.h"
#include "registry/model/json_fields.h"

namespace rollcall::agent {
namespace {

struct TokenName {
  std::string_view name;
  std::string Tokens::*token;
};
// The newer names, and those of Consul 1.4 and before.
constexpr std::array<TokenName, 7> kTokenNames = {
    {{"default", &Tokens::user},
     {"agent", &Tokens::agent},
     {"dns", &Tokens::dns},
     {"replication", &Tokens::replication},
     {"acl_token", &Tokens::user},
     {"acl_agent_token", &Tokens::agent},
     {"acl_replication_token", &Tokens::replication}}};

Result<void> TakeTokenOf(RouteContext& context, const http::Request& request) {
  const std::string_view name = request.PathParameter("name");
  const TokenName* found = nullptr;
  for (const TokenName& each : kTokenNames) {
    if (each.name == name) found = &each;
  }
  if (found == nullptr) return NotFound("Token \"" + std::string(name) + "\" is unknown");
  const Result<nlohmann::json> body = api::JsonBody(request);
  if (!body) return body.error();
  std::string secret;
  Result<void> read = model::FieldReader(*body, "").Read("Token", &secret).Finish();
  if (!read) return model::DecodeFailed(read.error());
  if (!secret.empty() && !IsTokenText(secret)) {
    return InvalidArgument("a token has no blanks and nothing but ASCII in it");
  }
  Tokens tokens = context.tokens.Own();
  tokens.*found->token = std::move(secret);
  context.actions.use_tokens(std::move(tokens));
  return {};
}

}  // namespace

std::string TokenOf(const http::Request& request) { return std::string(api::SecretIn(request)); }

http::Handler TokenHandler(RouteContext& context) {
  return [&context](const std::shared_ptr<http::Exchange>& exchange) {
    if (!context.guard.enabled()) return exchange->Respond(api::AclSupportDisabled());
    if (Result<void> done = TakeTokenOf(context, exchange->request()); !done) {
      return exchange->Respond(api::ErrorResponse(done.error()));
    }
    context.actions.when_kept([exchange](const Result<void>& kept) {
      exchange->Respond(kept ? api::EmptyOk()
                             : http::TextResponse(500, "It is used, but a restart would lose it: " +
                                                           kept.error().message));
    });
  };
}

}  // namespace rollcall::agent
