#include "tests/lint/include_direction.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace rollcall::lint {
namespace {

constexpr std::string_view kEverything[] = {"registry/base",
                                            "registry/pki",
                                            "registry/acl",
                                            "registry/acl/objects",
                                            "registry/access",
                                            "registry/acl/methods",
                                            "registry/jwt",
                                            "registry/jwt/remote",
                                            "registry/model",
                                            "registry/store",
                                            "registry/store/etcd",
                                            "registry/catalog",
                                            "dns",
                                            "api",
                                            "api/acl_login",
                                            "api/filter",
                                            "api/http",
                                            "api/shared",
                                            "agent",
                                            "agent/access",
                                            "agent/front",
                                            "agent/keep",
                                            "agent/login",
                                            "agent/probe",
                                            "cli"};
constexpr std::string_view kBase[] = {"registry/base"};
constexpr std::string_view kPki[] = {"registry/base", "registry/pki"};
constexpr std::string_view kAcl[] = {"registry/base", "registry/acl"};
constexpr std::string_view kAclObjects[] = {"registry/base", "registry/acl", "registry/acl/objects",
                                            "registry/model"};
constexpr std::string_view kAccess[] = {
    "registry/base",   "registry/acl",   "registry/acl/objects", "registry/acl/methods",
    "registry/access", "registry/model", "registry/store",       "registry/catalog"};
constexpr std::string_view kAclMethods[] = {"registry/base",        "registry/acl",
                                            "registry/acl/objects", "registry/acl/methods",
                                            "registry/jwt",         "registry/model"};
constexpr std::string_view kJwt[] = {"registry/base", "registry/jwt"};
constexpr std::string_view kJwtRemote[] = {"registry/base", "registry/jwt", "registry/jwt/remote"};
constexpr std::string_view kModel[] = {"registry/base", "registry/model"};
constexpr std::string_view kStore[] = {"registry/base", "registry/model", "registry/store"};
constexpr std::string_view kEtcd[] = {"registry/base", "registry/store", "registry/store/etcd"};
constexpr std::string_view kCatalog[] = {"registry/base", "registry/model", "registry/store",
                                         "registry/catalog"};
constexpr std::string_view kDns[] = {
    "registry/base",  "registry/acl",   "registry/acl/objects", "registry/access",
    "registry/model", "registry/store", "registry/catalog",     "dns"};
constexpr std::string_view kApi[] = {"registry/base",
                                     "registry/acl",
                                     "registry/acl/objects",
                                     "registry/acl/methods",
                                     "registry/jwt",
                                     "registry/jwt/remote",
                                     "registry/access",
                                     "registry/model",
                                     "registry/store",
                                     "registry/catalog",
                                     "api",
                                     "api/access",
                                     "api/acl",
                                     "api/acl_login",
                                     "api/filter",
                                     "api/http",
                                     "api/shared"};
constexpr std::string_view kApiAclLogin[] = {
    "registry/base", "registry/acl",   "registry/acl/objects", "registry/acl/methods",
    "registry/jwt",  "registry/model", "registry/store",       "registry/catalog",
    "api/acl_login", "api/filter"};
constexpr std::string_view kApiFilter[] = {"registry/base", "registry/model", "registry/store",
                                           "registry/catalog", "api/filter"};
constexpr std::string_view kApiHttp[] = {"registry/base", "registry/pki", "api/http"};
constexpr std::string_view kApiShared[] = {"registry/base", "registry/acl", "registry/model",
                                           "api/http", "api/shared"};
constexpr std::string_view kAgent[] = {"registry/base",  "registry/acl", "registry/acl/methods",
                                       "registry/model", "api/http",     "api/filter",
                                       "api/shared",     "agent",        "agent/access",
                                       "agent/front",    "agent/keep",   "agent/login",
                                       "agent/probe",    "agent/routes", "agent/watch"};
constexpr std::string_view kAgentAccess[] = {
    "registry/base", "registry/acl", "registry/acl/objects", "api/http",
    "api/shared",    "agent/access", "agent/front"};
constexpr std::string_view kFront[] = {"registry/base", "api/http", "agent/front", "agent/probe"};
constexpr std::string_view kKeep[] = {"registry/base", "registry/model", "agent", "agent/keep"};
constexpr std::string_view kLogin[] = {"registry/base", "agent", "agent/front", "agent/login"};
constexpr std::string_view kRoutes[] = {"registry/base", "registry/acl", "registry/model",
                                        "api/http",      "api/filter",   "api/shared",
                                        "agent",         "agent/access", "agent/routes"};
constexpr std::string_view kWatch[] = {"registry/base", "registry/model", "api/http",   "agent",
                                       "agent/front",   "agent/probe",    "agent/watch"};
constexpr std::string_view kProbe[] = {"registry/base", "registry/model", "agent/probe"};

// Prefixes of <...> includes.
constexpr std::string_view kSockets[] = {"boost/asio", "boost/beast", "httplib.h", "sys/socket.h",
                                         "sys/epoll.h"};
constexpr std::string_view kSocketsAndStores[] = {"boost/asio",   "boost/beast", "httplib.h",
                                                  "sys/socket.h", "sys/epoll.h", "rocksdb/"};
constexpr std::string_view kStores[] = {"rocksdb/"};

struct Layer {
  std::string_view folder;
  std::span<const std::string_view> sees;
  std::span<const std::string_view> without;  // libraries
};

constexpr std::array kLayers = {
    Layer{"registry/base", kBase, kSocketsAndStores},
    Layer{"registry/pki", kPki, kSocketsAndStores},
    Layer{"registry/acl", kAcl, kSocketsAndStores},
    Layer{"registry/acl/objects", kAclObjects, kSocketsAndStores},
    Layer{"registry/access", kAccess, kSocketsAndStores},
    Layer{"registry/acl/methods", kAclMethods, kSocketsAndStores},
    Layer{"registry/jwt", kJwt, kSocketsAndStores},
    Layer{"registry/jwt/remote", kJwtRemote, kStores},
    Layer{"registry/model", kModel, kSocketsAndStores},
    Layer{"registry/store", kStore, kSockets},
    Layer{"registry/store/etcd", kEtcd, kStores},
    Layer{"registry/catalog", kCatalog, kSocketsAndStores},
    Layer{"dns", kDns, kStores},
    Layer{"api", kApi, kStores},
    Layer{"api/acl_login", kApiAclLogin, kSocketsAndStores},
    Layer{"api/filter", kApiFilter, kSocketsAndStores},
    Layer{"api/http", kApiHttp, kStores},
    Layer{"api/shared", kApiShared, kStores},
    Layer{"agent", kAgent, kStores},
    Layer{"agent/access", kAgentAccess, kStores},
    Layer{"agent/keep", kKeep, kStores},
    Layer{"agent/login", kLogin, kStores},
    Layer{"agent/routes", kRoutes, kStores},
    Layer{"agent/watch", kWatch, kStores},
    Layer{"agent/front", kFront, kStores},
    Layer{"agent/probe", kProbe, kStores},
    Layer{"cli", kEverything, {}},
};

bool IsUnder(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

const Layer* FindLayer(std::string_view path) {
  const Layer* deepest = nullptr;
  for (const Layer& layer : kLayers) {
    if (IsUnder(path, layer.folder) &&
        (deepest == nullptr || layer.folder.size() > deepest->folder.size())) {
      deepest = &layer;
    }
  }
  return deepest;
}

// A main() wires the layers together.
bool HoldsMain(std::string_view path) {
  return path.ends_with("/main.cc") || path.ends_with("_main.cc");
}

bool Contains(std::span<const std::string_view> list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string_view SkipBlanks(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

struct Include {
  bool quoted;
  std::string_view target;
};

std::optional<Include> ParseInclude(std::string_view line) {
  line = SkipBlanks(line);
  if (!line.starts_with('#')) return std::nullopt;
  line = SkipBlanks(line.substr(1));
  constexpr std::string_view kWord = "include";
  if (!line.starts_with(kWord)) return std::nullopt;
  line = SkipBlanks(line.substr(kWord.size()));
  if (line.empty() || (line[0] != '"' && line[0] != '<')) return std::nullopt;
  const bool quoted = line[0] == '"';
  const size_t end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{quoted, line.substr(1, end - 1)};
}

// Empty when `layer` may include it.
std::string WhatIsWrong(const Layer& layer, const Include& include) {
  if (!include.quoted) {
    const auto begins_target = [&](std::string_view prefix) {
      return include.target.starts_with(prefix);
    };
    if (std::none_of(layer.without.begin(), layer.without.end(), begins_target)) return {};
    return std::string(layer.folder) + " does without <" + std::string(include.target) + ">";
  }
  const Layer* target = FindLayer(include.target);
  if (target == nullptr) {
    return "\"" + std::string(include.target) +
           "\" is in no layer (paths are written from the repository's root)";
  }
  if (Contains(layer.sees, target->folder)) return {};
  return std::string(layer.folder) + " must not see " + std::string(target->folder) + " (\"" +
         std::string(include.target) + "\")";
}

}  // namespace

std::string_view LayerOf(std::string_view path) {
  const Layer* layer = FindLayer(path);
  return layer == nullptr ? std::string_view() : layer->folder;
}

std::vector<Finding> CheckFile(std::string_view path, std::string_view text) {
  std::vector<Finding> findings;
  const Layer* layer = FindLayer(path);
  bool has_pragma_once = false;
  size_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    has_pragma_once = has_pragma_once || line == "#pragma once";
    if (layer == nullptr || HoldsMain(path)) continue;
    if (const auto include = ParseInclude(line)) {
      const std::string wrong = WhatIsWrong(*layer, *include);
      if (!wrong.empty()) {
        findings.push_back(std::string(path) + ":" + std::to_string(line_number) + ": " + wrong);
      }
    }
  }
  if (path.ends_with(".h") && !has_pragma_once) {
    findings.push_back(std::string(path) + ":1: no #pragma once");
  }
  return findings;
}

}  // namespace rollcall::lint
