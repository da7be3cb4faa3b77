#include "agent/flags.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <optional>
#include <string>

#include "registry/base/go_duration.h"

namespace rollcall::agent {
namespace {

constexpr const char* kAbout =
    "Registers this host's services with a rollcall registry and keeps them alive there: runs\n"
    "their health checks, sends what changes, and takes everything back on a graceful stop.\n";

constexpr const char* kFooter =
    "Example: a file web.json with\n"
    "  {\"service\": {\"name\": \"web\", \"port\": 8080,\n"
    "   \"check\": {\"http\": \"http://127.0.0.1:8080/health\", \"interval\": \"5s\"}}}\n"
    "and\n"
    "  rollcall-agent --config web.json --server http://registry.example:8500\n"
    "SIGHUP reads the definitions again; 'rollcall-agent validate web.json' says whether they are\n"
    "right. Exit codes: 0 after a graceful stop, 1 when the\n"
    "configuration is wrong or a port is taken.";

// Durations, as written.
struct Durations {
  std::optional<std::string> node_ttl;
  std::optional<std::string> check_update_interval;
  std::optional<std::string> dns_max_stale;
  std::optional<std::string> cache_stale_if_error;
};

void AddTlsOptions(CLI::App& app, SecuritySettings* s) {
  app.add_option("--tls-ca-file", s->ca_file,
                 "Authorities of the registry's certificates, in place of the system's, and of\n"
                 "those of HTTPS clients (PEM)")
      ->type_name("FILE");
  app.add_option("--tls-ca-path", s->ca_path,
                 "The same for the registry: a directory of such files")
      ->type_name("DIR");
  app.add_option("--tls-cert-file", s->cert_file,
                 "The agent's certificate: shown to the registry, and to HTTPS clients (PEM)")
      ->type_name("FILE");
  app.add_option("--tls-key-file", s->key_file, "Its key (PEM, not encrypted)")->type_name("FILE");
  app.add_option("--tls-verify-incoming", s->verify_incoming,
                 "Serve only HTTPS clients with a certificate of those authorities (default:\n"
                 "false)")
      ->type_name("true|false");
  app.add_option("--tls-verify-outgoing", s->verify_outgoing,
                 "Refuse to ask a --server over plain HTTP (default: false)")
      ->type_name("true|false");
  app.add_option(
         "--tls-verify-server-hostname", s->verify_server_hostname,
         "The registry's certificates must be for server.<datacenter>.<domain>, as those of\n"
         "'rollcall tls' are, and not for the --server's host (default: false)")
      ->type_name("true|false");
  app.add_option("--tls-server-name", s->tls_server_name,
                 "Or for this name (default: the --server's host)")
      ->type_name("NAME");
  app.add_option("--tls-min-version", s->tls_min_version, "TLSv1_2 or TLSv1_3 (default: TLSv1_2)")
      ->type_name("VERSION");
}

void AddOptions(CLI::App& app, Flags* flags, Durations* durations) {
  Settings& s = flags->settings;
  app.add_option(
         "--config", flags->config_paths,
         "JSON file with settings and definitions, or a directory of *.json files\n(repeatable)")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  app.add_option("--server", s.servers,
                 "The registry, e.g. http://10.0.0.1:8500; repeat it for servers to fail over to\n"
                 "(default: http://127.0.0.1:8500)")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_option("--http", s.http,
                 "Where programs of this host find the agent's HTTP API, or off (default:\n"
                 "127.0.0.1:8500; off when the registry itself is on this host's loopback)")
      ->type_name("ADDR:PORT");
  app.add_option("--https", s.https, "The same over TLS, or off (default: off)")
      ->type_name("ADDR:PORT");
  AddTlsOptions(app, &s.security);
  app.add_option("--dns", s.dns,
                 "Where programs of this host ask DNS, or off (default: 127.0.0.1:8600; off when\n"
                 "the registry itself is on this host's loopback)")
      ->type_name("ADDR:PORT");
  app.add_option("--server-dns", s.server_dns,
                 "The registry's DNS server; repeat it for servers to fail over to (default: the\n"
                 "current --server, at the port it names)")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  app.add_option("--dns-max-stale", durations->dns_max_stale,
                 "How long after its TTL an answer is still given while no DNS server of the\n"
                 "registry can be reached; 0s: not at all (default: 24h)")
      ->type_name("DURATION");
  app.add_option("--node", s.node, "This node's name (default: the host's name)")
      ->type_name("NAME");
  app.add_option("--address", s.address,
                 "The address at which others reach this host (default: the one that this host\n"
                 "uses towards the first --server)")
      ->type_name("ADDR");
  app.add_option("--data-dir", s.data_dir, "Where the node's ID is kept (default: nowhere, no ID)")
      ->type_name("DIR");
  app.add_option("--node-ttl", durations->node_ttl,
                 "How long after the last heartbeat the registry counts this node as dead\n"
                 "(default: 15s)")
      ->type_name("DURATION");
  app.add_option("--check-update-interval", durations->check_update_interval,
                 "About how long a check's new output waits before it is sent while the check's\n"
                 "status stays the same; 0s sends it at once (default: 5m)")
      ->type_name("DURATION");
  app.add_option(
         "--cache-size", s.cache_size,
         "How many bytes of answers are kept for ?cached reads; 0: none (default: 16777216)")
      ->type_name("BYTES");
  app.add_option("--cache-stale-if-error", durations->cache_stale_if_error,
                 "How old they may be when no server can be reached, for programs that do not say\n"
                 "it themselves (default: 24h)")
      ->type_name("DURATION");
  app.add_option("--leave-on-terminate", s.leave_on_terminate,
                 "Deregister on SIGTERM and SIGINT (default: true)")
      ->type_name("true|false");
  app.add_option("--enable-script-checks", s.enable_script_checks,
                 "Run checks that are scripts, from files and through the HTTP API (default:\n"
                 "false: whoever reaches the API would run programs on this host)")
      ->type_name("true|false");
  app.add_option("--enable-local-script-checks", s.enable_local_script_checks,
                 "Run checks that are scripts, from files alone (default: false)")
      ->type_name("true|false");
  app.add_option("--log-level", s.log_level,
                 "trace, debug, info, warn, error, critical or off (default: info)")
      ->type_name("LEVEL");
}

// False, having said why, when `text` is no duration.
bool ReadDuration(const char* flag, const std::optional<std::string>& text,
                  std::optional<std::chrono::nanoseconds>* out) {
  if (!text) return true;
  const Result<std::chrono::nanoseconds> duration = ParseGoDuration(*text);
  if (duration) {
    *out = *duration;
  } else {
    std::cerr << "rollcall-agent: " << flag << ": " << duration.error().message << "\n";
  }
  return duration.has_value();
}

}  // namespace

std::variant<Flags, ExitCode> ParseFlags(int argc, const char* const* argv,
                                         const std::string& version) {
  Flags flags;
  Durations durations;
  CLI::App app(kAbout, "rollcall-agent");
  app.footer(kFooter);
  app.set_version_flag("--version", "rollcall-agent " + version);
  AddOptions(app, &flags, &durations);
  CLI::App* validate = app.add_subcommand(
      "validate", "Say whether the agent would run with these files, and run nothing");
  validate->fallthrough();
  validate->add_option("paths", flags.config_paths, "JSON files, or directories of *.json files")
      ->type_name("FILE|DIR");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    return ExitCode{app.exit(wanted)};
  } catch (const CLI::ParseError& error) {
    std::cerr << "rollcall-agent: " << error.what() << " (--help says what there is)\n";
    return ExitCode{1};
  }
  flags.validate = validate->parsed();
  if (flags.validate && flags.config_paths.empty()) {
    std::cerr << "rollcall-agent: validate needs a FILE or a DIR\n";
    return ExitCode{1};
  }
  const bool good =
      ReadDuration("--node-ttl", durations.node_ttl, &flags.settings.node_ttl) &&
      ReadDuration("--check-update-interval", durations.check_update_interval,
                   &flags.settings.check_update_interval) &&
      ReadDuration("--dns-max-stale", durations.dns_max_stale, &flags.settings.dns_max_stale) &&
      ReadDuration("--cache-stale-if-error", durations.cache_stale_if_error,
                   &flags.settings.cache_stale_if_error);
  if (!good) return ExitCode{1};
  return flags;
}

}  // namespace rollcall::agent
