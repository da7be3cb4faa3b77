#include "agent/tokens.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rollcall::agent {
namespace {

using nlohmann::json;

std::string SecretIn(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return "";
  auto secret = found->get<std::string>();
  return IsTokenText(secret) ? secret : "";
}

TokensById SecretsIn(const json& object, const char* name) {
  TokensById all;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_object()) return all;
  for (const auto& [id, value] : found->items()) {
    if (std::string secret = SecretIn(*found, id.c_str()); !secret.empty()) {
      all.emplace(id, std::move(secret));
    }
  }
  return all;
}

}  // namespace

bool IsTokenText(std::string_view text) {
  constexpr size_t kMaxTokenBytes = 4096;  // Consul's have 36
  return !text.empty() && text.size() <= kMaxTokenBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void AgentTokens::Set(Of of, const std::string& id, std::string token, From from) {
  auto state = state_.Lock();
  Entries& entries = state->Place(of);
  if (token.empty()) {
    entries.erase(id);
    return;
  }
  Entry& entry = entries[id];
  entry = {std::move(token), from, ++state->stamps};
}

void AgentTokens::SetAll(const DefinitionTokens& tokens, From from) {
  for (const auto& [id, token] : tokens.services) Set(Of::kService, id, token, from);
  for (const auto& [id, token] : tokens.checks) Set(Of::kCheck, id, token, from);
}

AgentTokens::Found AgentTokens::Find(Of of, std::string_view id) const {
  auto state = state_.Lock();
  const Entries& entries = state->Place(of);
  const auto found = entries.find(id);
  if (found == entries.end()) return {};
  const Entry& entry = found->second;
  return {entry.token, entry.stamp, entry.from};
}

void AgentTokens::Forget(Of of, std::string_view id, uint64_t stamp) {
  auto state = state_.Lock();
  Entries& entries = state->Place(of);
  const auto found = entries.find(id);
  if (found != entries.end() && found->second.stamp == stamp) entries.erase(found);
}

DefinitionTokens AgentTokens::FromApi() const {
  auto state = state_.Lock();
  const auto of = [](const Entries& entries) {
    TokensById all;
    for (const auto& [id, entry] : entries) {
      if (entry.from == From::kApi) all.emplace(id, entry.token);
    }
    return all;
  };
  return {of(state->services), of(state->checks)};
}

std::string WriteKeptTokens(const KeptTokens& kept) {
  json file = json::object();
  const std::pair<const char*, const std::string&> own[] = {{"agent", kept.own.agent},
                                                            {"default", kept.own.user},
                                                            {"dns", kept.own.dns},
                                                            {"replication", kept.own.replication}};
  for (const auto& [name, secret] : own) {
    if (!secret.empty()) file[name] = secret;
  }
  file["services"] = kept.definitions.services;
  file["checks"] = kept.definitions.checks;
  return file.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

KeptTokens ReadKeptTokens(std::string_view text) {
  const json file = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object()) return {};
  return {.own = {.agent = SecretIn(file, "agent"),
                  .user = SecretIn(file, "default"),
                  .dns = SecretIn(file, "dns"),
                  .replication = SecretIn(file, "replication")},
          .definitions = {SecretsIn(file, "services"), SecretsIn(file, "checks")}};
}

}  // namespace rollcall::agent
