// Fuzz target: tokens, policies and roles, as clients send them and as they are stored. The first
// byte says which, the rest is the text. What must hold: a request that is accepted makes an object
// that is stored and read back as the same; a record that is read is what would be written.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "registry/acl/objects/answers.h"
#include "registry/acl/objects/drafts.h"
#include "registry/acl/objects/grants.h"
#include "registry/acl/objects/requests.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored.h"
#include "registry/model/json.h"

namespace {

using namespace rollcall::acl;  // NOLINT(google-build-using-namespace)
using rollcall::ErrorCode;
using rollcall::Result;
using rollcall::UtcTime;
using rollcall::model::AclKind;
using rollcall::model::AclObject;

constexpr const char* kId = "aaaaaaaa-0000-4000-8000-000000000001";

void Require(bool holds) {
  if (!holds) std::abort();
}

template <typename T>
bool IsAccepted(const Result<T>& result, ErrorCode otherwise) {
  if (!result) Require(result.error().code == otherwise && !result.error().message.empty());
  return result.has_value();
}

std::optional<std::string> AnyLink(const LinkRequest& link) {
  return link.id.empty() ? kId : link.id;
}

std::optional<std::string> AnyName(AclKind /*kind*/, std::string_view id) {
  return std::string(id);
}

const AclObject* NoObject(AclKind /*kind*/, std::string_view /*id*/) { return nullptr; }

void TryTokenRequest(std::string_view text) {
  const auto request = ParseTokenRequest(text);
  if (!IsAccepted(request, ErrorCode::kInvalidArgument)) return;
  const UtcTime now{std::chrono::hours(500'000)};
  const auto made = NewToken(*request, {AnyLink, AnyLink}, now);
  if (!IsAccepted(made, ErrorCode::kInvalidArgument)) return;
  Require(ReadToken(WriteToken(made->token)).value() == made->token);
  Require(AuthorizerOf(made->token, {NoObject, "dc1", now, DefaultPolicy::kDeny}).has_value());
  const auto answer = TokenJson(made->token, made->secret, {}, AnyName);
  Require(ParseTokenRequest(rollcall::model::Dump(answer)).has_value());
}

void TryPolicyRequest(std::string_view text) {
  const auto policy = ParsePolicyRequest(text);
  if (!IsAccepted(policy, ErrorCode::kInvalidArgument)) return;
  Require(ReadPolicy(WritePolicy(*policy)).value() == *policy);
  const auto answer = rollcall::model::Dump(PolicyJson(*policy, {}));
  Require(ParsePolicyRequest(answer).value() == *policy);
}

void TryRoleRequest(std::string_view text) {
  const auto request = ParseRoleRequest(text);
  if (!IsAccepted(request, ErrorCode::kInvalidArgument)) return;
  const Role role = MakeRole(*request, AnyLink).value();
  Require(ReadRole(WriteRole(role)).value() == role);
}

template <typename Read, typename Write>
void TryStored(AclKind kind, std::string_view id, std::string_view text, const Read& read,
               const Write& write) {
  AclObject object;
  object.kind = kind;
  object.id = id;
  object.content = text;
  const auto value = read(object);
  if (!IsAccepted(value, ErrorCode::kCorruption)) return;
  Require(write(*value).content == object.content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  switch (data[0] % 6) {
    case 0:
      TryTokenRequest(text);
      break;
    case 1:
      TryPolicyRequest(text);
      break;
    case 2:
      TryRoleRequest(text);
      break;
    case 3:
      TryStored(AclKind::kToken, HashSecret("x"), text, ReadToken, WriteToken);
      break;
    case 4:
      TryStored(AclKind::kPolicy, kId, text, ReadPolicy, WritePolicy);
      break;
    default:
      TryStored(AclKind::kRole, kId, text, ReadRole, WriteRole);
      break;
  }
  return 0;
}
