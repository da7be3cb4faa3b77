#include "agent/security.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "registry/acl/methods/login_request.h"
#include "registry/acl/methods/requests.h"
#include "registry/base/go_duration.h"
#include "registry/model/json_fields.h"

namespace rollcall::agent {
namespace {

using model::FieldReader;
using model::KeyStyle;
using nlohmann::json;

Error BadSecurity(const std::string& setting, const std::string& why) {
  return InvalidArgument(setting + ": " + why);
}

template <typename T>
void TakeOnce(FieldReader& reader, std::string_view name, std::optional<T>* out) {
  reader.ReadNested(name, [out](const json& value, const std::string& path) -> Result<void> {
    constexpr bool kIsBool = std::is_same_v<T, bool>;
    if (kIsBool ? !value.is_boolean() : !value.is_string()) {
      return BadSecurity(path, kIsBool ? "expected true or false" : "expected a string");
    }
    if (*out) return BadSecurity(path, "is said in two places; leave one of them out");
    *out = value.get<T>();
    return {};
  });
}

// What is in "tls.defaults", and was at the top before.
void TakeTlsKeys(FieldReader& reader, SecuritySettings* settings) {
  TakeOnce(reader, "CAFile", &settings->ca_file);
  TakeOnce(reader, "CAPath", &settings->ca_path);
  TakeOnce(reader, "CertFile", &settings->cert_file);
  TakeOnce(reader, "KeyFile", &settings->key_file);
  TakeOnce(reader, "TLSMinVersion", &settings->tls_min_version);
  TakeOnce(reader, "VerifyIncoming", &settings->verify_incoming);
  TakeOnce(reader, "VerifyOutgoing", &settings->verify_outgoing);
}

template <typename Take>
void TakeObject(FieldReader& reader, std::string_view name, Take take) {
  reader.ReadNested(name, [take](const json& value, const std::string& path) {
    FieldReader nested(value, path, KeyStyle::kCamelOrSnakeCase);
    take(nested);
    return nested.Finish();
  });
}

Result<void> ResolveTls(const SecuritySettings& s, const SecurityContext& context,
                        SecurityOptions* options) {
  http::TlsClientFiles& client = options->client;
  client.authorities = s.ca_file.value_or("");
  client.authorities_directory = s.ca_path.value_or("");
  client.certificate = s.cert_file.value_or("");
  client.key = s.key_file.value_or("");
  if (client.certificate.empty() != client.key.empty()) {
    return BadSecurity(client.key.empty() ? "cert_file" : "key_file",
                       "cert_file and key_file go together");
  }
  if (s.tls_min_version) {
    const Result<http::TlsVersion> version = http::ParseTlsVersion(*s.tls_min_version);
    if (!version) return BadSecurity("tls_min_version", version.error().message);
    client.min_version = *version;
  }
  options->server = {.certificate = client.certificate,
                     .key = client.key,
                     .authorities = client.authorities,
                     .verify_clients = s.verify_incoming.value_or(false),
                     .min_version = client.min_version};
  if (context.serves_https && client.certificate.empty()) {
    return BadSecurity("https", "needs cert_file and key_file");
  }
  if (options->server.verify_clients && client.authorities.empty()) {
    return BadSecurity("verify_incoming",
                       "needs ca_file, the authorities of the clients' certificates");
  }
  if (options->server.verify_clients && !context.serves_https) {
    options->warnings.emplace_back(
        "verify_incoming: plain HTTP knows no certificates; it holds for https alone, which is "
        "off");
  }
  return {};
}

Result<void> ResolveOutgoing(const SecuritySettings& s, const SecurityContext& context,
                             SecurityOptions* options) {
  const bool by_hostname = s.verify_server_hostname.value_or(false);
  const bool wants_tls = by_hostname || s.verify_outgoing.value_or(false);
  for (const std::string& url : context.servers) {
    if (wants_tls && !url.starts_with("https://")) {
      return BadSecurity(by_hostname ? "verify_server_hostname" : "verify_outgoing",
                         "the server " + url + " is asked over plain HTTP; write it as https://");
    }
  }
  if (by_hostname && s.tls_server_name) {
    return BadSecurity("tls_server_name",
                       "verify_server_hostname says the name already; leave one of them out");
  }
  // As Consul's servers are named, and those of `rollcall tls cert create -server`: that a client's
  // certificate of the same authority cannot pass for one.
  if (by_hostname) options->tls_name = "server." + context.datacenter + "." + context.domain;
  if (s.tls_server_name) options->tls_name = *s.tls_server_name;
  return {};
}

Result<void> TakeToken(const char* name, const std::optional<std::string>& setting,
                       std::string* out) {
  if (!setting) return {};
  // Without showing it.
  if (!setting->empty() && !IsTokenText(*setting)) {
    return BadSecurity(std::string("acl.tokens.") + name,
                       "a token has no blanks and nothing but ASCII in it");
  }
  *out = *setting;
  return {};
}

Result<void> TakePolicy(const char* name, const std::optional<std::string>& setting,
                        std::initializer_list<std::string_view> known, std::string* out) {
  if (!setting) return {};
  if (std::find(known.begin(), known.end(), *setting) == known.end()) {
    std::string all;
    for (const std::string_view each : known) all.append(all.empty() ? "" : ", ").append(each);
    return BadSecurity(std::string("acl.") + name, "\"" + *setting + "\" is none of " + all);
  }
  *out = *setting;
  return {};
}

Result<void> TakeTtl(const std::optional<std::string>& setting, std::chrono::milliseconds* out) {
  if (!setting) return {};
  const Result<std::chrono::nanoseconds> ttl = ParseGoDuration(*setting);
  if (!ttl || ttl->count() < 0) {
    return BadSecurity("acl.token_ttl", "\"" + *setting + "\": expected a duration, as in 30s");
  }
  *out = std::chrono::duration_cast<std::chrono::milliseconds>(*ttl);
  return {};
}

Result<void> ResolveAcl(const SecuritySettings& s, SecurityOptions* options) {
  options->definition_tokens = s.definition_tokens;
  options->acl_enabled = s.acl_enabled.value_or(false);
  options->keeps_tokens = s.enable_token_persistence.value_or(false);
  Result<void> ok = TakePolicy("default_policy", s.acl_default_policy, {"allow", "deny"},
                               &options->default_policy);
  if (ok) {
    ok = TakePolicy("down_policy", s.acl_down_policy,
                    {"allow", "deny", "extend-cache", "async-cache"}, &options->down_policy);
  }
  if (ok) ok = TakeTtl(s.acl_token_ttl, &options->token_ttl);
  if (ok) ok = TakeToken("agent", s.agent_token, &options->tokens.agent);
  if (ok) ok = TakeToken("default", s.default_token, &options->tokens.user);
  if (ok) ok = TakeToken("dns", s.dns_token, &options->tokens.dns);
  if (ok) ok = TakeToken("replication", s.replication_token, &options->tokens.replication);
  return ok;
}

// What the registry would take.
bool IsMethodName(std::string_view name) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return name.size() <= acl::kMaxAuthMethodName && std::all_of(name.begin(), name.end(), is_good);
}

Result<void> ResolveLogin(const SecuritySettings& s, SecurityOptions* options) {
  if (!s.has_login) return {};
  login::LoginOptions login;
  login.auth_method = s.login_auth_method.value_or("");
  login.bearer_token_file = s.login_bearer_token_file.value_or("");
  if (login.auth_method.empty()) {
    return BadSecurity("acl.login.auth_method", "is missing: which auth method to log in with");
  }
  if (!IsMethodName(login.auth_method)) {
    return BadSecurity("acl.login.auth_method", "is no name of an auth method: up to " +
                                                    std::to_string(acl::kMaxAuthMethodName) +
                                                    " of A-Z a-z 0-9 - _");
  }
  if (login.bearer_token_file.empty()) {
    return BadSecurity("acl.login.bearer_token_file", "is missing: the file with the JWT");
  }
  if (s.login_meta) {
    size_t bytes = 0;
    for (const auto& [key, value] : *s.login_meta) {
      bytes += key.size() + value.size();
      login.meta.emplace(key, value);
    }
    if (login.meta.size() > acl::kMaxLoginMeta || bytes > acl::kMaxLoginMetaBytes) {
      return BadSecurity("acl.login.meta", "is too much for the registry: up to " +
                                               std::to_string(acl::kMaxLoginMeta) + " pairs, " +
                                               std::to_string(acl::kMaxLoginMetaBytes) +
                                               " bytes in all");
    }
  }
  options->login = std::move(login);
  if (!options->tokens.agent.empty() && !options->tokens.user.empty()) {
    options->warnings.emplace_back(
        "acl.login: its token is used for nothing, acl.tokens has both agent and default");
  }
  return {};
}

template <typename T>
std::optional<T> FirstOf(const std::optional<T>& over, const std::optional<T>& under) {
  return over ? over : under;
}

}  // namespace

