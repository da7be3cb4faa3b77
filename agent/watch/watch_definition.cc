#include "agent/watch/watch_definition.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "agent/probe/endpoint.h"
#include "agent/tokens.h"
#include "agent/uri_escape.h"
#include "registry/model/json.h"
#include "registry/model/json_fields.h"

namespace rollcall::watch {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// A program that hangs must not keep its watch from being told for ever.
constexpr nanoseconds kDefaultScriptTimeout = seconds(60);
constexpr nanoseconds kDefaultHttpTimeout = seconds(10);  // Consul's

constexpr std::array<std::pair<std::string_view, WatchKind>, 5> kKinds{
    {{"service", WatchKind::kService},
     {"services", WatchKind::kServices},
     {"nodes", WatchKind::kNodes},
     {"checks", WatchKind::kChecks},
     {"event", WatchKind::kEvent}}};

// As written. What a type does not take is refused.
struct RawWatch {
  std::string type;
  std::string handler_type;
  std::string handler;  // a command line, as Consul used to have it
  std::string datacenter;
  std::string service;
  std::vector<std::string> tags;
  bool passing_only = false;
  std::string state;
  std::string name;
  std::string token;
  model::CheckRun run;
};

Result<void> ReadHttpHandler(const json& object, const std::string& path, model::CheckRun* run) {
  return model::FieldReader(object, path, model::KeyStyle::kCamelOrSnakeCase)
      .Read("Path", &run->http)
      .Read("Method", &run->method)
      .Read("Header", &run->header)
      .Read("Timeout", &run->timeout)
      .Read("TLSSkipVerify", &run->tls_skip_verify)
      .Finish();
}

Result<void> ReadTags(const json& value, const std::string& path, std::vector<std::string>* tags) {
  if (value.is_string()) {
    tags->push_back(value.get<std::string>());
    return {};
  }
  const json holder = {{path, value}};
  return model::FieldReader(holder, "").Read(path, tags).Finish();
}

Result<RawWatch> Read(const json& object) {
  RawWatch raw;
  model::FieldReader reader(object, "", model::KeyStyle::kCamelOrSnakeCase);
  reader.Read("Type", &raw.type)
      .Read("HandlerType", &raw.handler_type)
      .Read("Handler", &raw.handler)
      .Read("Args", &raw.run.args)
      .Read("Datacenter", &raw.datacenter)
      .Read("Service", &raw.service)
      .Read("PassingOnly", &raw.passing_only)
      .Read("State", &raw.state)
      .Read("Name", &raw.name)
      .Read("Timeout", &raw.run.timeout)
      .Read("Token", &raw.token)
      .Ignore("Stale");  // one server has one state
  reader.ReadNested("Tag", [&raw](const json& value, const std::string& at) {
    return ReadTags(value, at, &raw.tags);
  });
  reader.ReadNested("HTTPHandlerConfig", [&raw](const json& value, const std::string& at) {
    return ReadHttpHandler(value, at, &raw.run);
  });
  if (Result<void> read = reader.Finish(); !read) return read.error();
  return raw;
}

Result<WatchKind> KindOf(const std::string& type) {
  for (const auto& [name, kind] : kKinds) {
    if (type == name) return kind;
  }
  if (type.empty()) return InvalidArgument("a watch needs a type");
  const bool is_key = type == "key" || type == "keyprefix";
  return InvalidArgument("watch type " + model::Quoted(type) + " is not supported: " +
                         (is_key ? "there is no key/value store"
                                 : "expected service, services, nodes, checks or event"));
}

// Collects "?a=b&c".
class Target {
 public:
  explicit Target(std::string path) : text_(std::move(path)) {}
  Target& Flag(const std::string& name, bool wanted) {
    if (wanted) Add(name);
    return *this;
  }
  Target& Value(const std::string& name, const std::string& value) {
    if (!value.empty()) Add(name + "=" + agent::EscapePathSegment(value));
    return *this;
  }
  std::string text() const { return text_; }

 private:
  void Add(const std::string& parameter) {
    text_ += std::exchange(separator_, '&');
    text_ += parameter;
  }

