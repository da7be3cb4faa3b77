#include "agent/keep/last_state.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "registry/model/json.h"
#include "registry/model/json_fields.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

Result<void> ReadCheck(const json& value, const std::string& path,
                       std::vector<LastCheckState>* checks) {
  LastCheckState check;
  std::string status;
  Result<void> read = model::FieldReader(value, path)
                          .Read("ID", &check.id)
                          .Read("Status", &status)
                          .Read("Output", &check.output)
                          .Finish();
  if (!read) return read;
  if (!model::ParseCheckStatus(status, &check.status)) {
    return InvalidArgument(path + ": no such status: " + model::Quoted(status));
  }
  checks->push_back(std::move(check));
  return {};
}

}  // namespace

std::string WriteLastState(const LastState& state) {
  ordered_json checks = ordered_json::array();
  for (const LastCheckState& check : state.checks) {
    checks.push_back(
        {{"ID", check.id}, {"Status", ToString(check.status)}, {"Output", check.output}});
  }
  const ordered_json all = {{"OwnServices", state.own.instances},
                            {"OwnChecks", state.own.checks},
                            {"Checks", std::move(checks)}};
  return model::Dump(all) + "\n";
}

Result<LastState> ReadLastState(const std::string& text) {
  const Result<json> value = model::ParseJson(text);
  if (!value) return value.error();
  LastState state;
  std::vector<std::string> instances;
  std::vector<std::string> checks;
  model::FieldReader reader(*value, "");
  reader.Read("OwnServices", &instances).Read("OwnChecks", &checks);
  reader.ReadNested("Checks", [&state](const json& list, const std::string& path) -> Result<void> {
    if (!list.is_array()) return InvalidArgument(path + " must be an array");
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string at = path + "[" + std::to_string(i) + "]";
      if (Result<void> read = ReadCheck(list[i], at, &state.checks); !read) {
        return read;
      }
    }
    return {};
  });
  if (Result<void> read = reader.Finish(); !read) return read.error();
  state.own.instances.insert(instances.begin(), instances.end());
  state.own.checks.insert(checks.begin(), checks.end());
  return state;
}

}  // namespace rollcall::agent
