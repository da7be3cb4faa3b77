// Security: how the agent speaks TLS, on both of its sides, and which ACL tokens it has of its own.
// In Consul's words, as written (SecuritySettings) and as it will be done (SecurityOptions).
// Plain values.
//
//   {"tls": {"defaults": {"ca_file": "ca.pem", "cert_file": "agent.pem", "key_file": "agent.key",
//                         "verify_incoming": true, "verify_outgoing": true},
//            "internal_rpc": {"verify_server_hostname": true}},
//    "acl": {"enabled": true, "down_policy": "extend-cache",
//            "tokens": {"agent": "...", "default": "..."},
//            "login": {"auth_method": "ci", "bearer_token_file": "/run/secrets/jwt"}}}
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/login/login_request.h"
#include "agent/tokens.h"
#include "api/http/tls_client.h"
#include "api/http/tls_files.h"
#include "registry/base/result.h"
#include "registry/model/records.h"

namespace rollcall::model {
class FieldReader;
}

namespace rollcall::agent {

struct SecuritySettings {
  std::optional<std::string> ca_file;
  std::optional<std::string> ca_path;
  std::optional<std::string> cert_file;
  std::optional<std::string> key_file;
  std::optional<std::string> tls_min_version;
  std::optional<std::string> tls_server_name;
  std::optional<bool> verify_incoming;
  std::optional<bool> verify_outgoing;
  std::optional<bool> verify_server_hostname;

  std::optional<bool> acl_enabled;
  std::optional<std::string> acl_default_policy;
  std::optional<std::string> acl_down_policy;
  std::optional<std::string> acl_token_ttl;
  std::optional<bool> enable_token_persistence;
  std::optional<std::string> agent_token;
  std::optional<std::string> default_token;
  std::optional<std::string> dns_token;
  std::optional<std::string> replication_token;
  bool has_login = false;  // whatever it says
  std::optional<std::string> login_auth_method;
  std::optional<std::string> login_bearer_token_file;
  std::optional<model::StringMap> login_meta;
  DefinitionTokens definition_tokens;  // of the services and checks in the files
};

// `over` where it says something, `under` where it does not.
SecuritySettings Merge(const SecuritySettings& over, const SecuritySettings& under);

// Takes "tls", "acl" and the keys that Consul had for them before. One that is said twice is an
// error.
void ReadSecurity(model::FieldReader& reader, SecuritySettings* settings);

// The token of the service or the check that is defined at `path`, for its ID. An error does not
// show it.
Result<void> ReadDefinitionToken(const nlohmann::json& definition, const std::string& path,
                                 const std::string& id, TokensById* tokens);

struct SecurityOptions {
  // Towards the registry.
  http::TlsClientFiles client;
  std::string tls_name;  // that its servers' certificates must have; empty: that of the URL
  // Of the agent's own HTTPS.
  http::TlsFiles server;

  bool acl_enabled = false;
  std::string default_policy = "allow";         // or "deny"
  std::string down_policy = "extend-cache";     // allow, deny, extend-cache, async-cache
  std::chrono::milliseconds token_ttl{30'000};  // of what the registry says a token grants
  bool keeps_tokens = false;                    // those that come over HTTP, over a restart
  Tokens tokens;
  DefinitionTokens definition_tokens;
  std::optional<login::LoginOptions> login;  // none: the agent does not log in
  std::vector<std::string> warnings;         // worth a line in the log
};

struct SecurityContext {
  std::string datacenter;
  std::string domain;
  std::vector<std::string> servers;  // URLs
  bool serves_https = false;
};
// Errors are one line that names the setting. Files are not looked at.
Result<SecurityOptions> ResolveSecurity(const SecuritySettings& settings,
                                        const SecurityContext& context);

}  // namespace rollcall::agent
