#include "cli/server_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/console.h"
#include "cli/server.h"
#include "cli/server_options.h"

namespace rollcall::cli {
namespace {

constexpr const char* kServerNotes = R"(
The configuration file is JSON with the flags' names in snake_case:
  {"datacenter": "dc1", "node": "registry-1", "data_dir": "/var/lib/rollcall",
   "http": "10.0.0.5:8500", "dns": "10.0.0.5:8600", "service_ttl": "5s"}
A flag wins over the file.

Examples:
  rollcall server --dev
  rollcall server --data-dir /var/lib/rollcall
  rollcall server --data-dir /var/lib/rollcall --http 0.0.0.0:8500 --dns 0.0.0.0:8600 \
      --advertise 10.0.0.5
  rollcall server --store etcd://etcd1,etcd2,etcd3 --http 10.0.0.5:8500
  rollcall server --data-dir /var/lib/rollcall --http off --https 10.0.0.5:8501 \
      --tls-cert-file server.pem --tls-key-file server.key
  rollcall server --data-dir /var/lib/rollcall --acl    (then: rollcall acl bootstrap)

SIGTERM and SIGINT stop it: what runs is finished, waiting queries are answered, exit code 0.
SIGHUP makes it read the configuration file and the certificates again: they, the log level,
the limits of requests and much of what DNS answers change at once. The audit log goes on in
a new file if it was moved away.
)";

struct Flags {
  ServerSettings settings;
  std::string config;
  bool dev = false;
};

Result<ServerOptions> ReadOptionsOf(const Flags& flags) {
  ServerSettings file;
  if (!flags.config.empty()) {
    Result<ServerSettings> read = ReadServerConfig(flags.config);
    if (!read) return read.error();
    file = std::move(*read);
  }
  return ResolveServerOptions(flags.settings, file,
                              flags.dev ? Storage::kNothingKept : Storage::kDataDirectory);
}

int Run(const Flags& flags) {
  const Result<ServerOptions> options = ReadOptionsOf(flags);
  if (!options) return Fail(options.error());
  ReadOptions read_again;
  if (!flags.config.empty()) read_again = [&flags] { return ReadOptionsOf(flags); };
  const Result<void> done = RunServer(*options, read_again);
  return done ? kOk : Fail(done.error());
}

// What adds a flag that the help shows under this heading.
auto FlagsUnder(const char* heading, CLI::App& server) {
  return
      [heading, &server](const char* flag, std::optional<std::string>& setting, const char* text) {
        return server.add_option(flag, setting, text)->group(heading);
      };
}

void AddLimits(CLI::App& server, ServerSettings& s) {
  const auto add = FlagsUnder("Limits of the HTTP API (0: none)", server);
  add("--max-body-bytes", s.max_body_bytes,
      "Of a request; beyond it 413 (default 524288; from 1 to 1 GiB)");
  add("--max-header-bytes", s.max_header_bytes,
      "Request line and header; beyond it 431 (default 16384; from 1024 to 16 MiB)");
  add("--max-connections", s.max_connections,
      "Beyond it 503 (default: what the limit on open files allows)");
  add("--max-connections-per-address", s.max_connections_per_address,
      "Beyond it 429 (default: half of those in all)");
  add("--max-parked-queries", s.max_parked_queries,
      "Blocking queries that wait at a time (default 100000)");
  add("--header-timeout", s.header_timeout, "For a header to arrive; then 408 (default 10s)");
  add("--body-timeout", s.body_timeout, "For a body to arrive; then 408 (default 30s)");
  add("--idle-timeout", s.idle_timeout, "Between requests; then closed (default 60s)");
  add("--write-timeout", s.write_timeout,
      "For a client to take a part of its answer; then closed (default 30s)");
  add("--drain-grace", s.drain_grace,
      "For what runs to finish when the server stops (default 5s; 0s: at once)");
}

// How many requests clients and tokens may make.
void AddRequestLimits(CLI::App& server, ServerSettings& s) {
  const auto add =
      FlagsUnder("Limits of requests (RATE a second, or RATE:BURST; default 0: none)", server);
  add("--limit-reads-per-client", s.limit_reads_per_client,
      "Reads of one client address, IPv6 by /64; beyond it 429");
  add("--limit-writes-per-client", s.limit_writes_per_client, "Writes likewise");
  add("--limit-reads-per-token", s.limit_reads_per_token, "Reads with one token");
  add("--limit-writes-per-token", s.limit_writes_per_token, "Writes likewise");
  add("--limit-reads", s.limit_reads, "Reads of all clients together");
  add("--limit-writes", s.limit_writes, "Writes likewise");
  add("--limit-failed-auth", s.limit_failed_auth,
      "Unknown or expired tokens and failed logins of one address a minute;\nthen 429 (default "
      "60; 0: no limit)");
  add("--limit-exempt", s.limit_exempt,
      "Networks whose clients are not limited, or none (default\n127.0.0.0/8,::1)");
  add("--limit-mode", s.limit_mode,
      "enforcing, permissive (only count and log) or disabled (default\nenforcing)");
}

// Who changed what.
void AddAudit(CLI::App& server, ServerSettings& s) {
  const auto add = FlagsUnder("Audit log", server);
  add("--audit-log", s.audit_log, "A file, syslog or off (default off)");
  add("--audit-log-max-size", s.audit_log_max_size,
      "Bytes after which the file is turned over (default 104857600; 0: any)");
  add("--audit-log-max-age", s.audit_log_max_age,
      "Time after which the file is turned over (default 24h; 0s: any)");
  add("--audit-log-max-files", s.audit_log_max_files,
      "Files that are kept beside it (default 14; 0: all)");
  add("--audit-syslog-socket", s.audit_syslog_socket,
      "Where the syslog daemon listens (default /dev/log)");
}

// A store that several servers share.
void AddSharedStore(CLI::App& server, ServerSettings& s) {
  const auto add = FlagsUnder("Several servers on one etcd", server);
  add("--store", s.store,
      "etcd://[USER@]HOST[:PORT][,HOST[:PORT]...][/PREFIX], or etcds:// for TLS:\nkeep the catalog "
      "there, in place of --data-dir");
  add("--etcd-password-file", s.etcd_password_file, "Its first line is the user's password");
  add("--etcd-ca-file", s.etcd_ca_file,
      "Authorities of etcd's certificates, PEM (default: the system's)");
  add("--etcd-cert-file", s.etcd_cert_file, "This server's certificate for etcd, PEM");
  add("--etcd-key-file", s.etcd_key_file, "Its key, PEM");
  add("--etcd-server-name", s.etcd_server_name,
      "The name in etcd's certificates (default: the host that is asked)");
  add("--max-stale", s.max_stale,
      "How long DNS and ?stale answer without word of etcd (default 0s: for ever)");
}

void AddHttps(CLI::App& server, ServerSettings& s) {
  const auto add = FlagsUnder("HTTPS", server);
  add("--https", s.https, "HTTP API over TLS, IP:PORT or off (default off)");
  add("--tls-cert-file", s.tls_cert_file,
      "The server's certificate and those that lead to its authority, PEM");
  add("--tls-key-file", s.tls_key_file, "Its key, PEM, not encrypted");
  add("--tls-ca-file", s.tls_ca_file, "Authorities of the clients' certificates, PEM");
  add("--tls-verify-incoming", s.tls_verify_incoming,
      "Serve only clients with a certificate of theirs: true or false (default\nfalse)")
      ->expected(0, 1);
  add("--tls-min-version", s.tls_min_version,
      "The oldest that is spoken: TLSv1_2 or TLSv1_3 (default TLSv1_2)");
}

void AddAccess(CLI::App& server, ServerSettings& s) {
  const auto add = FlagsUnder("Access control", server);
  add("--acl", s.acl,
      "Ask every request for a token, as Consul's ACLs do: true or false (default\nfalse)")
      ->expected(0, 1);
  add("--acl-default-policy", s.acl_default_policy,
      "What holds where no rule of a token does: allow or deny (default deny)");
}

// How DNS is served, and to whom.
void AddDnsService(CLI::App& server, ServerSettings& s) {
  const auto add = FlagsUnder("DNS service", server);
  add("--dns-order", s.dns_order,
      "Order of a service's instances: random, or stable for each client\n(default random)");
  add("--dns-max-answers", s.dns_max_answers,
      "Instances of a service in one answer (default 0: as many as fit)");
  add("--dns-rate-limit", s.dns_rate_limit,
      "UDP answers a second to a network (/24, /56) that has shown no cookie;\n"
      "loopback excepted (default 0: no limit)");
  add("--dns-cookie-secret-file", s.dns_cookie_secret_file,
      "32 hex digits, for servers that share an address (default: drawn at start)");
  add("--dns-max-connections", s.dns_max_connections,
      "DNS connections over TCP (default 1024; 0: no limit)");
  add("--dns-max-connections-per-address", s.dns_max_connections_per_address,
      "Of one client (default 128; 0: no limit)");
  add("--dns-idle-timeout", s.dns_idle_timeout,
      "For a connection without a query; then closed (default 10s)");
  add("--recursor", s.recursors,
      "IP[:PORT] of a DNS server that answers for all other domains; more of\n"
      "them for when it does not (default: none)")
      ->multi_option_policy(CLI::MultiOptionPolicy::Join)
      ->delimiter(',');
  add("--recursor-timeout", s.recursor_timeout, "For one of them to answer (default 2s)");
  add("--allow-recursion", s.allow_recursion,
      "Networks whose clients they are asked for (default: loopback and private\n"
      "ones); more with commas")
      ->multi_option_policy(CLI::MultiOptionPolicy::Join)
      ->delimiter(',');
}

}  // namespace

