#include "api/shared/access_check.h"

#include <algorithm>

#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

// RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section 11.1).
std::string_view BearerTokenIn(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) return {};
  authorization.remove_prefix(kScheme.size());
  const size_t begin = std::min(authorization.find_first_not_of(' '), authorization.size());
  authorization.remove_prefix(begin);
  const size_t end = authorization.find_last_not_of(' ');
  return authorization.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

std::string_view SecretIn(const http::Request& request) {
  if (const auto token = request.FindQuery("token"); token && !token->empty()) return *token;
  if (const auto token = request.FindHeader("X-Consul-Token"); token && !token->empty()) {
    return *token;
  }
  const auto authorization = request.FindHeader("Authorization");
  return authorization ? BearerTokenIn(*authorization) : std::string_view();
}

bool IsMet(const Needs& needs, const acl::Authorizer& may, const http::Request& request,
           std::string_view own_node) {
  const std::string_view name =
      needs.name == Needs::Name::kInPath ? request.PathParameter(needs.parameter) : own_node;
  const bool writes = needs.right == acl::Right::kWrite;
  return std::all_of(needs.scalars.begin(), needs.scalars.end(),
                     [&](acl::Scalar s) { return writes ? may.MayWrite(s) : may.MayRead(s); }) &&
         std::all_of(needs.resources.begin(), needs.resources.end(), [&](acl::Resource r) {
           return writes ? may.MayWrite(r, name) : may.MayRead(r, name);
         });
}

Error PermissionDenied() { return {ErrorCode::kPermissionDenied, "Permission denied"}; }

Error TokenNotFound() { return {ErrorCode::kPermissionDenied, "ACL not found"}; }

}  // namespace rollcall::api
