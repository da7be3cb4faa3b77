// `rollcall tls cert create`: a new certificate of an authority, and its key, in two files.
#pragma once

namespace CLI {
class App;
}

namespace rollcall::cli {

// Adds `create` to `cert`. When it is chosen it runs as soon as the whole command line is parsed,
// and sets `*exit_code`.
void AddTlsCertCreateCommand(CLI::App& cert, int* exit_code);

}  // namespace rollcall::cli
