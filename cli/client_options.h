// What every client command can be told: where the server or the agent is, as whom it is asked, and
// how to print. Filled in by CLI11 while it parses; read by one command afterwards.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/registry_client.h"
#include "registry/base/result.h"

namespace CLI {
class App;
}

namespace rollcall::cli {

// The flags, as they were written.
struct ClientOptions {
  std::optional<std::string> http_addr;
  std::optional<std::string> token;
  std::optional<std::string> token_file;
  std::optional<std::string> ca_file;
  std::optional<std::string> ca_path;
  std::optional<std::string> client_cert;
  std::optional<std::string> client_key;
  std::optional<std::string> tls_server_name;
  bool json = false;
};

// --http-addr and all of the others but --json.
void AddTargetOptions(CLI::App& app, ClientOptions* options);
void AddJsonFlag(CLI::App& app, ClientOptions* options, const char* what);

// Whom to ask, by the flags, else by ROLLCALL_..., else by Consul's variables CONSUL_..., else the
// server of this machine:
//   HTTP_ADDR                    --http-addr
//   HTTP_SSL                     https where the address names no scheme; also where it names http,
//                                unless the address comes from a better place
//   HTTP_SSL_VERIFY              false: whoever answers is taken
//   HTTP_TOKEN, HTTP_TOKEN_FILE  --token, --token-file; of one place, the file wins, as in Consul
//   CACERT, CAPATH               --ca-file, --ca-path
//   CLIENT_CERT, CLIENT_KEY      --client-cert, --client-key
//   TLS_SERVER_NAME              --tls-server-name
// A variable that is empty is as good as unset. Reads the token's file; errors are kInvalidArgument
// and never show a token.
using Environment = std::function<const char*(const char* name)>;  // as getenv
Result<Target> TargetOf(const ClientOptions& options, const Environment& environment);
// By the process's own environment.
Result<Target> TargetOf(const ClientOptions& options);

}  // namespace rollcall::cli
