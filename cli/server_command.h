// `rollcall server`: the registry itself.
#pragma once

namespace CLI {
class App;
}

namespace rollcall::cli {

// Adds the command. When it was chosen it runs until SIGTERM or SIGINT, inside app.parse, and sets
// *exit_code: 0 after a stop, 1 when it cannot start or its store fails.
void AddServerCommand(CLI::App& app, int* exit_code);

}  // namespace rollcall::cli