SecuritySettings Merge(const SecuritySettings& over, const SecuritySettings& under) {
  SecuritySettings m;
  m.ca_file = FirstOf(over.ca_file, under.ca_file);
  m.ca_path = FirstOf(over.ca_path, under.ca_path);
  m.cert_file = FirstOf(over.cert_file, under.cert_file);
  m.key_file = FirstOf(over.key_file, under.key_file);
  m.tls_min_version = FirstOf(over.tls_min_version, under.tls_min_version);
  m.tls_server_name = FirstOf(over.tls_server_name, under.tls_server_name);
  m.verify_incoming = FirstOf(over.verify_incoming, under.verify_incoming);
  m.verify_outgoing = FirstOf(over.verify_outgoing, under.verify_outgoing);
  m.verify_server_hostname = FirstOf(over.verify_server_hostname, under.verify_server_hostname);
  m.acl_enabled = FirstOf(over.acl_enabled, under.acl_enabled);
  m.acl_default_policy = FirstOf(over.acl_default_policy, under.acl_default_policy);
  m.acl_down_policy = FirstOf(over.acl_down_policy, under.acl_down_policy);
  m.acl_token_ttl = FirstOf(over.acl_token_ttl, under.acl_token_ttl);
  m.enable_token_persistence =
      FirstOf(over.enable_token_persistence, under.enable_token_persistence);
  m.agent_token = FirstOf(over.agent_token, under.agent_token);
  m.default_token = FirstOf(over.default_token, under.default_token);
  m.dns_token = FirstOf(over.dns_token, under.dns_token);
  m.has_login = over.has_login || under.has_login;
  m.login_auth_method = FirstOf(over.login_auth_method, under.login_auth_method);
  m.login_bearer_token_file = FirstOf(over.login_bearer_token_file, under.login_bearer_token_file);
  m.login_meta = FirstOf(over.login_meta, under.login_meta);
  m.definition_tokens = over.definition_tokens;
  // Each ID is defined once.
  m.definition_tokens.services.insert(under.definition_tokens.services.begin(),
                                      under.definition_tokens.services.end());
  m.definition_tokens.checks.insert(under.definition_tokens.checks.begin(),
                                    under.definition_tokens.checks.end());
  m.replication_token = FirstOf(over.replication_token, under.replication_token);
  return m;
}

