// What `rollcall server` can be told, by flags and by a JSON file with the same names (flag wins).
// Called once, at start. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/http/limits.h"
#include "api/http/tls_files.h"
#include "api/limits/request_limits.h"
#include "dns/cookie.h"
#include "dns/options.h"
#include "registry/base/result.h"

namespace rollcall::cli {

// Each setting as it was written, empty where it was not: flags and the file give one of these
// each.
struct ServerSettings {
  std::optional<std::string> datacenter;
  std::optional<std::string> domain;
  std::optional<std::string> alt_domain;
  std::optional<std::string> node;
  std::optional<std::string> data_dir;
  std::optional<std::string> store;
  std::optional<std::string> etcd_password_file;
  std::optional<std::string> etcd_ca_file;
  std::optional<std::string> etcd_cert_file;
  std::optional<std::string> etcd_key_file;
  std::optional<std::string> etcd_server_name;
  std::optional<std::string> max_stale;
  std::optional<std::string> http;
  std::optional<std::string> https;
  std::optional<std::string> tls_cert_file;
  std::optional<std::string> tls_key_file;
  std::optional<std::string> tls_ca_file;
  std::optional<std::string> tls_verify_incoming;
  std::optional<std::string> tls_min_version;
  std::optional<std::string> acl;
  std::optional<std::string> acl_default_policy;
  std::optional<std::string> acl_down_policy;    // only in the file, as the next two
  std::optional<std::string> acl_default_token;  // a secret
  std::optional<std::string> acl_dns_token;      // a secret
  std::optional<std::string> dns;
  std::optional<std::string> advertise;
  std::optional<std::string> workers;
  std::optional<std::string> log_level;
  std::optional<std::string> service_ttl;
  std::optional<std::string> node_ttl;
  std::optional<std::string> negative_ttl;
  std::optional<std::string> dns_any;
  std::optional<std::string> only_passing;
  std::optional<std::string> max_udp_payload;
  std::optional<std::string> dns_order;
  std::optional<std::string> dns_max_answers;
  std::optional<std::string> dns_rate_limit;
  std::optional<std::string> dns_cookie_secret_file;
  std::optional<std::string> dns_max_connections;
  std::optional<std::string> dns_max_connections_per_address;
  std::optional<std::string> dns_idle_timeout;
  std::optional<std::string> recursors;  // with commas, as is the next but one
  std::optional<std::string> recursor_timeout;
  std::optional<std::string> allow_recursion;
  std::optional<std::string> max_body_bytes;
  std::optional<std::string> max_header_bytes;
  std::optional<std::string> max_connections;
  std::optional<std::string> max_connections_per_address;
  std::optional<std::string> max_parked_queries;
  std::optional<std::string> header_timeout;
  std::optional<std::string> body_timeout;
  std::optional<std::string> idle_timeout;
  std::optional<std::string> write_timeout;
  std::optional<std::string> drain_grace;
  std::optional<std::string> limit_reads;
  std::optional<std::string> limit_writes;
  std::optional<std::string> limit_reads_per_client;
  std::optional<std::string> limit_writes_per_client;
  std::optional<std::string> limit_reads_per_token;
  std::optional<std::string> limit_writes_per_token;
  std::optional<std::string> limit_failed_auth;
  std::optional<std::string> limit_exempt;
  std::optional<std::string> limit_mode;
  std::optional<std::string> audit_log;
  std::optional<std::string> audit_log_max_size;
  std::optional<std::string> audit_log_max_age;
  std::optional<std::string> audit_log_max_files;
  std::optional<std::string> audit_syslog_socket;
};

struct ListenAddress {
  std::string address;  // an IP address, without brackets
  uint16_t port = 0;

  bool operator==(const ListenAddress&) const = default;
};

// A store that several servers share (--store), as it was written.
struct SharedStore {
  std::string url;
  std::string password_file;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string server_name;

