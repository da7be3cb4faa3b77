// `rollcall acl auth-method`
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/acl_calls.h"
#include "cli/acl_command.h"
#include "cli/acl_text.h"
#include "cli/console.h"

namespace rollcall::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kMethodNotes = R"(
The configuration is JSON; docs/jwt.md has its settings, and what a login is refused for:
  {"JWKSURL": "https://issuer.example/.well-known/jwks.json",
   "BoundIssuer": "https://issuer.example", "BoundAudiences": ["rollcall"],
   "ClaimMappings": {"sub": "job"}}

Example:
  rollcall acl auth-method create --name ci --type jwt --max-token-ttl 30m --config @ci.json
)";

struct MethodFlags {
  std::string name;
  std::optional<std::string> type;
  std::optional<std::string> display_name;
  std::optional<std::string> description;
  std::optional<std::string> max_token_ttl;
  std::optional<std::string> token_locality;
  std::optional<std::string> config;
};

// What the flags name goes into `body`.
Result<void> Apply(const MethodFlags& flags, ordered_json* body) {
  const std::pair<const char*, const std::optional<std::string>&> texts[] = {
      {"Type", flags.type},
      {"DisplayName", flags.display_name},
      {"Description", flags.description},
      {"MaxTokenTTL", flags.max_token_ttl},
      {"TokenLocality", flags.token_locality}};
  for (const auto& [key, text] : texts) {
    if (text) (*body)[key] = *text;
  }
  if (!flags.config) return {};
  const Result<std::string> text = RulesFrom(*flags.config);
  if (!text) return text.error();
  ordered_json config = ordered_json::parse(*text, nullptr, false);
  if (!config.is_object()) return InvalidArgument("--config: a JSON object is expected");
  (*body)["Config"] = std::move(config);
  return {};
}

std::string MethodPath(const std::string& name) {
  return "/v1/acl/auth-method/" + EncodeSegment(name);
}

int CreateMethod(const ClientOptions& options, const MethodFlags& flags) {
  ordered_json body = {{"Name", flags.name}};
  if (Result<void> ok = Apply(flags, &body); !ok) return Fail(ok.error());
  return CallAndShow(
      options,
      [&](RegistryClient& client) {
        return BodyOf(client.Put("/v1/acl/auth-method", body.dump()));
      },
      AuthMethodText);
}

int UpdateMethod(const ClientOptions& options, const MethodFlags& flags) {
  const auto update = [&](RegistryClient& client) -> Result<std::string> {
    Result<ordered_json> body = FetchByName(client, "auth-method", {flags.name, std::nullopt});
    if (!body) return body.error();
    if (Result<void> ok = Apply(flags, &*body); !ok) return ok.error();
    return BodyOf(client.Put(MethodPath(flags.name), body->dump()));
  };
  return CallAndShow(options, update, AuthMethodText);
}

int ReadMethod(const ClientOptions& options, const MethodFlags& flags) {
  return CallAndShow(
      options, [&](RegistryClient& client) { return BodyOf(client.Get(MethodPath(flags.name))); },
      AuthMethodText);
}

int DeleteMethod(const ClientOptions& options, const MethodFlags& flags) {
  return DeleteByName(options, "auth-method", {flags.name, std::nullopt});
}

int ListMethods(const ClientOptions& options, const MethodFlags&) {
  return CallAndShow(
      options, [](RegistryClient& client) { return BodyOf(client.Get("/v1/acl/auth-methods")); },
      AuthMethodListText);
}

void AddMethodName(CLI::App& command, MethodFlags* flags) {
  command.add_option("--name", flags->name, "Its name")->required();
}

void AddMethodContent(CLI::App& command, MethodFlags* flags) {
  command.footer(kMethodNotes);
  command.add_option("--display-name", flags->display_name, "Its name for people");
  command.add_option("--description", flags->description, "What it is for");
  command.add_option("--max-token-ttl", flags->max_token_ttl,
                     "How long a login is good at the most, from 1m to 24h (default: as long as "
                     "what was shown)");
  command.add_option("--token-locality", flags->token_locality, "local or global (default local)");
  command.add_option("--config", flags->config,
                     "Its configuration, or @FILE, or - for standard input");
}

}  // namespace

void AddAclAuthMethodCommands(CLI::App& method, ClientOptions* options, int* exit_code) {
  const auto flags = std::make_shared<MethodFlags>();
  CLI::App& create = AddAclSubcommand(method, "create", "Make an auth method", flags, options,
                                      exit_code, CreateMethod);
  AddMethodName(create, flags.get());
  create.add_option("--type", flags->type, "jwt")->required();
  AddMethodContent(create, flags.get());

  CLI::App& update = AddAclSubcommand(method, "update", "Change an auth method", flags, options,
                                      exit_code, UpdateMethod);
  AddMethodName(update, flags.get());
  AddMethodContent(update, flags.get());

  AddMethodName(AddAclSubcommand(method, "read", "Show an auth method with its configuration",
                                 flags, options, exit_code, ReadMethod),
                flags.get());
  AddMethodName(AddAclSubcommand(method, "delete",
                                 "Remove an auth method, with its binding rules and its tokens",
                                 flags, options, exit_code, DeleteMethod),
                flags.get());
  AddAclSubcommand(method, "list", "List all auth methods", flags, options, exit_code, ListMethods);
}

}  // namespace rollcall::cli
