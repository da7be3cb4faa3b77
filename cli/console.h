// What the client commands write, and where: results to stdout, errors to stderr as one line.
// Single-threaded, like the commands.
#pragma once

#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::cli {

// The exit codes of every client command; --help documents them.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kUsageError = 2,
  kNothingPassing = 3,  // `health` alone
  kNotAllWell = 3,      // `servers` alone
};

// Whether stdout is a terminal and NO_COLOR (https://no-color.org) is not set.
bool ColourWanted();

// "\x1b[32m" and so on for the status of a check or a server when `colour`, else "".
std::string_view StatusColour(std::string_view status, bool colour);
std::string_view PlainColour(bool colour);

// Writes to stdout at once, so that a reader at the other end of a pipe sees it now. False when
// nobody reads any more.
[[nodiscard]] bool Print(std::string_view text);

// Print for a command that has nothing more to do: its exit code.
int PrintAndExit(std::string_view text);

// A body of JSON as the API sent it, on lines of its own.
int PrintJsonAndExit(std::string_view body);

// "rollcall: <message>" on stderr.
void Complain(std::string_view message);

// Complain for a command that gives up: its exit code.
int Fail(const Error& error);

}  // namespace rollcall::cli
