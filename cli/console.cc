#include "cli/console.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "registry/base/printable.h"

namespace rollcall::cli {

bool ColourWanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && isatty(STDOUT_FILENO) != 0;
}

std::string_view StatusColour(std::string_view status, bool colour) {
  if (!colour) return "";
  if (status == "passing" || status == "ok") return "\x1b[32m";
  if (status == "warning") return "\x1b[33m";
  return "\x1b[31m";
}

std::string_view PlainColour(bool colour) { return colour ? "\x1b[0m" : ""; }

bool Print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

int PrintAndExit(std::string_view text) { return Print(text) ? kOk : kFailed; }

int PrintJsonAndExit(std::string_view body) {
  std::string line(body);
  if (!line.ends_with('\n')) line += '\n';
  return PrintAndExit(line);
}

void Complain(std::string_view message) {
  const std::string line = "rollcall: " + Printable(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int Fail(const Error& error) {
  Complain(error.message);
  return kFailed;
}

}  // namespace rollcall::cli
