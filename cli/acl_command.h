// `rollcall acl`: tokens, policies, roles, auth methods and binding rules, as `consul acl` manages
// them.
#pragma once

namespace CLI {
class App;
}

namespace rollcall::cli {

struct ClientOptions;

// Adds the command to `app`. When it is chosen it runs as soon as `app` has parsed the whole
// command line, and sets `*exit_code`.
void AddAclCommand(CLI::App& app, ClientOptions* options, int* exit_code);

// The parts of it, each below a subcommand of its own.
void AddAclTokenCommands(CLI::App& token, ClientOptions* options, int* exit_code);
void AddAclPolicyCommands(CLI::App& policy, ClientOptions* options, int* exit_code);
void AddAclRoleCommands(CLI::App& role, ClientOptions* options, int* exit_code);
void AddAclAuthMethodCommands(CLI::App& method, ClientOptions* options, int* exit_code);
void AddAclBindingRuleCommands(CLI::App& rule, ClientOptions* options, int* exit_code);

}  // namespace rollcall::cli
