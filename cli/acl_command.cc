#include "cli/acl_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/acl_calls.h"
#include "cli/acl_text.h"
#include "cli/client_options.h"
#include "cli/console.h"
#include "registry/model/records.h"

namespace rollcall::cli {
namespace {

constexpr const char* kAclNotes = R"(
Flags may be written as Consul has them, with one dash: -policy-name, -id. Secrets are shown once,
by the command that makes them. Lists replace what was there; what is not named stays.

Examples:
  rollcall acl bootstrap
  export ROLLCALL_HTTP_TOKEN=...           the SecretID that it has printed
  rollcall acl policy create --name web --rules @web.hcl
  rollcall acl token create --description "the web servers" --policy-name web
  rollcall acl token create --node-identity n1:dc1 --expires-ttl 8h
)";

constexpr const char* kBootstrapNotes = R"(
The first token, which may do everything: made once, while there is none. Keep its SecretID safe;
nobody can read it again. docs/security.md says how to make another one when it is lost.
)";

void AddBootstrap(CLI::App& acl, ClientOptions* options, int* exit_code) {
  CLI::App* const command = acl.add_subcommand("bootstrap", "Make the first token");
  command->footer(kBootstrapNotes);
  AddTargetOptions(*command, options);
  AddJsonFlag(*command, options, "Print what the server answers");
  command->callback([options, exit_code] {
    *exit_code = CallAndShow(
        *options,
        [](RegistryClient& client) -> Result<std::string> {
          Result<Response> made = client.Put(kBootstrapPath);
          if (!made) return made.error();
          return made->body;
        },
        TokenText);
  });
}

struct AgentToken {
  std::string kind;
  std::string file = "-";
};

int SetAgentToken(const ClientOptions& options, const AgentToken& asked) {
  // As Consul's command takes it. It is not shown again.
  if (model::IsUuid(asked.file) && !std::filesystem::exists(asked.file)) {
    return Fail(InvalidArgument(
        "no secret is taken on the command line, where all users of this machine see it in `ps`: "
        "give the name of a file that holds it, or - and the secret on standard input"));
  }
  const Result<std::string> secret = ReadSecret(asked.file);
  if (!secret) return Fail(secret.error());
  const std::string body = nlohmann::json{{"Token", *secret}}.dump();
  const auto put = [&](RegistryClient& client) -> Result<std::string> {
    Result<Response> set = client.Put("/v1/agent/token/" + EncodeSegment(asked.kind), body);
    if (!set) return set.error();
    return std::string();
  };
  const auto text = [&](const std::string&) -> Result<std::string> {
    return "the " + asked.kind + " token is set\n";
  };
  return CallAndShow(options, put, text);
}

void AddSetAgentToken(CLI::App& acl, ClientOptions* options, int* exit_code) {
  CLI::App* const command =
      acl.add_subcommand("set-agent-token", "Give an agent, or a server, a token of its own");
  const auto asked = std::make_shared<AgentToken>();
  command->add_option("kind", asked->kind, "default, agent, dns or replication")
      ->required()
      ->type_name("KIND");
  command
      ->add_option("file", asked->file,
                   "File whose first line is the token's secret; - is standard input (default -)")
      ->type_name("FILE");
  AddTargetOptions(*command, options);
  command->callback([=] { *exit_code = SetAgentToken(*options, *asked); });
}

}  // namespace

void AddAclCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* const acl =
      app.add_subcommand("acl", "Manage access control: tokens, policies, roles and logins");
  acl->footer(kAclNotes);
  acl->require_subcommand(1);
  AddBootstrap(*acl, options, exit_code);
  CLI::App* const token = acl->add_subcommand("token", "Who may: tokens");
  token->require_subcommand(1);
  AddAclTokenCommands(*token, options, exit_code);
  CLI::App* const policy = acl->add_subcommand("policy", "What may be done: policies, of rules");
  policy->require_subcommand(1);
  AddAclPolicyCommands(*policy, options, exit_code);
  CLI::App* const role = acl->add_subcommand("role", "Policies under one name: roles");
  role->require_subcommand(1);
  AddAclRoleCommands(*role, options, exit_code);
  CLI::App* const method =
      acl->add_subcommand("auth-method", "Whose signatures let somebody log in: auth methods");
  method->require_subcommand(1);
  AddAclAuthMethodCommands(*method, options, exit_code);
  CLI::App* const rule =
      acl->add_subcommand("binding-rule", "What who has logged in may do: binding rules");
  rule->require_subcommand(1);
  AddAclBindingRuleCommands(*rule, options, exit_code);
  AddSetAgentToken(*acl, options, exit_code);
}

}  // namespace rollcall::cli
