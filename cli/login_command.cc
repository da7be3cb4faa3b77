#include "cli/login_command.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/new_file.h"
#include "cli/registry_client.h"
#include "registry/base/bearer_token.h"
#include "registry/base/printable.h"
#include "registry/base/system_error.h"

namespace rollcall::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kLogoutPath = "/v1/acl/logout";
// The server may have to fetch the keys of the issuer first, for up to 10 s, after a pause of up to
// 10 s when the key is an unknown one.
constexpr std::chrono::seconds kLoginTimeout{25};

constexpr const char* kLoginNotes = R"(
The secret of the new token is written to the sink file, which only its owner may read, and shown
nowhere. No token is presented at a login: --token and its variables are not looked at. Flags may be
written as Consul has them, with one dash: -method, -bearer-token-file.

Examples:
  rollcall login --method ci --bearer-token-file /run/secrets/jwt --token-sink-file token
  ROLLCALL_HTTP_TOKEN_FILE=token rollcall services
  rollcall logout --token-file token
  get-a-jwt | rollcall login --method ci --bearer-token-file - --token-sink-file token
)";

constexpr const char* kLogoutNotes = R"(
The token is gone at once, and the file with its secret is then good for nothing. Only a token that
a login has made can be logged out; others are removed with `rollcall acl token delete`.
)";

struct LoginFlags {
  std::string method;
  std::string bearer_token_file;
  std::string token_sink_file;
  std::vector<std::string> meta;  // KEY=VALUE
};

Result<std::string> BearerFrom(const std::string& file) {
  if (file != "-") return ReadBearerTokenFile(file);
  // More than may be in it, so that what is too large is told from what is not.
  std::string text(2 * kMaxBearerTokenBytes, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::cin.gcount()));
  return BearerTokenOf(text, "standard input");
}

Result<std::map<std::string, std::string>> MetaFrom(const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> meta;
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InvalidArgument("--meta " + Printable(pair) + ": expected KEY=VALUE");
    }
    if (!meta.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) {
      return InvalidArgument("--meta " + Printable(pair) + ": this key is given twice");
    }
  }
  return meta;
}

// Whom to ask, without a token: one that has expired, and is about to be replaced, would be refused
// before the login is looked at.
ClientOptions WithoutToken(ClientOptions options) {
  options.token = "";
  options.token_file.reset();
  return options;
}

// The file that the secret will be in. Made before the login, so that none is made for nothing.
Result<NewFile> OpenSink(const std::string& path) {
  struct stat there {};
  // A file is replaced as a whole, which would put an end to a link or a device.
  if (lstat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    return InvalidArgument(path + " is there, and is not a regular file; name another one");
  }
  return NewFile::Create(path, NewFile::Existing::kReplaced);
}

// A part of an answer to a login that is a text; empty: it has no such part.
std::string MemberOf(const ordered_json& token, const char* name) {
  const auto found = token.find(name);
  return found == token.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

Result<void> WriteSink(const std::string& secret, NewFile* sink) {
  if (Result<void> written = sink->Write(secret); !written) return written;
  Result<void> placed = sink->Place();
  if (placed || !sink->is_placed()) return placed;
  // The file has the new secret and the old one is gone: the login is one, if it outlives a crash
  // of the host or not.
  Complain("warning: " + placed.error().message);
  return {};
}

// A token that nobody has the secret of is not left behind.
void TakeBack(Target target, const std::string& secret) {
  target.token = secret;
  RegistryClient client(std::move(target));
  if (const Result<Response> gone = client.Post(kLogoutPath); !gone) {
    Complain("the token that was made could not be logged out: " + gone.error().message);
  }
}

int ShowLogin(const ClientOptions& options, ordered_json token, const std::string& file) {
  token.erase("SecretID");
  if (options.json) {
    return PrintJsonAndExit(token.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  }
  const std::string until = MemberOf(token, "ExpirationTime");
  return PrintAndExit("logged in as token " + Printable(MemberOf(token, "AccessorID")) +
                      (until.empty() ? "" : ", until " + Printable(until)) + "; its secret is in " +
                      Printable(file) + "\n");
}

int RunLogin(const ClientOptions& options, const LoginFlags& flags) {
  const auto meta = MetaFrom(flags.meta);
  if (!meta) return Complain(meta.error().message), kUsageError;
  const Result<Target> target = TargetOf(WithoutToken(options));
  if (!target) return Complain(target.error().message), kUsageError;
  const Result<std::string> bearer = BearerFrom(flags.bearer_token_file);
  if (!bearer) return Fail(bearer.error());
  Result<NewFile> sink = OpenSink(flags.token_sink_file);
  if (!sink) return Fail(sink.error());

  ordered_json body = {{"AuthMethod", flags.method}, {"BearerToken", *bearer}};
  if (!meta->empty()) body["Meta"] = *meta;
  RegistryClient client(*target);
  client.SetAnswerTimeout(kLoginTimeout);
  const Result<Response> answer =
      client.Post(kLoginPath, body.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  if (!answer) return Fail(answer.error());
  const ordered_json token = ordered_json::parse(answer->body, nullptr, false);
  const std::string secret = token.is_object() ? MemberOf(token, "SecretID") : std::string();
  if (secret.empty()) {
    return Fail(Corruption("the answer is no token; is --http-addr a rollcall server?"));
  }
  if (Result<void> written = WriteSink(secret, &*sink); !written) {
    TakeBack(*target, secret);
    return Fail(written.error());
  }
  return ShowLogin(options, token, flags.token_sink_file);
}

int RunLogout(const ClientOptions& options) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  if (target->token.empty()) {
    Complain("there is no token to log out; name its file with --token-file FILE");
    return kUsageError;
  }
  RegistryClient client(*target);
  const Result<Response> answer = client.Post(kLogoutPath);
  return answer ? PrintAndExit("logged out\n") : Fail(answer.error());
}

}  // namespace

void AddLoginCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* const command =
      app.add_subcommand("login",
                         "Get a token of the registry for a JWT (rollcall acl "
                         "auth-method)");
  const auto flags = std::make_shared<LoginFlags>();
  command->footer(kLoginNotes);
  command->add_option("--method", flags->method, "The auth method to log in with")->required();
  command
      ->add_option("--bearer-token-file", flags->bearer_token_file,
                   "The file with the JWT; - is standard input")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--token-sink-file", flags->token_sink_file,
                   "Where the secret of the new token goes; what is there is replaced")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--meta", flags->meta,
                   "What the token says of itself, KEY=VALUE; may be given several times")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  AddTargetOptions(*command, options);
  AddJsonFlag(*command, options, "Print what the server answers, without the secret");
  command->callback([=] { *exit_code = RunLogin(*options, *flags); });
}

void AddLogoutCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* const command =
      app.add_subcommand("logout", "Remove the token that a login has made: the one that asks");
  command->footer(kLogoutNotes);
  AddTargetOptions(*command, options);
  command->callback([=] { *exit_code = RunLogout(*options); });
}

}  // namespace rollcall::cli
