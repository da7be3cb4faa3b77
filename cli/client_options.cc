#include "cli/client_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

namespace rollcall::cli {
namespace {

constexpr const char* kDefaultAddress = "http://127.0.0.1:8500";
// Of a secret; Consul's have 36.
constexpr size_t kMaxTokenBytes = 4096;

// Where a setting comes from; the lower, the better.
enum Place { kFlag, kOwnVariable, kConsulVariable, kNowhere };

struct Setting {
  std::string value;  // empty: kNowhere
  Place place = kNowhere;
  std::string name;  // "--ca-file", "CONSUL_CACERT"

  bool is_set() const { return place != kNowhere; }
};

class Settings {
 public:
  explicit Settings(const Environment& environment) : environment_(environment) {}

  Setting Of(const char* flag_name, const std::optional<std::string>& flag,
             const std::string& variable) const {
    if (flag) return {*flag, kFlag, flag_name};
    return OfVariables(variable);
  }
  Setting OfVariables(const std::string& variable) const {
    for (const auto& [prefix, place] : kPrefixes) {
      const std::string name = prefix + variable;
      const char* const value = environment_(name.c_str());
      if (value != nullptr && *value != '\0') return {value, place, name};
    }
    return {};
  }

 private:
  static constexpr std::array<std::pair<const char*, Place>, 2> kPrefixes = {
      {{"ROLLCALL_", kOwnVariable}, {"CONSUL_", kConsulVariable}}};
  const Environment& environment_;
};

// As Go reads it, with which Consul does.
Result<bool> ParseBool(const Setting& setting) {
  constexpr std::array kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array kFalse = {"0", "f", "F", "false", "FALSE", "False"};
  const auto is = [&](const char* each) { return setting.value == each; };
  if (std::any_of(kTrue.begin(), kTrue.end(), is)) return true;
  if (std::any_of(kFalse.begin(), kFalse.end(), is)) return false;
  return InvalidArgument(setting.name + ": expected true or false, found \"" + setting.value +
                         "\"");
}

// What goes into a header as it is.
bool IsToken(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

Result<std::string> ReadTokenFile(const Setting& file) {
  const std::string where = file.name + ": " + file.value;
  errno = 0;
  std::ifstream stream(file.value, std::ios::binary);
  std::string text(kMaxTokenBytes + 1, '\0');
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A directory can be opened, and fails when it is read.
  if (!stream.eof() && !stream) {
    return InvalidArgument(where + " cannot be read: " + std::strerror(errno));
  }
  text.resize(static_cast<size_t>(stream.gcount()));
  constexpr const char* kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string::npos) return InvalidArgument(where + " is empty; a token is expected");
  std::string token = text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
  if (text.size() > kMaxTokenBytes || !IsToken(token)) {
    return InvalidArgument(where + " holds something else than a token");
  }
  return token;
}

Result<std::string> TokenOf(const Settings& settings, const ClientOptions& options) {
  const Setting token = settings.Of("--token", options.token, "HTTP_TOKEN");
  const Setting file = settings.Of("--token-file", options.token_file, "HTTP_TOKEN_FILE");
  if (options.token && options.token_file) {
    return InvalidArgument("--token and --token-file: leave one of them out");
  }
  if (file.is_set() && file.place <= token.place) return ReadTokenFile(file);
  if (!IsToken(token.value)) {
    return InvalidArgument(token.name + ": a token has no blanks and nothing but ASCII in it");
  }
  return token.value;
}

Result<HttpAddress> AddressOf(const Settings& settings, const ClientOptions& options) {
  const Setting address = settings.Of("--http-addr", options.http_addr, "HTTP_ADDR");
  const Setting ssl = settings.OfVariables("HTTP_SSL");
  Result<bool> wants_https = false;
  if (ssl.is_set()) wants_https = ParseBool(ssl);
  if (!wants_https) return wants_https.error();
  const std::string text = address.is_set() ? address.value : kDefaultAddress;
  Result<HttpAddress> parsed = ParseHttpAddress(text);
  if (!parsed) {
    return Error{parsed.error().code,
                 (address.name.empty() || address.place == kFlag ? "" : address.name + ": ") +
                     parsed.error().message};
  }
  const bool names_scheme = address.is_set() && text.find("://") != std::string::npos;
  if (*wants_https && (!names_scheme || ssl.place <= address.place)) parsed->scheme = "https";
  return parsed;
}

}  // namespace

void AddTargetOptions(CLI::App& app, ClientOptions* options) {
  const auto add = [&app](const char* name, std::optional<std::string>* value, const char* type,
                          const char* what) {
    app.add_option(name, *value, what)->type_name(type)->group("Server to ask");
  };
  add("--http-addr", &options->http_addr, "ADDR",
      "The server or agent to ask: host:port or a URL. Default: $ROLLCALL_HTTP_ADDR, "
      "$CONSUL_HTTP_ADDR, or http://127.0.0.1:8500");
  add("--token", &options->token, "SECRET",
      "An ACL token's secret. All users of this machine see it in `ps`: better is --token-file, or "
      "$ROLLCALL_HTTP_TOKEN, $CONSUL_HTTP_TOKEN");
  add("--token-file", &options->token_file, "FILE",
      "A file with it. Default: $ROLLCALL_HTTP_TOKEN_FILE, $CONSUL_HTTP_TOKEN_FILE");
  add("--ca-file", &options->ca_file, "FILE",
      "Of https: the authority of the server's certificate (PEM), in place of the system's ones. "
      "Default: $ROLLCALL_CACERT, $CONSUL_CACERT");
  add("--ca-path", &options->ca_path, "DIR",
      "Or a directory of such files. Default: $ROLLCALL_CAPATH, $CONSUL_CAPATH");
  add("--client-cert", &options->client_cert, "FILE",
      "The certificate to show to the server (PEM). Default: $ROLLCALL_CLIENT_CERT, "
      "$CONSUL_CLIENT_CERT");
  add("--client-key", &options->client_key, "FILE",
      "Its key. Default: $ROLLCALL_CLIENT_KEY, $CONSUL_CLIENT_KEY");
  add("--tls-server-name", &options->tls_server_name, "NAME",
      "The name that the server's certificate must have, in place of the address's. Default: "
      "$ROLLCALL_TLS_SERVER_NAME, $CONSUL_TLS_SERVER_NAME");
}

void AddJsonFlag(CLI::App& app, ClientOptions* options, const char* what) {
  app.add_flag("--json", options->json, what);
  app.add_option_function<std::string>(
         "--format", [options](const std::string& format) { options->json = format == "json"; },
         "The same in Consul's words")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"pretty", "json"}));
}

