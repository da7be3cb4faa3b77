#include "agent/config_files.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/json_lines.h"
#include "agent/keep/durable_file.h"
#include "registry/model/json_fields.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Error InFile(const std::string& file, size_t line, const std::string& what) {
  return InvalidArgument(file + ":" + std::to_string(line) + ": " + what);
}

// `message` begins with the path of what it is about: "services[1]: checks[0].ttl must be ...".
size_t LineOf(const JsonLines& lines, std::string_view message) {
  const std::string_view outer = message.substr(0, message.find_first_of(": "));
  message.remove_prefix(std::min(outer.size(), message.size()));
  if (!message.starts_with(": ")) return lines.LineOf(outer);
  message.remove_prefix(2);
  return lines.LineOf(std::string(outer) + "." +
                      std::string(message.substr(0, message.find_first_of(": "))));
}

// Without the words that are meant for HTTP clients.
std::string Plain(const Error& error) {
  static constexpr std::string_view kDecodeFailed = "Request decode failed: ";
  return error.message.starts_with(kDecodeFailed) ? error.message.substr(kDecodeFailed.size())
                                                  : error.message;
}

Result<void> AddService(const json& value, const std::string& path, const model::CheckRules& rules,
                        ConfigFiles* config) {
  Definitions* const definitions = &config->definitions;
  Result<model::AgentService> service = model::ParseAgentService(value, rules);
  if (!service) return InvalidArgument(path + ": " + Plain(service.error()));
  Result<void> token = ReadDefinitionToken(value, path, service->instance.id.str(),
                                           &config->settings.security.definition_tokens.services);
  if (!token) return token;
  definitions->services.push_back(std::move(*service));
  definitions->service_places.push_back(path);
  return {};
}

Result<void> AddCheck(const json& value, const std::string& path, const model::CheckRules& rules,
                      ConfigFiles* config) {
  Definitions* const definitions = &config->definitions;
  Result<model::AgentCheck> check = model::ParseAgentCheck(value, rules);
  if (!check) return InvalidArgument(path + ": " + Plain(check.error()));
  Result<void> token = ReadDefinitionToken(value, path, check->check_id,
                                           &config->settings.security.definition_tokens.checks);
  if (!token) return token;
  definitions->checks.push_back(std::move(*check));
  definitions->check_places.push_back(path);
  return {};
}

Result<void> AddWatch(const json& value, const std::string& path, const model::CheckRules&,
                      ConfigFiles* config) {
  Result<watch::WatchDefinition> watch = watch::ParseWatch(value);
  if (!watch) return InvalidArgument(path + ": " + watch.error().message);
  config->definitions.watches.push_back(std::move(*watch));
  return {};
}

using AddOne = Result<void> (*)(const json&, const std::string&, const model::CheckRules&,
                                ConfigFiles*);

Result<void> AddEach(const json& value, const std::string& path, AddOne add,
                     const model::CheckRules& rules, ConfigFiles* config) {
  if (!value.is_array()) return InvalidArgument(path + ": expected an array");
  for (size_t i = 0; i < value.size(); ++i) {
    Result<void> added = add(value[i], path + "[" + std::to_string(i) + "]", rules, config);
    if (!added) return added;
  }
  return {};
}

template <typename T>
void ReadSetting(model::FieldReader& reader, std::string_view name, std::optional<T>* out) {
  reader.ReadNested(name, [out](const json& value, const std::string& path) {
    T read{};
    const json holder = {{path, value}};
    Result<void> ok = model::FieldReader(holder, "").Read(path, &read).Finish();
    if (!ok) return ok;
    *out = std::move(read);
    return Result<void>();
  });
}

// A string, or an array of them.
void ReadOneOrSeveral(model::FieldReader& reader, std::string_view name,
                      std::vector<std::string>* out) {
  reader.ReadNested(name, [out](const json& value, const std::string& path) {
    const json holder = {{path, value.is_array() ? value : json::array({value})}};
    return model::FieldReader(holder, "").Read(path, out).Finish();
  });
}

Result<ConfigFiles> ReadObject(const json& object, const model::CheckRules& rules) {
  ConfigFiles config;
  Settings& settings = config.settings;
  ConfigFiles* const all = &config;
  std::string server;
  model::FieldReader reader(object, "", model::KeyStyle::kCamelOrSnakeCase);
  ReadSetting(reader, "Node", &settings.node);
  ReadSetting(reader, "NodeID", &settings.node_id);
  ReadSetting(reader, "Address", &settings.address);
  ReadSetting(reader, "HTTP", &settings.http);
  ReadSetting(reader, "HTTPS", &settings.https);
  ReadSetting(reader, "DNS", &settings.dns);
  ReadOneOrSeveral(reader, "ServerDNS", &settings.server_dns);
  ReadSetting(reader, "DNSMaxStale", &settings.dns_max_stale);
  ReadSetting(reader, "DataDir", &settings.data_dir);
  ReadSetting(reader, "LogLevel", &settings.log_level);
  ReadSetting(reader, "NodeTTL", &settings.node_ttl);
  ReadSetting(reader, "CheckUpdateInterval", &settings.check_update_interval);
  ReadSetting(reader, "CacheSize", &settings.cache_size);
  ReadSetting(reader, "CacheStaleIfError", &settings.cache_stale_if_error);
  ReadSetting(reader, "LeaveOnTerminate", &settings.leave_on_terminate);
  ReadSetting(reader, "EnableScriptChecks", &settings.enable_script_checks);
  ReadSetting(reader, "EnableLocalScriptChecks", &settings.enable_local_script_checks);
  ReadSetting(reader, "Datacenter", &settings.datacenter);
  ReadSetting(reader, "Domain", &settings.domain);
  ReadSecurity(reader, &settings.security);
  reader.Read("NodeMeta", &settings.node_meta)
      .Read("Servers", &settings.servers)
      .Read("Server", &server);
  const auto nested = [&reader, &rules, all](std::string_view name, AddOne add, bool several) {
    reader.ReadNested(name, [=, &rules](const json& value, const std::string& path) {
      return several ? AddEach(value, path, add, rules, all) : add(value, path, rules, all);
    });
  };
  nested("Service", AddService, false);
  nested("Services", AddService, true);
  nested("Check", AddCheck, false);
  nested("Checks", AddCheck, true);
  nested("Watches", AddWatch, true);
  if (Result<void> read = reader.Finish(); !read) return read.error();
  if (!server.empty()) settings.servers.insert(settings.servers.begin(), server);
  return config;
}

