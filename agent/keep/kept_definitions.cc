#include "agent/keep/kept_definitions.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "agent/keep/durable_file.h"
#include "agent/keep/file_name.h"
#include "agent/keep/set_aside.h"
#include "registry/model/definition_json.h"
#include "registry/model/json.h"
#include "registry/model/json_fields.h"
#include "registry/model/maintenance.h"

namespace rollcall::agent {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kServices = "services";
constexpr const char* kChecks = "checks";
// The one member of a file: the definition.
constexpr const char* kService = "service";
constexpr const char* kCheck = "check";
constexpr const char* kMaintenance = "maintenance";

std::string FileOf(const char* folder, const std::string& id) {
  return std::string(folder) + "/" + FileNameOf(id) + ".json";
}

std::string Holding(const char* kind, ordered_json definition) {
  ordered_json file;
  file[kind] = std::move(definition);
  return model::Dump(file) + "\n";
}

struct Writer {
  FileChange operator()(const std::shared_ptr<const model::Instance>& instance) const {
    return {FileOf(kServices, instance->id.str()),
            Holding(kService, model::ServiceDefinitionJson(*instance))};
  }
  FileChange operator()(const model::AgentCheck& check) const {
    const std::string file = FileOf(kChecks, check.check_id);
    if (check.run.kind != model::CheckKind::kMaintenance) {
      return {file, Holding(kCheck, model::CheckDefinitionJson(check))};
    }
    return {file,
            Holding(kMaintenance, {{"ServiceID", check.service_id}, {"Reason", check.notes}})};
  }
  FileChange operator()(const ForgottenService& gone) const {
    return {FileOf(kServices, gone.id), std::nullopt};
  }
  FileChange operator()(const ForgottenCheck& gone) const {
    return {FileOf(kChecks, gone.id), std::nullopt};
  }
};

Result<json> ReadJson(const std::string& file) {
  const Result<std::string> text = ReadWholeFile(file);
  if (!text) return text.error();
  return model::ParseJson(*text);
}

Result<model::AgentCheck> ReadMaintenance(const json& object) {
  std::string service_id;
  std::string reason;
  Result<void> read = model::FieldReader(object, kMaintenance)
                          .Read("ServiceID", &service_id)
                          .Read("Reason", &reason)
                          .Finish();
  if (!read) return read.error();
  return model::MaintenanceCheck(service_id, reason);
}

Result<model::AgentCheck> ReadCheck(const json& file, const model::CheckRules& rules) {
  if (file.is_object() && file.contains(kMaintenance)) return ReadMaintenance(file[kMaintenance]);
  if (!file.is_object() || !file.contains(kCheck)) return InvalidArgument("it holds no check");
  return model::ParseAgentCheck(file[kCheck], rules);
}

Result<model::AgentService> ReadService(const json& file, const model::CheckRules& rules) {
  if (!file.is_object() || !file.contains(kService)) {
    return InvalidArgument("it holds no service");
  }
  return model::ParseAgentService(file[kService], rules);
}

// The .json files of a directory; what a write left behind, that was cut off, is removed.
std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() == ".json") files.push_back(path.string());
    std::error_code ignored;
    if (path.extension() == ".new") fs::remove(path, ignored);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    spdlog::error("cannot read {}: {}; what programs registered is not loaded", directory,
                  error.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// `IsAllowed`: whether the same file, read with other rules, makes sense.
template <typename Definition>
void LoadEach(const std::string& directory, const model::CheckRules& rules,
              Result<Definition> (*read)(const json&, const model::CheckRules&),
              std::vector<Definition>* all) {
  model::CheckRules any = rules;
  any.scripts = model::ScriptChecks::kRun;
  for (const std::string& file : FilesIn(directory)) {
    const Result<json> content = ReadJson(file);
    if (!content) {
      SetAside(file, content.error());
      continue;
    }
    Result<Definition> definition = read(*content, rules);
    if (definition) {
      all->push_back(std::move(*definition));
    } else if (read(*content, any)) {
      spdlog::warn("{} is not loaded: {}", file, definition.error().message);
    } else {
      SetAside(file, definition.error());
    }
  }
}

}  // namespace

FileChange FileChangeFor(const KeptChange& change) { return std::visit(Writer(), change); }

Definitions LoadKeptDefinitions(const std::string& data_dir, const model::CheckRules& rules) {
  Definitions all;
  LoadEach(data_dir + "/" + kServices, rules, ReadService, &all.services);
  LoadEach(data_dir + "/" + kChecks, rules, ReadCheck, &all.checks);
  return all;
}

}  // namespace rollcall::agent
