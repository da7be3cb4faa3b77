#include "cli/services_command.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/registry_client.h"
#include "cli/service_view.h"
#include "cli/table.h"

namespace rollcall::cli {
namespace {

constexpr const char* kServicesExamples = R"(
Examples:
  rollcall services
  rollcall services --json | jq 'keys'
  rollcall services --http-addr registry:8500
)";

// {"web": ["v1", "eu"], ...}
Result<std::string> ServicesTable(const std::string& body) {
  Table table({"SERVICE", "TAGS"}, ColourWanted());
  try {
    using StringLists = std::map<std::string, std::vector<std::string>>;
    for (auto& [service, tags] : nlohmann::json::parse(body).get<StringLists>()) {
      table.AddRow({service, Join(tags, ",")});
    }
  } catch (const nlohmann::json::exception&) {
    return Corruption("the answer is not a list of services; is --http-addr a rollcall server?");
  }
  return table.Text();
}

int RunServices(const ClientOptions& options) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  RegistryClient client(*target);
  Result<Response> response = client.Get("/v1/catalog/services");
  if (!response) return Fail(response.error());
  NoteWhatIsLeftOut(*target, *response);
  if (options.json) return PrintJsonAndExit(response->body);
  Result<std::string> table = ServicesTable(response->body);
  return table ? PrintAndExit(*table) : Fail(table.error());
}

}  // namespace

void AddServicesCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command = app.add_subcommand("services", "List all services and their tags");
  command->footer(kServicesExamples);
  AddTargetOptions(*command, options);
  AddJsonFlag(*command, options, "Print what /v1/catalog/services answers");
  command->callback([options, exit_code] { *exit_code = RunServices(*options); });
}

}  // namespace rollcall::cli
