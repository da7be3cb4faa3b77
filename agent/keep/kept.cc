#include "agent/keep/kept.h"

#include <filesystem>

#include "agent/keep/durable_file.h"
#include "agent/keep/kept_definitions.h"
#include "agent/keep/set_aside.h"

namespace rollcall::agent {
namespace {

LastState LoadLastState(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return {};
  const Result<std::string> text = ReadWholeFile(file);
  Result<LastState> state = text ? ReadLastState(*text) : text.error();
  if (state) return std::move(*state);
  SetAside(file, state.error());
  return {};
}

}  // namespace

Kept LoadKept(const std::string& data_dir, const model::CheckRules& rules, bool trust_checks) {
  Kept kept;
  kept.definitions = LoadKeptDefinitions(data_dir, rules);
  kept.last = LoadLastState(data_dir + "/" + kLastStateFile);
  if (!trust_checks) kept.last.checks.clear();
  return kept;
}

}  // namespace rollcall::agent
