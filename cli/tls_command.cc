#include "cli/tls_command.h"

#include <CLI/CLI.hpp>
#include <string>

#include "cli/tls_ca_command.h"
#include "cli/tls_cert_command.h"

namespace rollcall::cli {
namespace {

constexpr const char* kTlsNotes = R"(
The files are written into the current directory; nothing that exists is overwritten. Flags may be
written as Consul has them, with one dash: -server, -days=30.

Examples:
  rollcall tls ca create
  rollcall tls cert create --server
  rollcall tls cert create --client
)";

bool IsSpelledWithOneDash(const std::string& argument) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return argument.size() > 2 && argument[0] == '-' && is_letter(argument[1]);
}

}  // namespace

void AddTlsCommand(CLI::App& app, int* exit_code) {
  CLI::App* const tls =
      app.add_subcommand("tls", "Make a certificate authority, and certificates for a fleet");
  tls->footer(kTlsNotes);
  tls->require_subcommand(1);
  CLI::App* const ca = tls->add_subcommand("ca", "The certificate authority");
  ca->require_subcommand(1);
  AddTlsCaCreateCommand(*ca, exit_code);
  CLI::App* const cert = tls->add_subcommand("cert", "The certificates that it signs");
  cert->require_subcommand(1);
  AddTlsCertCreateCommand(*cert, exit_code);
}

void TakeSingleDashes(std::vector<std::string>* arguments) {
  for (std::string& argument : *arguments) {
    if (argument == "--") return;
    if (IsSpelledWithOneDash(argument)) argument.insert(0, "-");
  }
}

}  // namespace rollcall::cli
