// `rollcall acl role`
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

struct RoleFlags {
  AclName name;
  std::optional<std::string> new_name;
  std::optional<std::string> description;
  AclLinks links;
};

// What the flags name goes into `body`.
Result<void> Apply(const RoleFlags& flags, ordered_json* body) {
  if (flags.new_name) (*body)["Name"] = *flags.new_name;
  if (flags.description) (*body)["Description"] = *flags.description;
  return ApplyLinks(flags.links, body);
}

int CreateRole(const ClientOptions& options, const RoleFlags& flags) {
  ordered_json body = ordered_json::object();
  if (Result<void> ok = Apply(flags, &body); !ok) {
    return Complain(ok.error().message), kUsageError;
  }
  return CallAndShow(
      options,
      [&](RegistryClient& client) { return BodyOf(client.Put("/v1/acl/role", body.dump())); },
      RoleText);
}

int UpdateRole(const ClientOptions& options, const RoleFlags& flags) {
  const auto update = [&](RegistryClient& client) -> Result<std::string> {
    Result<ordered_json> body = FetchByName(client, "role", flags.name);
    if (!body) return body.error();
    if (Result<void> ok = Apply(flags, &*body); !ok) return ok.error();
    return BodyOf(client.Put("/v1/acl/role/" + EncodeSegment(IdOf(*body)), body->dump()));
  };
  return CallAndShow(options, update, RoleText);
}

int ReadRole(const ClientOptions& options, const RoleFlags& flags) {
  const auto read = [&](RegistryClient& client) -> Result<std::string> {
    const Result<ordered_json> role = FetchByName(client, "role", flags.name);
    if (!role) return role.error();
    return role->dump();
  };
  return CallAndShow(options, read, RoleText);
}

int DeleteRole(const ClientOptions& options, const RoleFlags& flags) {
  return DeleteByName(options, "role", flags.name);
}

int ListRoles(const ClientOptions& options, const RoleFlags&) {
  return CallAndShow(
      options, [](RegistryClient& client) { return BodyOf(client.Get("/v1/acl/roles")); },
      RoleListText);
}

}  // namespace

void AddAclRoleCommands(CLI::App& role, ClientOptions* options, int* exit_code) {
  const auto flags = std::make_shared<RoleFlags>();
  CLI::App& create =
      AddAclSubcommand(role, "create", "Make a role", flags, options, exit_code, CreateRole);
  create.add_option("--name", flags->new_name, "Its name")->required();
  create.add_option("--description", flags->description, "What it is for");
  AddLinkOptions(create, AclOwner::kRole, &flags->links);

  CLI::App& update =
      AddAclSubcommand(role, "update", "Change a role", flags, options, exit_code, UpdateRole);
  AddNameOptions(update, "role", &flags->name);
  update.add_option("--new-name", flags->new_name, "Its name from now on");
  update.add_option("--description", flags->description, "What it is for");
  AddLinkOptions(update, AclOwner::kRole, &flags->links);

  AddNameOptions(AddAclSubcommand(role, "read", "Show a role", flags, options, exit_code, ReadRole),
                 "role", &flags->name);
  AddNameOptions(
      AddAclSubcommand(role, "delete", "Remove a role", flags, options, exit_code, DeleteRole),
      "role", &flags->name);
  AddAclSubcommand(role, "list", "List all roles", flags, options, exit_code, ListRoles);
}

}  // namespace rollcall::cli
