// `rollcall import`: what such a file holds into a server's catalog.
#pragma once

namespace CLI {
class App;
}

namespace rollcall::cli {

struct ClientOptions;

// Adds the command to `app`. When it is chosen it runs as soon as `app` has parsed the whole
// command line, and sets `*exit_code`. `options` is shared by all commands and outlives `app`.
void AddImportCommand(CLI::App& app, ClientOptions* options, int* exit_code);

}  // namespace rollcall::cli
