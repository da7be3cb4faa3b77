#include "registry/access/group_secret.h"

#include <openssl/crypto.h>

#include <utility>

#include "registry/acl/objects/secrets.h"
#include "registry/model/records.h"

namespace rollcall::acl {
namespace {

constexpr std::string_view kServersId = "servers";

}  // namespace

std::string GroupSecretIn(const catalog::Snapshot& snapshot) {
  const model::AclObject* const object = snapshot.FindAcl(model::AclKind::kBootstrap, kServersId);
  return object == nullptr ? std::string() : object->content.str();
}

bool IsGroupSecret(std::string_view presented, const catalog::Snapshot& snapshot) {
  const std::string secret = GroupSecretIn(snapshot);
  return !secret.empty() && presented.size() == secret.size() &&
         CRYPTO_memcmp(presented.data(), secret.data(), secret.size()) == 0;
}

Result<std::optional<model::ChangeAcl>> DrawGroupSecret(const catalog::Snapshot& snapshot) {
  if (!GroupSecretIn(snapshot).empty()) return std::optional<model::ChangeAcl>();
  Result<std::string> secret = RandomUuid();
  if (!secret) return secret.error();
  model::AclObject object;
  object.kind = model::AclKind::kBootstrap;
  object.id = kServersId;
  object.content = *std::move(secret);
  return std::optional(model::ChangeAcl{snapshot.acl_index(), {std::move(object)}, {}});
}

}  // namespace rollcall::acl
