#include "agent/config_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "registry/model/json_fields.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Error InFile(const std::string& file, const std::string& what) {
  return InvalidArgument(file + ": " + what);
}

Result<std::string> ReadWhole(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream) return IoError("cannot read " + file + ": " + std::strerror(errno));
  return text.str();
}

Result<json> ParseFile(const std::string& file) {
  Result<std::string> text = ReadWhole(file);
  if (!text) return text.error();
  try {
    return json::parse(*text);
  } catch (const json::parse_error& error) {
    // "[json.exception...] parse error at line 3, column 7: syntax error while ...".
    const std::string what = error.what();
    const size_t line = what.find("line ");
    return InFile(file, line == std::string::npos ? what : what.substr(line));
  }
}

// Without the words that are meant for HTTP clients.
std::string Plain(const Error& error) {
  static constexpr std::string_view kDecodeFailed = "Request decode failed: ";
  return error.message.starts_with(kDecodeFailed) ? error.message.substr(kDecodeFailed.size())
                                                  : error.message;
}

Result<void> AddService(const json& value, const std::string& path, Definitions* definitions) {
  Result<model::AgentService> service = model::ParseAgentService(value);
  if (!service) return InvalidArgument(path + ": " + Plain(service.error()));
  definitions->services.push_back(std::move(*service));
  return {};
}

Result<void> AddCheck(const json& value, const std::string& path, Definitions* definitions) {
  Result<model::AgentCheck> check = model::ParseAgentCheck(value);
  if (!check) return InvalidArgument(path + ": " + Plain(check.error()));
  definitions->checks.push_back(std::move(*check));
  return {};
}

using AddOne = Result<void> (*)(const json&, const std::string&, Definitions*);

Result<void> AddEach(const json& value, const std::string& path, AddOne add,
                     Definitions* definitions) {
  if (!value.is_array()) return InvalidArgument(path + ": expected an array");
  for (size_t i = 0; i < value.size(); ++i) {
    Result<void> added = add(value[i], path + "[" + std::to_string(i) + "]", definitions);
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

Result<ConfigFiles> ReadObject(const json& object) {
  ConfigFiles config;
  Settings& settings = config.settings;
  Definitions* definitions = &config.definitions;
  std::string server;
  model::FieldReader reader(object, "", model::KeyStyle::kCamelOrSnakeCase);
  ReadSetting(reader, "Node", &settings.node);
  ReadSetting(reader, "NodeID", &settings.node_id);
  ReadSetting(reader, "Address", &settings.address);
  ReadSetting(reader, "HTTP", &settings.http);
  ReadSetting(reader, "DNS", &settings.dns);
  ReadSetting(reader, "ServerDNS", &settings.server_dns);
  ReadSetting(reader, "DataDir", &settings.data_dir);
  ReadSetting(reader, "LogLevel", &settings.log_level);
  ReadSetting(reader, "NodeTTL", &settings.node_ttl);
  ReadSetting(reader, "LeaveOnTerminate", &settings.leave_on_terminate);
  reader.Read("NodeMeta", &settings.node_meta)
      .Read("Servers", &settings.servers)
      .Read("Server", &server);
  const auto nested = [&reader, definitions](std::string_view name, AddOne add, bool several) {
    reader.ReadNested(name, [=](const json& value, const std::string& path) {
      return several ? AddEach(value, path, add, definitions) : add(value, path, definitions);
    });
  };
  nested("Service", AddService, false);
  nested("Services", AddService, true);
  nested("Check", AddCheck, false);
  nested("Checks", AddCheck, true);
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
  Result<void> Add(const std::string& what, const std::string& id, const std::string& file) {
    const auto [place, is_new] = files_.try_emplace(what + " \"" + id + "\"", file);
    if (is_new) return {};
    return InFile(file, place->first + " is already defined in " + place->second);
  }

 private:
  IdMap<std::string> files_;
};

Result<void> AddFile(const std::string& file, SeenIds* seen, ConfigFiles* all) {
  Result<json> object = ParseFile(file);
  if (!object) return object.error();
  Result<ConfigFiles> one = ReadObject(*object);
  if (!one) return InFile(file, one.error().message);
  all->settings = Merge(one->settings, all->settings);
  for (model::AgentService& service : one->definitions.services) {
    Result<void> added = seen->Add("service", service.instance.id.str(), file);
    for (const model::AgentCheck& check : service.checks) {
      if (added) added = seen->Add("check", check.check_id, file);
    }
    if (!added) return added;
    all->definitions.services.push_back(std::move(service));
  }
  for (model::AgentCheck& check : one->definitions.checks) {
    if (Result<void> added = seen->Add("check", check.check_id, file); !added) return added;
    all->definitions.checks.push_back(std::move(check));
  }
  return {};
}

}  // namespace

Result<ConfigFiles> ReadConfigFiles(const std::vector<std::string>& paths) {
  ConfigFiles all;
  SeenIds seen;
  for (const std::string& path : paths) {
    Result<std::vector<std::string>> files = FilesOf(path);
    if (!files) return files.error();
    for (const std::string& file : *files) {
      if (Result<void> added = AddFile(file, &seen, &all); !added) return added.error();
    }
  }
  return all;
}

}  // namespace rollcall::agent