  std::string text_;
  char separator_ = '?';
};

Result<std::string> TargetOf(WatchKind kind, const RawWatch& raw) {
  const std::string service = agent::EscapePathSegment(raw.service);
  const auto target = [&raw](std::string path) {
    return Target(std::move(path)).Value("dc", raw.datacenter);
  };
  switch (kind) {
    case WatchKind::kService: {
      if (service.empty()) return InvalidArgument("a watch of type service needs a service");
      Target read = target("/v1/health/service/" + service);
      read.Flag("passing", raw.passing_only);
      for (const std::string& tag : raw.tags) read.Value("tag", tag);
      return read.text();
    }
    case WatchKind::kServices:
      return target("/v1/catalog/services").text();
    case WatchKind::kNodes:
      return target("/v1/catalog/nodes").text();
    case WatchKind::kChecks:
      if (!service.empty() && !raw.state.empty()) {
        return InvalidArgument("a watch of type checks takes a service or a state, not both");
      }
      if (!service.empty()) return target("/v1/health/checks/" + service).text();
      return target("/v1/health/state/" +
                    agent::EscapePathSegment(raw.state.empty() ? "any" : raw.state))
          .text();
    case WatchKind::kEvent:
      break;
  }
  return target("/v1/event/list").Value("name", raw.name).text();
}

// The first field that is set and that the type does not take; empty: none.
std::string_view StrangeField(WatchKind kind, const RawWatch& raw) {
  const bool is_service = kind == WatchKind::kService;
  const bool is_checks = kind == WatchKind::kChecks;
  if (!raw.service.empty() && !is_service && !is_checks) return "service";
  if (!raw.tags.empty() && !is_service) return "tag";
  if (raw.passing_only && !is_service) return "passingonly";
  if (!raw.state.empty() && !is_checks) return "state";
  if (!raw.name.empty() && kind != WatchKind::kEvent) return "name";
  return {};
}

Result<void> SettleHandler(RawWatch* raw) {
  model::CheckRun& run = raw->run;
  if (!raw->handler.empty()) {
    if (!run.args.empty()) return InvalidArgument("handler and args cannot both be given");
    run.args = {"/bin/sh", "-c", raw->handler};
  }
  const bool has_script = !run.args.empty();
  const bool has_url = !run.http.empty();
  if (has_script && has_url)
    return InvalidArgument("args and http_handler_config exclude each other");
  if (!has_script && !has_url) {
    return InvalidArgument("a watch needs a handler: args, or http_handler_config with a path");
  }
  const std::string expected = has_url ? "http" : "script";
  if (!raw->handler_type.empty() && raw->handler_type != expected) {
    return InvalidArgument("handler_type " + model::Quoted(raw->handler_type) +
                           " does not go with its handler: expected " + model::Quoted(expected));
  }
  if (has_url) {
    if (auto url = probe::ParseHttpUrl(run.http.view()); !url) return url.error();
  }
  run.kind = has_url ? model::CheckKind::kHttp : model::CheckKind::kScript;
  if (has_url && run.method.empty()) run.method = "POST";
  if (run.timeout.count() <= 0) run.timeout = has_url ? kDefaultHttpTimeout : kDefaultScriptTimeout;
  return {};
}

}  // namespace

std::string_view ToString(WatchKind kind) {
  for (const auto& [name, each] : kKinds) {
    if (each == kind) return name;
  }
  return "";
}

Result<WatchDefinition> ParseWatch(const json& object) {
  Result<RawWatch> raw = Read(object);
  if (!raw) return raw.error();
  const Result<WatchKind> kind = KindOf(raw->type);
  if (!kind) return kind.error();
  if (const std::string_view field = StrangeField(*kind, *raw); !field.empty()) {
    return InvalidArgument("a watch of type " + raw->type + " takes no " + std::string(field));
  }
  Result<std::string> target = TargetOf(*kind, *raw);
  if (!target) return target.error();
  if (Result<void> settled = SettleHandler(&*raw); !settled) return settled.error();
  if (!raw->token.empty() && !agent::IsTokenText(raw->token)) {
    return InvalidArgument("token: expected a text without blanks, of ASCII alone");
  }
  return WatchDefinition{*kind, std::move(*target), std::move(raw->token), std::move(raw->run)};
}

std::string Describe(const WatchDefinition& watch) {
  return "watch of " + watch.target + " (type " + std::string(ToString(watch.kind)) + ")";
}

}  // namespace rollcall::watch
