#include "api/access/rules_handler.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/reply.h"
#include "registry/acl/objects/grants.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/rule_writer.h"
#include "registry/base/rfc3339.h"

namespace rollcall::api {
namespace {

nlohmann::ordered_json AccessRulesJson(const acl::Token& token,
                                       const std::vector<acl::Rules>& rules,
                                       acl::DefaultPolicy otherwise) {
  nlohmann::ordered_json answer;
  answer["AccessorID"] = token.accessor_id;
  if (token.expiration_time) answer["ExpirationTime"] = FormatRfc3339(*token.expiration_time);
  answer["DefaultPolicy"] = otherwise == acl::DefaultPolicy::kAllow ? "allow" : "deny";
  answer["Rules"] = nlohmann::ordered_json::array();
  for (const acl::Rules& each : rules) answer["Rules"].push_back(acl::WriteRules(each));
  return answer;
}

// In the words that clients know, as BearerCache.
Error AsRefusal(const Error& error) {
  return error.code == ErrorCode::kNotFound ? TokenNotFound() : error;
}

http::Response AccessRules(ApiWorker& worker, const acl::Bearer& bearer) {
  const acl::BearerCache::Options& access = worker.bearers().options();
  if (!access.enabled) return AclSupportDisabled();
  const auto snapshot = worker.Snapshot();
  const acl::GrantContext context{
      [&snapshot](model::AclKind kind, std::string_view id) { return snapshot->FindAcl(kind, id); },
      access.datacenter, access.now(), access.otherwise};
  const auto token = acl::FindTokenByHash(acl::HexOf(bearer.digest), context);
  if (!token) return ErrorResponse(AsRefusal(token.error()));
  const auto rules = acl::RulesOf(*token, context);
  if (!rules) return ErrorResponse(AsRefusal(rules.error()));
  return http::JsonResponse(Render(AccessRulesJson(*token, *rules, access.otherwise)));
}

}  // namespace

AccessHandler AccessRulesHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<http::Exchange>& exchange, const acl::BearerPtr& bearer) {
    exchange->Respond(AccessRules(worker, *bearer));
  };
}

}  // namespace rollcall::api
