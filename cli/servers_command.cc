#include "cli/servers_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/registry_client.h"
#include "cli/server_status.h"
#include "cli/table.h"

namespace rollcall::cli {
namespace {

constexpr const char* kServersNotes = R"(
INDEX   of the last change that the server knows
LAG     all that had been written so long ago is known there
EXPIRY  the owner lets checks expire when their heartbeats stop

Each server is asked at the address that it tells the others (--advertise).

Exit codes:
  0  all servers are well
  1  the server to ask cannot be reached, or refused
  2  the command line is wrong
  3  not all servers are well; their STATUS says why

Examples:
  rollcall servers
  rollcall servers --json | jq -r '.[] | select(.Status != "ok").Node'
)";

std::string ServersTable(const std::vector<ServerStatus>& servers) {
  Table table({"NAME", "ADDRESS", "INDEX", "LAG", "EXPIRY", "STATUS"}, ColourWanted());
  for (const ServerStatus& each : servers) {
    table.AddRow(
        {each.node, each.http, each.index, each.lag, each.owns_expiry ? "owner" : "", each.status});
  }
  return table.Text();
}

int RunServers(const ClientOptions& options) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  RegistryClient client(*target);
  const Result<std::vector<ServerStatus>> servers = AskServers(client);
  if (!servers) return Fail(servers.error());
  const int printed = options.json ? PrintJsonAndExit(ServersJson(*servers).dump(2))
                                   : PrintAndExit(ServersTable(*servers));
  if (printed != kOk) return printed;
  const bool are_well = std::all_of(servers->begin(), servers->end(),
                                    [](const ServerStatus& each) { return each.is_ok(); });
  return are_well ? kOk : kNotAllWell;
}

}  // namespace

void AddServersCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command =
      app.add_subcommand("servers", "List the registry's servers, and how each of them does");
  command->footer(kServersNotes);
  AddTargetOptions(*command, options);
  AddJsonFlag(*command, options, "Print the same as a list of JSON objects");
  command->callback([options, exit_code] { *exit_code = RunServers(*options); });
}

}  // namespace rollcall::cli
