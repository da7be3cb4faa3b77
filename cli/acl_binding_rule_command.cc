// `rollcall acl binding-rule`
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

constexpr const char* kRuleNotes = R"(
All rules of a method whose selector matches count together; a login that none gives anything is
refused. ${value.NAME} in the name, and value.NAME and list.NAME in the selector, are what the
method's ClaimMappings and ListClaimMappings make of the JWT: docs/jwt.md.

Examples:
  rollcall acl binding-rule create --method ci --bind-type service --bind-name '${value.job}'
  rollcall acl binding-rule create --method ci --bind-type role --bind-name ops \
      --selector 'ops in list.groups'
)";

struct RuleFlags {
  std::string id;
  std::optional<std::string> method;
  std::optional<std::string> description;
  std::optional<std::string> selector;
  std::optional<std::string> bind_type;
  std::optional<std::string> bind_name;
};

// What the flags name goes into `body`.
void Apply(const RuleFlags& flags, ordered_json* body) {
  const std::pair<const char*, const std::optional<std::string>&> texts[] = {
      {"AuthMethod", flags.method},
      {"Description", flags.description},
      {"Selector", flags.selector},
      {"BindType", flags.bind_type},
      {"BindName", flags.bind_name}};
  for (const auto& [key, text] : texts) {
    if (text) (*body)[key] = *text;
  }
}

std::string RulePath(const std::string& id) { return "/v1/acl/binding-rule/" + EncodeSegment(id); }

int CreateRule(const ClientOptions& options, const RuleFlags& flags) {
  ordered_json body = ordered_json::object();
  Apply(flags, &body);
  return CallAndShow(
      options,
      [&](RegistryClient& client) {
        return BodyOf(client.Put("/v1/acl/binding-rule", body.dump()));
      },
      BindingRuleText);
}

int UpdateRule(const ClientOptions& options, const RuleFlags& flags) {
  const auto update = [&](RegistryClient& client) -> Result<std::string> {
    Result<ordered_json> body = FetchByName(client, "binding-rule", {flags.id, std::nullopt});
    if (!body) return body.error();
    Apply(flags, &*body);
    return BodyOf(client.Put(RulePath(flags.id), body->dump()));
  };
  return CallAndShow(options, update, BindingRuleText);
}

int ReadRule(const ClientOptions& options, const RuleFlags& flags) {
  return CallAndShow(
      options, [&](RegistryClient& client) { return BodyOf(client.Get(RulePath(flags.id))); },
      BindingRuleText);
}

int DeleteRule(const ClientOptions& options, const RuleFlags& flags) {
  return DeleteByName(options, "binding-rule", {flags.id, std::nullopt});
}

int ListRules(const ClientOptions& options, const RuleFlags& flags) {
  Query query;
  if (flags.method) query.emplace_back("authmethod", *flags.method);
  return CallAndShow(
      options,
      [&](RegistryClient& client) { return BodyOf(client.Get("/v1/acl/binding-rules", query)); },
      BindingRuleListText);
}

void AddRuleId(CLI::App& command, RuleFlags* flags) {
  command.add_option("--id", flags->id, "The rule's ID")->required();
}

struct IsRequired {
  bool value;
};

// Of what a rule gives a new one says all, a change what is other than before.
void AddRuleContent(CLI::App& command, RuleFlags* flags, IsRequired is_required) {
  command.footer(kRuleNotes);
  command.add_option("--description", flags->description, "What it is for");
  command.add_option("--selector", flags->selector,
                     "Whom it is for, in the language of filters (default: everybody)");
  command.add_option("--bind-type", flags->bind_type, "service, node or role")
      ->required(is_required.value);
  command
      .add_option("--bind-name", flags->bind_name,
                  "The service's, node's or role's name; ${value.NAME} stands for a claim")
      ->required(is_required.value);
}

}  // namespace

void AddAclBindingRuleCommands(CLI::App& rule, ClientOptions* options, int* exit_code) {
  const auto flags = std::make_shared<RuleFlags>();
  CLI::App& create = AddAclSubcommand(rule, "create", "Make a binding rule", flags, options,
                                      exit_code, CreateRule);
  create.add_option("--method", flags->method, "The auth method that it is for")->required();
  AddRuleContent(create, flags.get(), {true});

  CLI::App& update = AddAclSubcommand(rule, "update", "Change a binding rule", flags, options,
                                      exit_code, UpdateRule);
  AddRuleId(update, flags.get());
  AddRuleContent(update, flags.get(), {false});

  AddRuleId(
      AddAclSubcommand(rule, "read", "Show a binding rule", flags, options, exit_code, ReadRule),
      flags.get());
  AddRuleId(AddAclSubcommand(rule, "delete", "Remove a binding rule", flags, options, exit_code,
                             DeleteRule),
            flags.get());
  CLI::App& list = AddAclSubcommand(rule, "list", "List the binding rules", flags, options,
                                    exit_code, ListRules);
  list.add_option("--method", flags->method, "Those of this auth method alone");
}

}  // namespace rollcall::cli
