#include "cli/deregister_command.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/registry_client.h"
#include "registry/base/printable.h"

namespace rollcall::cli {
namespace {

constexpr const char* kDeregisterExamples = R"(
ID is the instance's ID (the service's name, when its definition gives none), as shown by
`rollcall health SERVICE`. Ask the server or the agent at which it was registered.

Examples:
  rollcall deregister web-1
  rollcall deregister web-1 --http-addr 127.0.0.1:8501
)";

// Deregistering what is not there succeeds in the API; a person who mistyped wants to know.
Result<void> MustBeRegistered(RegistryClient& client, const std::string& id) {
  Result<Response> response = client.Get("/v1/agent/services");
  if (!response) return response.error();
  const auto services = nlohmann::json::parse(response->body, nullptr, false);
  if (!services.is_object()) {
    return Corruption("the answer is not a list of services; is --http-addr a rollcall server?");
  }
  if (services.contains(id)) return {};
  if (response->is_filtered) {
    return Error{ErrorCode::kPermissionDenied,
                 "no service with the ID \"" + id + "\" is shown at " + client.address().Url() +
                     "; " + WhatIsLeftOut(client.target(), *response)};
  }
  return NotFound("no service with the ID \"" + id + "\" was registered at " +
                  client.address().Url() +
                  "; IDs are case-sensitive, `rollcall health SERVICE` "
                  "shows them");
}

int Run(const ClientOptions& options, const std::string& id) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  RegistryClient client(*target);
  if (Result<void> there = MustBeRegistered(client, id); !there) return Fail(there.error());
  Result<Response> response = client.Put("/v1/agent/service/deregister/" + EncodeSegment(id));
  if (!response) return Fail(response.error());
  return PrintAndExit("deregistered " + Printable(id) + "\n");
}

}  // namespace

void AddDeregisterCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command =
      app.add_subcommand("deregister", "Take a registered service instance out of the registry");
  auto id = std::make_shared<std::string>();
  command->footer(kDeregisterExamples);
  command->add_option("id", *id, "The instance's ID")->required()->type_name("ID");
  AddTargetOptions(*command, options);
  command->callback([=] { *exit_code = Run(*options, *id); });
}

}  // namespace rollcall::cli
