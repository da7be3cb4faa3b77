#include "api/acl/acl_misc.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "api/reply.h"
#include "registry/acl/rule_parser.h"
#include "registry/acl/rule_writer.h"

namespace rollcall::api {
namespace {

using ExchangePtr = std::shared_ptr<http::Exchange>;

// Go's time that was never set.
constexpr const char* kNeverInGo = "0001-01-01T00:00:00Z";

}  // namespace

http::Handler AclReplicationHandler() {
  return [](const ExchangePtr& exchange) {
    const nlohmann::ordered_json status = {
        {"Enabled", false},          {"Running", false},          {"SourceDatacenter", ""},
        {"ReplicationType", ""},     {"ReplicatedIndex", 0},      {"ReplicatedRoleIndex", 0},
        {"ReplicatedTokenIndex", 0}, {"LastSuccess", kNeverInGo}, {"LastError", kNeverInGo}};
    exchange->Respond(http::JsonResponse(Render(status)));
  };
}

http::Handler TranslateRulesHandler() {
  return [](const ExchangePtr& exchange) {
    Result<acl::Rules> rules = acl::ParseRules(exchange->request().body());
    if (!rules) {
      return exchange->Respond(
          ErrorResponse(InvalidArgument("Failed to parse ACL rules: " + rules.error().message)));
    }
    for (acl::Rule& rule : rules->named) rule.match = acl::Match::kPrefix;
    exchange->Respond(http::TextResponse(200, acl::WriteRules(*rules)));
  };
}

}  // namespace rollcall::api
