#include "cli/health_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/registry_client.h"
#include "cli/service_view.h"
#include "cli/table.h"

namespace rollcall::cli {
namespace {

constexpr const char* kHealthNotes = R"(
Exit codes:
  0  at least one of the instances asked for is passing
  1  the server cannot be reached, or refused
  2  the command line is wrong
  3  no instance is passing, or there is no such service

Examples:
  rollcall health web
  rollcall health web --passing --tag v2
  rollcall health web --json | jq -r '.[].Service.Port'
  until rollcall health web >/dev/null; do sleep 1; done
)";

struct HealthOptions {
  std::string service;
  bool passing = false;
  std::vector<std::string> tags;
};

Query ToQuery(const HealthOptions& health) {
  Query query;
  if (health.passing) query.emplace_back("passing", "");
  for (const std::string& tag : health.tags) query.emplace_back("tag", tag);
  return query;
}

std::string HealthTable(const std::vector<InstanceView>& instances) {
  Table table({"INSTANCE", "NODE", "ADDRESS", "STATUS", "TAGS", "FAILING CHECKS"}, ColourWanted());
  for (const InstanceView& each : instances) {
    table.AddRow({each.id, each.node, each.Endpoint(), each.status, Join(each.tags, ","),
                  Join(each.failing, ", ")});
  }
  return table.Text();
}

int Run(const ClientOptions& options, const HealthOptions& health) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  RegistryClient client(*target);
  Result<Response> response =
      client.Get("/v1/health/service/" + EncodeSegment(health.service), ToQuery(health));
  if (!response) return Fail(response.error());
  Result<std::vector<InstanceView>> instances = ParseHealthService(response->body);
  if (!instances) return Fail(instances.error());
  NoteWhatIsLeftOut(*target, *response);

  const int printed =
      options.json ? PrintJsonAndExit(response->body) : PrintAndExit(HealthTable(*instances));
  if (printed != kOk) return printed;
  const bool passing = std::any_of(instances->begin(), instances->end(),
                                   [](const auto& each) { return each.status == "passing"; });
  return passing ? kOk : kNothingPassing;
}

}  // namespace

void AddHealthCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command =
      app.add_subcommand("health", "Show a service's instances, where they are and how they do");
  auto health = std::make_shared<HealthOptions>();
  command->footer(kHealthNotes);
  command->add_option("service", health->service, "The service's name")
      ->required()
      ->type_name("SERVICE");
  command->add_flag("--passing", health->passing, "Only instances whose checks all pass");
  command->add_option("--tag", health->tags, "Only instances with this tag (repeat: with all)")
      ->type_name("TAG")
      ->take_all()
      ->allow_extra_args(false);
  AddTargetOptions(*command, options);
  AddJsonFlag(*command, options, "Print what /v1/health/service/SERVICE answers");
  command->callback([=] { *exit_code = Run(*options, *health); });
}

}  // namespace rollcall::cli
