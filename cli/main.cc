// rollcall: the server and the command line.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "cli/acl_command.h"
#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/deregister_command.h"
#include "cli/export_command.h"
#include "cli/health_command.h"
#include "cli/import_command.h"
#include "cli/login_command.h"
#include "cli/nodes_command.h"
#include "cli/register_command.h"
#include "cli/server_command.h"
#include "cli/servers_command.h"
#include "cli/services_command.h"
#include "cli/tls_command.h"
#include "cli/watch_command.h"

namespace rollcall::cli {
namespace {

constexpr const char* kProgramNotes = R"(
Exit codes:
  0  it worked
  1  it failed; one line on stderr says what failed and what to do
  2  the command line is wrong
  (`rollcall health` and `rollcall servers` have one more, see their --help)

Start here:
  rollcall server --dev                         a registry on this machine, nothing kept on disk
  echo '{"service": {"name": "web", "port": 8080}}' | rollcall register -
  rollcall health web
  dig @127.0.0.1 -p 8600 web.service.consul SRV
)";

using AddClientCommand = void (*)(CLI::App& app, ClientOptions* options, int* exit_code);

// In the order of --help.
constexpr AddClientCommand kClientCommands[] = {
    AddServicesCommand,   AddNodesCommand, AddHealthCommand, AddRegisterCommand,
    AddDeregisterCommand, AddWatchCommand, AddExportCommand, AddImportCommand,
    AddServersCommand,    AddAclCommand,   AddLoginCommand,  AddLogoutCommand,
};

// The last one first, as CLI11 takes them.
std::vector<std::string> ReversedArguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  TakeSingleDashes(&arguments);
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

// "rollcall tls ca create": how far `app` understood the command line.
std::string ChosenCommand(const CLI::App& app) {
  std::string command = app.get_name();
  const CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().back();
    command += " " + chosen->get_name();
  }
  return command;
}

int Main(int argc, char** argv) {
  // A reader or a server that goes away is an error of a write, with a message.
  signal(SIGPIPE, SIG_IGN);

  CLI::App app("rollcall: which instances of which service are alive, and where.", "rollcall");
  ClientOptions options;
  int exit_code = kOk;
  app.footer(kProgramNotes);
  app.set_version_flag("--version", std::string("rollcall ") + ROLLCALL_VERSION);
  AddTargetOptions(app, &options);
  AddServerCommand(app, &exit_code);
  for (const AddClientCommand add : kClientCommands) add(app, &options, &exit_code);
  AddTlsCommand(app, &exit_code);
  app.require_subcommand(0, 1);

  try {
    app.parse(ReversedArguments(argc, argv));
  } catch (const CLI::Success& wanted) {  // --help, --version
    return app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    Complain(std::string(error.what()) + "; see " + ChosenCommand(app) + " --help");
    return kUsageError;
  }
  if (app.get_subcommands().empty()) {
    std::cerr << app.help();
    return kUsageError;
  }
  return exit_code;
}

}  // namespace
}  // namespace rollcall::cli

int main(int argc, char** argv) { return rollcall::cli::Main(argc, argv); }
