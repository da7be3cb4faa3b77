#include "cli/client_options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace rollcall::cli {

ClientOptions::ClientOptions() : http_addr("http://127.0.0.1:8500") {
  for (const char* variable : {"ROLLCALL_HTTP_ADDR", "CONSUL_HTTP_ADDR"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') {
      http_addr = value;
      return;
    }
  }
}

void AddHttpAddrOption(CLI::App& app, ClientOptions* options) {
  app.add_option("--http-addr", options->http_addr,
                 "The server or agent to ask: host:port or a URL. Default: $ROLLCALL_HTTP_ADDR, "
                 "$CONSUL_HTTP_ADDR, or http://127.0.0.1:8500")
      ->type_name("ADDR");
}

void AddJsonFlag(CLI::App& app, ClientOptions* options, const char* what) {
  app.add_flag("--json", options->json, what);
}

}  // namespace rollcall::cli