  bool operator==(const SharedStore&) const = default;
};

// Who may do what.
struct AccessSettings {
  bool enabled = false;
  // Of what no rule is about, where it is enabled. Closed, other than Consul's: who turns access
  // control on means it.
  std::string default_policy = "deny";
  std::string down_policy = "extend-cache";  // of agents: a server knows all tokens itself
  std::string default_token;  // the secret of who presents none; empty: the anonymous token
  std::string dns_token;      // the secret by which DNS answers; empty: as the one above

  bool operator==(const AccessSettings&) const = default;
};

// Where the audit log goes.
struct AuditTarget {
  std::string target;  // a file, or "syslog"; empty: it is off
  // Of a file: when it is turned over, and how many that were are kept; 0: never, and all.
  size_t max_bytes = size_t{100} * 1024 * 1024;
  std::chrono::seconds max_age = std::chrono::hours(24);
  size_t max_files = 14;
  std::string syslog_socket = "/dev/log";

  bool operator==(const AuditTarget&) const = default;
};

struct ServerOptions {
  std::string datacenter = "dc1";
  std::string domain = "consul";
  std::string alt_domain;  // empty: none
  std::string node;
  std::string data_dir;                     // empty: keep nothing (--dev), or shared_store
  std::optional<SharedStore> shared_store;  // unset: this server has its store to itself
  std::chrono::milliseconds max_stale{0};   // how old stale answers may be; 0: no limit
  std::optional<ListenAddress> http = ListenAddress{"127.0.0.1", 8500};  // unset: only https
  std::optional<ListenAddress> https;                                    // unset: only http
  std::string tls_cert_file;  // with https; as the next one
  std::string tls_key_file;
  std::string tls_ca_file;                                   // empty: none
  bool tls_verify_incoming = false;                          // clients need a certificate
  http::TlsVersion tls_min_version = http::TlsVersion::k12;  // of clients, and of servers asked
  AccessSettings access;
  std::optional<ListenAddress> dns;  // unset: no DNS
  std::string advertise;             // the address of the server's own node
  size_t workers = 1;
  std::string log_level = "info";
  dns::ServiceTtls service_ttl;
  std::chrono::seconds node_ttl{0};
  std::chrono::seconds negative_ttl{0};
  std::string dns_any = "minimal";  // or "all"
  bool only_passing = false;        // in DNS: leave out instances in state warning
  size_t max_udp_payload = 8192;    // of a DNS answer, in bytes
  dns::AnswerOrder dns_order = dns::AnswerOrder::kRandom;
  size_t dns_max_answers = 0;  // of a service's instances in an answer; 0: as many as fit
  size_t dns_rate_limit = 0;   // answers a second to a network; 0: no limit
  std::optional<dns::CookieSecret> dns_cookie_secret;  // unset: drawn at start
  size_t dns_max_connections = 1024;                   // of all workers together; 0: no limit
  size_t dns_max_connections_per_address = 128;        // the same
  std::chrono::milliseconds dns_idle_timeout = std::chrono::seconds(10);
  std::vector<dns::RecursorAddress> recursors;
  std::chrono::milliseconds recursor_timeout = std::chrono::seconds(2);
  NetworkSet allow_recursion = NetworkSet::LocalNetworks();

  // All but the connections, which depend on what the process may open (ResolveLimits). There, as
  // everywhere below but in drain_grace, 0 means no limit.
  http::Limits limits;
  std::optional<size_t> max_connections;
  std::optional<size_t> max_connections_per_address;
  size_t max_parked_queries = 100000;  // of all workers together
  std::chrono::milliseconds drain_grace = std::chrono::seconds(5);
  api::RequestLimitOptions request_limits;
  AuditTarget audit;
};

enum class Storage { kDataDirectory, kNothingKept };

// Errors are kInvalidArgument, one line that names the file, the key and the value.
Result<ServerSettings> ReadServerConfig(const std::string& path);
Result<ServerOptions> ResolveServerOptions(const ServerSettings& flags, const ServerSettings& file,
                                           Storage storage);

}  // namespace rollcall::cli
