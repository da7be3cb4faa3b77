// The command line of rollcall-agent. Called once, at start.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "agent/settings.h"

namespace rollcall::agent {

struct Flags {
  std::vector<std::string> config_paths;
  Settings settings;
  bool validate = false;  // look at the configuration, and run nothing
};

struct ExitCode {
  int value = 0;
};

// An exit code when there is nothing more to do: --help and --version have been printed (0), or
// what is wrong with the flags has (1).
std::variant<Flags, ExitCode> ParseFlags(int argc, const char* const* argv,
                                         const std::string& version);

}  // namespace rollcall::agent
