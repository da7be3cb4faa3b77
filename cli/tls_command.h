// `rollcall tls`: certificates for a fleet, made without a server, as `consul tls` makes them.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rollcall::cli {

// Adds the command to `app`. When it is chosen it runs as soon as `app` has parsed the whole
// command line, and sets `*exit_code`.
void AddTlsCommand(CLI::App& app, int* exit_code);

// Consul's commands spell their flags with one dash: makes -name and -name=value the --name and
// --name=value that CLI11 knows. It would take -http-addr for -h, and print the help as if all were
// well. Everything else stays as it is: one dash and one letter, negative numbers, and what follows
// `--`.
void TakeSingleDashes(std::vector<std::string>* arguments);

}  // namespace rollcall::cli
