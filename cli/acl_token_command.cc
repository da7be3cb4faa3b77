// `rollcall acl token`
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/acl_calls.h"
#include "cli/acl_command.h"
#include "cli/acl_text.h"
#include "cli/console.h"

namespace rollcall::cli {
namespace {

using nlohmann::ordered_json;

struct TokenFlags {
  std::optional<std::string> id;
  std::optional<std::string> accessor;
  std::optional<std::string> description;
  std::optional<std::string> expires_ttl;
  bool local = false;
  bool self = false;
  AclLinks links;
};

std::string TokenPath(const std::string& accessor) {
  return "/v1/acl/token/" + EncodeSegment(accessor);
}

int CreateToken(const ClientOptions& options, const TokenFlags& flags) {
  ordered_json body = ordered_json::object();
  if (flags.accessor) body["AccessorID"] = *flags.accessor;
  if (flags.description) body["Description"] = *flags.description;
  if (flags.expires_ttl) body["ExpirationTTL"] = *flags.expires_ttl;
  if (flags.local) body["Local"] = true;
  if (Result<void> ok = ApplyLinks(flags.links, &body); !ok) {
    return Complain(ok.error().message), kUsageError;
  }
  return CallAndShow(
      options,
      [&](RegistryClient& client) { return BodyOf(client.Put("/v1/acl/token", body.dump())); },
      TokenText);
}

int UpdateToken(const ClientOptions& options, const TokenFlags& flags) {
  const auto update = [&](RegistryClient& client) -> Result<std::string> {
    const Result<Response> now = client.Get(TokenPath(*flags.id));
    if (!now) return now.error();
    ordered_json body = ordered_json::parse(now->body, nullptr, false);
    if (!body.is_object()) return Corruption("the answer is not a token");
    if (flags.description) body["Description"] = *flags.description;
    if (Result<void> ok = ApplyLinks(flags.links, &body); !ok) return ok.error();
    return BodyOf(client.Put(TokenPath(*flags.id), body.dump()));
  };
  return CallAndShow(options, update, TokenText);
}

int CloneToken(const ClientOptions& options, const TokenFlags& flags) {
  ordered_json body = ordered_json::object();
  if (flags.description) body["Description"] = *flags.description;
  return CallAndShow(
      options,
      [&](RegistryClient& client) {
        return BodyOf(client.Put(TokenPath(*flags.id) + "/clone", body.dump()));
      },
      TokenText);
}

int ReadToken(const ClientOptions& options, const TokenFlags& flags) {
  const std::string path = flags.self ? "/v1/acl/token/self" : TokenPath(flags.id.value_or(""));
  return CallAndShow(
      options, [&](RegistryClient& client) { return BodyOf(client.Get(path)); }, TokenText);
}

int DeleteToken(const ClientOptions& options, const TokenFlags& flags) {
  return DeleteByName(options, "token", {flags.id, std::nullopt});
}

int ListTokens(const ClientOptions& options, const TokenFlags&) {
  return CallAndShow(
      options, [](RegistryClient& client) { return BodyOf(client.Get("/v1/acl/tokens")); },
      TokenListText);
}

void AddId(CLI::App& command, TokenFlags* flags) {
  command.add_option("--id", flags->id, "The token's AccessorID")->required();
}

}  // namespace

void AddAclTokenCommands(CLI::App& token, ClientOptions* options, int* exit_code) {
  const auto flags = std::make_shared<TokenFlags>();
  CLI::App& create = AddAclSubcommand(token, "create", "Make a token, and print its secret", flags,
                                      options, exit_code, CreateToken);
  create.add_option("--accessor", flags->accessor, "Its AccessorID, a UUID (default: random)");
  create.add_option("--description", flags->description, "What it is for");
  create.add_option("--expires-ttl", flags->expires_ttl,
                    "How long it is good, from 1m to 24h (default: for ever)");
  create.add_flag("--local", flags->local, "Only in this datacenter");
  AddLinkOptions(create, AclOwner::kToken, &flags->links);

  CLI::App& update = AddAclSubcommand(token, "update", "Change what a token is linked with", flags,
                                      options, exit_code, UpdateToken);
  AddId(update, flags.get());
  update.add_option("--description", flags->description, "What it is for");
  AddLinkOptions(update, AclOwner::kToken, &flags->links);

  CLI::App& clone = AddAclSubcommand(token, "clone", "Make another token that may the same", flags,
                                     options, exit_code, CloneToken);
  AddId(clone, flags.get());
  clone.add_option("--description", flags->description, "What the new one is for");

  CLI::App& read =
      AddAclSubcommand(token, "read", "Show a token", flags, options, exit_code, ReadToken);
  CLI::Option_group* const which = read.add_option_group("Which one");
  which->add_option("--id", flags->id, "The token's AccessorID");
  which->add_flag("--self", flags->self, "The one that asks");
  which->require_option(1);

  AddId(AddAclSubcommand(token, "delete", "Remove a token", flags, options, exit_code, DeleteToken),
        flags.get());
  AddAclSubcommand(token, "list", "List all tokens, without their secrets", flags, options,
                   exit_code, ListTokens);
}

}  // namespace rollcall::cli
