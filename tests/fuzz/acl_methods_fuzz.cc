// Fuzz target: auth methods and binding rules, as clients send them and as they are stored, logins,
// and the templates of names. The first byte says which, the rest is the text. What must hold: a
// request that is accepted makes an object that is stored and read back as the same, and whose
// answer can be sent back; a record that is read is what would be written; a name is one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "registry/acl/identities.h"
#include "registry/acl/methods/answers.h"
#include "registry/acl/methods/bind_name.h"
#include "registry/acl/methods/drafts.h"
#include "registry/acl/methods/login_request.h"
#include "registry/acl/methods/requests.h"
#include "registry/acl/methods/stored.h"
#include "registry/model/json.h"

namespace {

using namespace rollcall::acl;  // NOLINT(google-build-using-namespace)
using rollcall::ErrorCode;
using rollcall::Result;
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

void TryMethod(std::string_view text) {
  const auto request = ParseAuthMethodRequest(text);
  if (!IsAccepted(request, ErrorCode::kInvalidArgument)) return;
  const auto method = MakeAuthMethod(*request, nullptr);
  if (!IsAccepted(method, ErrorCode::kInvalidArgument)) return;
  Require(ReadAuthMethod(WriteAuthMethod(*method)).value() == *method);
  const auto answer = rollcall::model::Dump(AuthMethodJson(*method, {}));
  Require(ParseAuthMethodRequest(answer).value() == *method);
}

void TryRule(std::string_view text) {
  const auto request = ParseBindingRuleRequest(text);
  if (!IsAccepted(request, ErrorCode::kInvalidArgument)) return;
  AuthMethod method;
  method.name = "m";
  method.config = R"({"JWKSURL":"http://i","ClaimMappings":{"sub":"x"}})";
  const auto rule = MakeBindingRule(
      *request, nullptr, [&method](std::string_view) { return method; },
      [](std::string_view, const auto&) { return Result<void>(); });
  if (!IsAccepted(rule, ErrorCode::kInvalidArgument)) return;
  Require(ReadBindingRule(WriteBindingRule(*rule)).value() == *rule);
  Require(ParseBindingRuleRequest(rollcall::model::Dump(BindingRuleJson(*rule, {}))).has_value());
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

void TryName(std::string_view text) {
  const auto name = ComputeBindName(BindType::kService, text, {{"x", "A-b"}, {"y", "}${value.x}"}});
  if (!IsAccepted(name, ErrorCode::kInvalidArgument)) return;
  Require(ServiceIdentityRules(*name).has_value());
}

void TryLogin(std::string_view text) {
  const auto request = ParseLoginRequest(text);
  if (!IsAccepted(request, ErrorCode::kInvalidArgument)) return;
  Require(LoginDescription(*request).size() < 512 * 1024);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  switch (data[0] % 6) {
    case 0:
      TryMethod(text);
      break;
    case 1:
      TryRule(text);
      break;
    case 2:
      TryStored(AclKind::kAuthMethod, "ci", text, ReadAuthMethod, WriteAuthMethod);
      break;
    case 3:
      TryStored(AclKind::kBindingRule, kId, text, ReadBindingRule, WriteBindingRule);
      break;
    case 4:
      TryName(text);
      break;
    default:
      TryLogin(text);
      break;
  }
  return 0;
}