Result<std::vector<std::string>> FilesOf(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path().string());
  }
  if (error) return IoError("cannot read " + path + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

// Where each ID was defined first, so that the second one can be told.
class SeenIds {
 public:
  // Null when it is new, or else the first: what it is, and its place.
  const std::pair<const std::string, std::string>* Add(const std::string& what,
                                                       const std::string& place) {
    const auto [known, is_new] = places_.try_emplace(what, place);
    return is_new ? nullptr : &*known;
  }

 private:
  IdMap<std::string> places_;
};

class Reader {
 public:
  explicit Reader(const model::CheckRules& rules) : rules_(rules) {}

  Result<void> AddFile(const std::string& file) {
    Result<std::string> text = ReadWholeFile(file);
    if (!text) return text.error();
    const Result<JsonLines> lines = JsonLines::Parse(*text);
    if (!lines) return InvalidArgument(file + ":" + lines.error().message);
    Result<ConfigFiles> one = ReadObject(lines->value(), rules_);
    if (!one) return InFile(file, LineOf(*lines, one.error().message), one.error().message);
    all_.settings = Merge(one->settings, all_.settings);
    Definitions& definitions = one->definitions;
    for (size_t i = 0; i < definitions.services.size(); ++i) {
      const std::string place = Place(file, *lines, definitions.service_places[i]);
      if (Result<void> added = AddService(std::move(definitions.services[i]), place); !added) {
        return added;
      }
    }
    for (size_t i = 0; i < definitions.checks.size(); ++i) {
      const std::string place = Place(file, *lines, definitions.check_places[i]);
      Result<void> added = AddId("check", definitions.checks[i].check_id, place);
      if (!added) return added;
      all_.definitions.checks.push_back(std::move(definitions.checks[i]));
      all_.definitions.check_places.push_back(place);
    }
    for (watch::WatchDefinition& watch : definitions.watches) {
      all_.definitions.watches.push_back(std::move(watch));
    }
    return {};
  }

  ConfigFiles Take() { return std::move(all_); }

 private:
  // "FILE:LINE" of what is at that path of the file's JSON.
  static std::string Place(const std::string& file, const JsonLines& lines,
                           const std::string& path) {
    return file + ":" + std::to_string(lines.LineOf(path));
  }

  Result<void> AddService(model::AgentService service, const std::string& place) {
    Result<void> added = AddId("service", service.instance.id.str(), place);
    for (const model::AgentCheck& check : service.checks) {
      if (added) added = AddId("check", check.check_id, place);
    }
    if (!added) return added;
    all_.definitions.services.push_back(std::move(service));
    all_.definitions.service_places.push_back(place);
    return {};
  }

  Result<void> AddId(const std::string& kind, const std::string& id, const std::string& place) {
    const auto* first = seen_.Add(kind + " \"" + id + "\"", place);
    if (first == nullptr) return {};
    return InvalidArgument(place + ": " + first->first + " is already defined in " + first->second);
  }

  const model::CheckRules rules_;
  SeenIds seen_;
  ConfigFiles all_;
};

Result<ConfigFiles> ReadAll(const std::vector<std::string>& paths, model::ScriptChecks scripts) {
  Reader reader({.all_kinds = true,
                 .scripts = scripts,
                 .id_serves_as_name = true,
                 .script_refusal = model::CheckRules::kLocalScriptRefusal});
  for (const std::string& path : paths) {
    Result<std::vector<std::string>> files = FilesOf(path);
    if (!files) return files.error();
    for (const std::string& file : *files) {
      if (Result<void> added = reader.AddFile(file); !added) return added.error();
    }
  }
  return reader.Take();
}

}  // namespace

Result<ConfigFiles> ReadConfigFiles(const std::vector<std::string>& paths, const Settings& flags) {
  Result<ConfigFiles> all = ReadAll(paths, model::ScriptChecks::kRun);
  if (!all) return all;
  all->settings = Merge(flags, all->settings);
  // Any of the files may have said that scripts may be run.
  if (all->settings.enable_script_checks.value_or(false) ||
      all->settings.enable_local_script_checks.value_or(false)) {
    return all;
  }
  if (Result<ConfigFiles> refused = ReadAll(paths, model::ScriptChecks::kRefused); !refused) {
    return refused;
  }
  return all;
}

}  // namespace rollcall::agent
