#include "cli/register_command.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/registry_client.h"
#include "registry/base/printable.h"
#include "registry/model/definition.h"

namespace rollcall::cli {
namespace {

using Json = nlohmann::json;

constexpr const char* kRegisterExamples = R"(
FILE holds one service or several, as JSON; - reads it from standard input:
  {"service": {"name": "web", "port": 8080, "tags": ["v1"],
               "check": {"http": "http://127.0.0.1:8080/health", "interval": "5s"}}}
  {"services": [{"name": "web", "port": 8080}, {"name": "db", "port": 5432}]}
All files are read and checked first: an error in one of them registers nothing.

Examples:
  rollcall register web.json
  rollcall register web.json db.json --http-addr 127.0.0.1:8501
  echo '{"service": {"name": "web", "port": 8080}}' | rollcall register -
)";

struct Definition {
  Json body;  // what the API takes
  std::string id;
  std::string service;
};

Result<std::string> ReadAll(const std::string& file) {
  std::FILE* stream = file == "-" ? stdin : std::fopen(file.c_str(), "rb");
  if (stream == nullptr) return IoError("cannot read " + file + ": " + std::strerror(errno));
  std::string text;
  char buffer[4096];
  while (const size_t read = std::fread(buffer, 1, sizeof(buffer), stream)) {
    text.append(buffer, read);
  }
  // A directory can be opened, and fails when it is read.
  const int error = std::ferror(stream) != 0 ? errno : 0;
  if (stream != stdin) std::fclose(stream);
  if (error != 0) return IoError("cannot read " + file + ": " + std::strerror(error));
  return text;
}

Error InFile(const std::string& file, const std::string& what) {
  return InvalidArgument((file == "-" ? "standard input" : file) + ": " + what);
}

Result<void> AddDefinition(const std::string& file, const Json& body,
                           std::vector<Definition>* definitions) {
  Result<model::AgentService> parsed = model::ParseAgentService(body);
  if (!parsed) return InFile(file, parsed.error().message);
  definitions->push_back({body, parsed->instance.id.str(), parsed->instance.service.str()});
  return {};
}

// {"service": {...}} or {"services": [...]}, nothing else: what would be ignored is an error.
Result<void> AddFile(const std::string& file, std::vector<Definition>* definitions) {
  Result<std::string> text = ReadAll(file);
  if (!text) return text.error();
  Json root;
  try {
    root = Json::parse(*text);
  } catch (const Json::parse_error& error) {
    return InFile(file, "not JSON, at byte " + std::to_string(error.byte));
  }
  if (!root.is_object() || root.empty()) {
    return InFile(file, R"(needs {"service": {...}} or {"services": [...]})");
  }
  for (const auto& [key, value] : root.items()) {
    if (key == "service" || key == "Service") {
      if (Result<void> ok = AddDefinition(file, value, definitions); !ok) return ok;
    } else if ((key == "services" || key == "Services") && value.is_array()) {
      for (const Json& each : value) {
        if (Result<void> ok = AddDefinition(file, each, definitions); !ok) return ok;
      }
    } else {
      return InFile(
          file, "unknown key \"" + key + R"(": needs {"service": {...}} or {"services": [...]})");
    }
  }
  return {};
}

int Run(const ClientOptions& options, const std::vector<std::string>& files) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  std::vector<Definition> definitions;
  for (const std::string& file : files) {
    if (Result<void> ok = AddFile(file, &definitions); !ok) return Fail(ok.error());
  }
  RegistryClient client(*target);
  for (const Definition& each : definitions) {
    Result<Response> response = client.Put("/v1/agent/service/register", each.body.dump());
    if (!response) {
      return Fail({response.error().code,
                   "cannot register \"" + each.id + "\": " + response.error().message});
    }
    const std::string line = "registered " + each.id + " (service " + each.service + ")";
    if (!Print(Printable(line) + "\n")) return kFailed;
  }
  return kOk;
}

}  // namespace

void AddRegisterCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command =
      app.add_subcommand("register", "Register the services that definition files describe");
  auto files = std::make_shared<std::vector<std::string>>();
  command->footer(kRegisterExamples);
  command->add_option("file", *files, "Definition files; - is standard input")
      ->required()
      ->type_name("FILE");
  AddTargetOptions(*command, options);
  command->callback([=] { *exit_code = Run(*options, *files); });
}

}  // namespace rollcall::cli
