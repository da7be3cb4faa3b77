// What the commands of `rollcall acl` have in common: how they ask, and what flags they share.
// Single-threaded, like the commands.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/client_options.h"
#include "cli/registry_client.h"
#include "registry/base/result.h"

namespace rollcall::cli {

// Asks by `call`, which returns the body of the answer, and prints it: as it is with --json, else
// as `text` has it. The command's exit code.
int CallAndShow(const ClientOptions& options,
                const std::function<Result<std::string>(RegistryClient&)>& call,
                const std::function<Result<std::string>(const std::string& body)>& text);

Result<std::string> BodyOf(Result<Response> response);

// A subcommand of `parent` that takes the target's flags and --json, and runs `run`.
template <typename Flags>
CLI::App& AddAclSubcommand(CLI::App& parent, const char* name, const char* text,
                           const std::shared_ptr<Flags>& flags, ClientOptions* options,
                           int* exit_code, int (*run)(const ClientOptions&, const Flags&)) {
  CLI::App* const command = parent.add_subcommand(name, text);
  AddTargetOptions(*command, options);
  AddJsonFlag(*command, options, "Print what the server answers");
  command->callback([=] { *exit_code = run(*options, *flags); });
  return *command;
}

// What --rules says: the text itself, @FILE, or - for standard input.
Result<std::string> RulesFrom(const std::string& argument);
// The first line of a file, or of standard input for -.
Result<std::string> ReadSecret(const std::string& file);

// What tokens and roles are linked with, as flags.
struct AclLinks {
  std::vector<std::string> policy_ids;
  std::vector<std::string> policy_names;
  std::vector<std::string> role_ids;  // of tokens only, as the next
  std::vector<std::string> role_names;
  std::vector<std::string> service_identities;  // NAME or NAME:DC,DC
  std::vector<std::string> node_identities;     // NAME:DC
};
enum class AclOwner { kToken, kRole };
void AddLinkOptions(CLI::App& command, AclOwner owner, AclLinks* links);

// Puts into `body` what the flags name, in the form of the API; leaves what they do not name.
// kInvalidArgument for a node identity without a datacenter.
Result<void> ApplyLinks(const AclLinks& links, nlohmann::ordered_json* body);

// Which one a command is about: exactly one of both.
struct AclName {
  std::optional<std::string> id;
  std::optional<std::string> name;
};
void AddNameOptions(CLI::App& command, const char* what, AclName* name);
// The object's JSON: GET /v1/acl/KIND/ID or /v1/acl/KIND/name/NAME.
Result<nlohmann::ordered_json> FetchByName(RegistryClient& client, const std::string& kind,
                                           const AclName& name);
// Its ID; empty when it has none, which no server takes.
std::string IdOf(const nlohmann::ordered_json& object);
// Removes it, and says so. An error when it was not there: the server says "true" to that, but
// nothing was revoked.
int DeleteByName(const ClientOptions& options, const std::string& kind, const AclName& name);

}  // namespace rollcall::cli
