// What every client command can be told: where the server or the agent is, and how to print.
// Filled in by CLI11 while it parses; read by one command afterwards.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace rollcall::cli {

struct ClientOptions {
  // From ROLLCALL_HTTP_ADDR or CONSUL_HTTP_ADDR, else the default of a server on this machine.
  ClientOptions();

  std::string http_addr;
  bool json = false;
};

void AddHttpAddrOption(CLI::App& app, ClientOptions* options);
void AddJsonFlag(CLI::App& app, ClientOptions* options, const char* what);

}  // namespace rollcall::cli