void ReadSecurity(FieldReader& reader, SecuritySettings* settings) {
  TakeObject(reader, "TLS", [settings](FieldReader& tls) {
    TakeObject(tls, "Defaults", [settings](FieldReader& of) { TakeTlsKeys(of, settings); });
    TakeObject(tls, "InternalRPC", [settings](FieldReader& of) {
      TakeOnce(of, "VerifyServerHostname", &settings->verify_server_hostname);
    });
  });
  TakeTlsKeys(reader, settings);
  TakeOnce(reader, "VerifyServerHostname", &settings->verify_server_hostname);
  TakeOnce(reader, "TLSServerName", &settings->tls_server_name);
  TakeObject(reader, "ACL", [settings](FieldReader& acl) {
    TakeOnce(acl, "Enabled", &settings->acl_enabled);
    TakeOnce(acl, "DefaultPolicy", &settings->acl_default_policy);
    TakeOnce(acl, "DownPolicy", &settings->acl_down_policy);
    TakeOnce(acl, "TokenTTL", &settings->acl_token_ttl);
    TakeOnce(acl, "EnableTokenPersistence", &settings->enable_token_persistence);
    TakeObject(acl, "Tokens", [settings](FieldReader& tokens) {
      TakeOnce(tokens, "Agent", &settings->agent_token);
      TakeOnce(tokens, "Default", &settings->default_token);
      TakeOnce(tokens, "DNS", &settings->dns_token);
      TakeOnce(tokens, "Replication", &settings->replication_token);
    });
    TakeObject(acl, "Login", [settings](FieldReader& login) {
      settings->has_login = true;
      TakeOnce(login, "AuthMethod", &settings->login_auth_method);
      TakeOnce(login, "BearerTokenFile", &settings->login_bearer_token_file);
      model::StringMap meta;
      login.Read("Meta", &meta);
      if (!meta.empty()) settings->login_meta = std::move(meta);
    });
  });
}

Result<void> ReadDefinitionToken(const json& definition, const std::string& path,
                                 const std::string& id, TokensById* tokens) {
  for (const char* const key : {"token", "Token"}) {
    const auto found = definition.find(key);
    if (found == definition.end() || found->is_null() || *found == "") continue;
    if (!found->is_string() || !IsTokenText(found->get_ref<const std::string&>())) {
      return BadSecurity(path + ": token", "expected a text without blanks, of ASCII alone");
    }
    (*tokens)[id] = found->get<std::string>();
  }
  return {};
}

Result<SecurityOptions> ResolveSecurity(const SecuritySettings& settings,
                                        const SecurityContext& context) {
  SecurityOptions options;
  if (Result<void> ok = ResolveTls(settings, context, &options); !ok) return ok.error();
  if (Result<void> ok = ResolveOutgoing(settings, context, &options); !ok) return ok.error();
  if (Result<void> ok = ResolveAcl(settings, &options); !ok) return ok.error();
  if (Result<void> ok = ResolveLogin(settings, &options); !ok) return ok.error();
  return options;
}

}  // namespace rollcall::agent
