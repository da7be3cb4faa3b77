#include "cli/nodes_command.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/registry_client.h"
#include "cli/table.h"

namespace rollcall::cli {
namespace {

constexpr const char* kNodesExamples = R"(
Examples:
  rollcall nodes
  rollcall nodes --json | jq -r '.[].Address'
)";

Result<std::string> NodesTable(const std::string& body) {
  Table table({"NODE", "ADDRESS", "DATACENTER", "ID"}, ColourWanted());
  try {
    for (const nlohmann::json& node : nlohmann::json::parse(body)) {
      table.AddRow({node.at("Node"), node.at("Address"), node.at("Datacenter"), node.at("ID")});
    }
  } catch (const nlohmann::json::exception&) {
    return Corruption("the answer is not a list of nodes; is --http-addr a rollcall server?");
  }
  return table.Text();
}

int RunNodes(const ClientOptions& options) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  RegistryClient client(*target);
  Result<Response> response = client.Get("/v1/catalog/nodes");
  if (!response) return Fail(response.error());
  NoteWhatIsLeftOut(*target, *response);
  if (options.json) return PrintJsonAndExit(response->body);
  Result<std::string> table = NodesTable(response->body);
  return table ? PrintAndExit(*table) : Fail(table.error());
}

}  // namespace

void AddNodesCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command = app.add_subcommand("nodes", "List all nodes and their addresses");
  command->footer(kNodesExamples);
  AddTargetOptions(*command, options);
  AddJsonFlag(*command, options, "Print what /v1/catalog/nodes answers");
  command->callback([options, exit_code] { *exit_code = RunNodes(*options); });
}

}  // namespace rollcall::cli