Result<Target> TargetOf(const ClientOptions& options, const Environment& environment) {
  const Settings settings(environment);
  Target target;
  Result<HttpAddress> address = AddressOf(settings, options);
  if (!address) return address.error();
  target.address = std::move(*address);
  Result<std::string> token = TokenOf(settings, options);
  if (!token) return token.error();
  target.token = std::move(*token);
  if (target.address.scheme != "https") return target;

  http::TlsClientFiles& tls = target.tls;
  const Setting file = settings.Of("--ca-file", options.ca_file, "CACERT");
  const Setting directory = settings.Of("--ca-path", options.ca_path, "CAPATH");
  if (file.place <= directory.place) {
    tls.authorities = file.value;
  } else {
    tls.authorities_directory = directory.value;
  }
  const Setting certificate = settings.Of("--client-cert", options.client_cert, "CLIENT_CERT");
  const Setting key = settings.Of("--client-key", options.client_key, "CLIENT_KEY");
  if (certificate.is_set() != key.is_set()) {
    return InvalidArgument((key.is_set() ? key.name : certificate.name) +
                           ": a certificate and its key go together; give " +
                           (key.is_set() ? "--client-cert FILE" : "--client-key FILE") + " too");
  }
  tls.certificate = certificate.value;
  tls.key = key.value;
  target.server_name =
      settings.Of("--tls-server-name", options.tls_server_name, "TLS_SERVER_NAME").value;
  if (const Setting verify = settings.OfVariables("HTTP_SSL_VERIFY"); verify.is_set()) {
    const Result<bool> wanted = ParseBool(verify);
    if (!wanted) return wanted.error();
    tls.verify = *wanted;
  }
  return target;
}

Result<Target> TargetOf(const ClientOptions& options) {
  return TargetOf(options, [](const char* name) -> const char* { return std::getenv(name); });
}

}  // namespace rollcall::cli
