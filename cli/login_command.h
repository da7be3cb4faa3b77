// `rollcall login` and `rollcall logout`: a JWT for a token of the registry, and back, as `consul
// login` and `consul logout` do it.
#pragma once

namespace CLI {
class App;
}

namespace rollcall::cli {

struct ClientOptions;

// Add the commands to `app`. When one is chosen it runs as soon as `app` has parsed the whole
// command line, and sets `*exit_code`.
void AddLoginCommand(CLI::App& app, ClientOptions* options, int* exit_code);
void AddLogoutCommand(CLI::App& app, ClientOptions* options, int* exit_code);

}  // namespace rollcall::cli
