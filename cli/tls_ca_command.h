// `rollcall tls ca create`: a new certificate authority, in two files.
#pragma once

namespace CLI {
class App;
}

namespace rollcall::cli {

// Adds `create` to `ca`. When it is chosen it runs as soon as the whole command line is parsed, and
// sets `*exit_code`.
void AddTlsCaCreateCommand(CLI::App& ca, int* exit_code);

}  // namespace rollcall::cli