void AddServerCommand(CLI::App& app, int* exit_code) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* server = app.add_subcommand("server", "Run the registry: HTTP API, DNS, store.");
  server->footer(kServerNotes);
  ServerSettings& s = flags->settings;
  server->add_option("--config", flags->config, "JSON file with settings");
  server->add_flag("--dev", flags->dev, "Keep nothing on disk; needs no other flag");
  server->add_option("--data-dir", s.data_dir, "Where the catalog is kept; one server at a time");
  AddSharedStore(*server, s);
  server->add_option("--http", s.http, "HTTP API, IP:PORT or off (default 127.0.0.1:8500)");
  AddHttps(*server, s);
  AddAccess(*server, s);
  server->add_option("--dns", s.dns,
                     "DNS over UDP and TCP, IP:PORT or off (default 127.0.0.1:8600)");
  server->add_option("--advertise", s.advertise,
                     "This server's address in the catalog (default: that of --http)");
  server->add_option("--node", s.node,
                     "This server's node name (default: the host name and -registry)");
  server->add_option("--datacenter", s.datacenter, "Name of the datacenter (default dc1)");
  server->add_option("--domain", s.domain, "DNS domain that is answered for (default consul)");
  server->add_option("--alt-domain", s.alt_domain,
                     "Another DNS domain that is answered for (default: none)");
  server->add_option("--service-ttl", s.service_ttl,
                     "TTL of service answers in DNS (default 0s); by name:\n"
                     "'*=5s,web=30s,db*=10s', the longest that fits");
  server->add_option("--node-ttl", s.node_ttl, "TTL of node answers in DNS (default 0s)");
  server->add_option("--negative-ttl", s.negative_ttl,
                     "How long DNS clients may keep that a name is not there (default 0s)");
  server->add_option("--dns-any", s.dns_any,
                     "How DNS questions of type ANY are answered: minimal (RFC 8482) or all\n"
                     "(default minimal)");
  server->add_option("--only-passing", s.only_passing,
                     "Leave instances in state warning out of DNS too: true or false (default\n"
                     "false)");
  server->add_option("--max-udp-payload", s.max_udp_payload,
                     "The most that a DNS answer over UDP takes, in bytes, from 512 (default\n"
                     "8192); 1232 where networks drop fragments");
  AddDnsService(*server, s);
  server->add_option("--workers", s.workers, "Threads that serve (default: one per core)");
  server->add_option("--log-level", s.log_level,
                     "trace, debug, info, warn, error or off (default info)");
  AddLimits(*server, s);
  AddRequestLimits(*server, s);
  AddAudit(*server, s);
  server->callback([flags, exit_code] { *exit_code = Run(*flags); });
}

}  // namespace rollcall::cli
