#include "registry/acl/objects/id_conflicts.h"

#include <algorithm>
#include <string>

#include "registry/acl/objects/secrets.h"
#include "registry/base/ascii.h"

namespace rollcall::acl {
namespace {

std::string InCapitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

Error InUse(std::string_view member) {
  return InvalidArgument("Invalid Token: " + std::string(member) + " is already in use");
}

}  // namespace

Result<void> CheckIdsAreFree(const TokenAndSecret& token, const TokenLookUps& there_is) {
  const std::string accessor = AsciiLower(token.token.accessor_id);
  if (there_is.has_accessor(accessor) || there_is.has_secret(HashSecret(accessor)) ||
      there_is.has_secret(HashSecret(InCapitals(accessor)))) {
    return InUse("AccessorID");
  }
  if (there_is.has_secret(token.token.secret_hash) ||
      there_is.has_accessor(AsciiLower(token.secret))) {
    return InUse("SecretID");
  }
  return {};
}

}  // namespace rollcall::acl
