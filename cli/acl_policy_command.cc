// `rollcall acl policy`
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/acl_calls.h"
#include "cli/acl_command.h"
#include "cli/acl_text.h"
#include "cli/console.h"

namespace rollcall::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kRulesNotes = R"(
Rules are HCL or JSON; docs/acl-rules.md has the language:
  service "web" { policy = "write" }
  service_prefix "" { policy = "read" }
  node_prefix "" { policy = "read" }

Examples:
  rollcall acl policy create --name web --rules @web.hcl
  rollcall acl policy create --name readers --rules 'service_prefix "" { policy = "read" }'
)";

struct PolicyFlags {
  AclName name;
  std::optional<std::string> new_name;
  std::optional<std::string> description;
  std::optional<std::string> rules;
  std::vector<std::string> datacenters;
};

// What the flags name goes into `body`.
Result<void> Apply(const PolicyFlags& flags, ordered_json* body) {
  if (flags.new_name) (*body)["Name"] = *flags.new_name;
  if (flags.description) (*body)["Description"] = *flags.description;
  if (!flags.datacenters.empty()) (*body)["Datacenters"] = flags.datacenters;
  if (!flags.rules) return {};
  Result<std::string> rules = RulesFrom(*flags.rules);
  if (!rules) return rules.error();
  (*body)["Rules"] = *std::move(rules);
  return {};
}

int CreatePolicy(const ClientOptions& options, const PolicyFlags& flags) {
  ordered_json body = ordered_json::object();
  if (Result<void> ok = Apply(flags, &body); !ok) return Fail(ok.error());
  return CallAndShow(
      options,
      [&](RegistryClient& client) { return BodyOf(client.Put("/v1/acl/policy", body.dump())); },
      PolicyText);
}

int UpdatePolicy(const ClientOptions& options, const PolicyFlags& flags) {
  const auto update = [&](RegistryClient& client) -> Result<std::string> {
    Result<ordered_json> body = FetchByName(client, "policy", flags.name);
    if (!body) return body.error();
    if (Result<void> ok = Apply(flags, &*body); !ok) return ok.error();
    return BodyOf(client.Put("/v1/acl/policy/" + EncodeSegment(IdOf(*body)), body->dump()));
  };
  return CallAndShow(options, update, PolicyText);
}

int ReadPolicy(const ClientOptions& options, const PolicyFlags& flags) {
  const auto read = [&](RegistryClient& client) -> Result<std::string> {
    const Result<ordered_json> policy = FetchByName(client, "policy", flags.name);
    if (!policy) return policy.error();
    return policy->dump();
  };
  return CallAndShow(options, read, PolicyText);
}

int DeletePolicy(const ClientOptions& options, const PolicyFlags& flags) {
  return DeleteByName(options, "policy", flags.name);
}

int ListPolicies(const ClientOptions& options, const PolicyFlags&) {
  return CallAndShow(
      options, [](RegistryClient& client) { return BodyOf(client.Get("/v1/acl/policies")); },
      PolicyListText);
}

void AddContent(CLI::App& command, PolicyFlags* flags) {
  command.footer(kRulesNotes);
  command.add_option("--description", flags->description, "What it is for");
  command.add_option("--rules", flags->rules, "The rules, or @FILE, or - for standard input");
  command
      .add_option("--valid-datacenter", flags->datacenters,
                  "Where it counts; may be given several times (default: everywhere)")
      ->allow_extra_args(false);
}

}  // namespace

void AddAclPolicyCommands(CLI::App& policy, ClientOptions* options, int* exit_code) {
  const auto flags = std::make_shared<PolicyFlags>();
  CLI::App& create =
      AddAclSubcommand(policy, "create", "Make a policy", flags, options, exit_code, CreatePolicy);
  create.add_option("--name", flags->new_name, "Its name")->required();
  AddContent(create, flags.get());

  CLI::App& update = AddAclSubcommand(policy, "update", "Change a policy", flags, options,
                                      exit_code, UpdatePolicy);
  AddNameOptions(update, "policy", &flags->name);
  update.add_option("--new-name", flags->new_name, "Its name from now on");
  AddContent(update, flags.get());

  AddNameOptions(AddAclSubcommand(policy, "read", "Show a policy with its rules", flags, options,
                                  exit_code, ReadPolicy),
                 "policy", &flags->name);
  AddNameOptions(AddAclSubcommand(policy, "delete", "Remove a policy", flags, options, exit_code,
                                  DeletePolicy),
                 "policy", &flags->name);
  AddAclSubcommand(policy, "list", "List all policies", flags, options, exit_code, ListPolicies);
}

}  // namespace rollcall::cli
