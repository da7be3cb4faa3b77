// ApiTest with access controlled by tokens, which a test puts into the catalog by itself.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored.h"
#include "tests/api/api_fixture.h"

namespace rollcall::api {

inline acl::BearerCache::Options Closed() {
  acl::BearerCache::Options access;
  access.enabled = true;
  access.otherwise = acl::DefaultPolicy::kDeny;
  return access;
}

class AccessApiTest : public ApiTest {
 public:
  static std::string AccessorOf(const std::string& secret) {
    return "dddddddd-0000-4000-8000-" + acl::HashSecret(secret).substr(0, 12);
  }

  // The ID of the policy that PutRules makes.
  static std::string PolicyOf(const std::string& secret) {
    return "aaaaaaaa-0000-4000-8000-" + acl::HashSecret(secret).substr(0, 12);
  }

 protected:
  explicit AccessApiTest(acl::BearerCache::Options access = Closed(),
                         const OpenCatalog& open = OpenVolatile)
      : ApiTest(open, 100'000, std::move(access)) {
    acl::Token management;
    management.policy_ids = {std::string(acl::kGlobalManagementId)};
    PutToken("management", std::move(management));
  }

  void PutAcl(model::AclObject object) {
    Write(model::ChangeAcl{catalog().snapshots().Get()->acl_index(), {std::move(object)}, {}});
  }
  // `secret` is also what its accessor is made from.
  void PutToken(const std::string& secret, acl::Token token) {
    token.accessor_id = AccessorOf(secret);
    token.secret_hash = acl::HashSecret(secret);
    PutAcl(acl::WriteToken(token));
  }
  // With a policy of its own.
  void PutRules(const std::string& secret, const std::string& rules,
                std::optional<UtcTime> expires = std::nullopt) {
    const std::string policy = PolicyOf(secret);
    PutAcl(acl::WritePolicy({policy, "of-" + secret, "", rules, {}}));
    acl::Token token;
    token.policy_ids = {policy};
    token.expiration_time = expires;
    PutToken(secret, std::move(token));
  }
  void RemoveToken(const std::string& secret) {
    Write(model::ChangeAcl{catalog().snapshots().Get()->acl_index(),
                           {},
                           {{model::AclKind::kToken, Text(acl::HashSecret(secret))}}});
  }

  static httplib::Headers With(const std::string& secret) {
    return secret.empty() ? httplib::Headers() : httplib::Headers{{"X-Consul-Token", secret}};
  }
  Answer GetAs(const std::string& secret, const std::string& target) const {
    return Get(target, With(secret));
  }
  Answer PutAs(const std::string& secret, const std::string& target,
               const nlohmann::json& body = nullptr) const {
    httplib::Client client("127.0.0.1", port());
    return From(
        client.Put(target, With(secret), body.is_null() ? "" : body.dump(), "application/json"));
  }
};

}  // namespace rollcall::api
