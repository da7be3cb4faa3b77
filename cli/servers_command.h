// `rollcall servers`: the servers of the registry, how far each has come, and who owns expiry.
#pragma once

namespace CLI {
class App;
}

namespace rollcall::cli {

struct ClientOptions;

// Adds the command to `app`. When it is chosen it runs as soon as `app` has parsed the whole
// command line, and sets `*exit_code`. `options` is shared by all commands and outlives `app`.
void AddServersCommand(CLI::App& app, ClientOptions* options, int* exit_code);

}  // namespace rollcall::cli
