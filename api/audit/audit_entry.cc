#include "api/audit/audit_entry.h"

#include <nlohmann/json.hpp>

#include "registry/base/rfc3339.h"

namespace rollcall::api {
namespace {

constexpr size_t kMaxAuditedPath = 1024;
constexpr size_t kMaxAuditedText = 256;

// With "..." in place of what is cut off.
std::string CutTo(size_t size, std::string_view text) {
  if (text.size() <= size) return std::string(text);
  return std::string(text.substr(0, size)) + "...";
}

std::string AuditedPath(const RouteTraits& route, const http::Request& request) {
  // Somebody may have put a secret where an accessor ID belongs, and be answered that it is gone.
  if (route.handles_secrets) return std::string(route.pattern);
  return CutTo(kMaxAuditedPath, request.raw_path());
}

std::string AuditedError(const RouteTraits& route, const http::Response& answer) {
  if (answer.status < 400) return "";
  // What cannot be read of a body is quoted in the error.
  if (route.handles_secrets && !IsRefusal(answer.status)) return "";
  return CutTo(kMaxAuditedText, answer.body.view());
}

std::string Dumped(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string AuditTime(std::chrono::system_clock::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(time);
  std::string text = FormatRfc3339(whole);
  text.pop_back();
  if (text.find('.') == std::string::npos) text += '.';
  text.resize(std::string_view("2026-11-26T20:15:34.123").size(), '0');
  return text + 'Z';
}

bool IsRefusal(int status) { return status == 401 || status == 403 || status == 429; }

bool IsAudited(const RouteTraits& route, const http::Response* answer) {
  using enum RouteTraits::Effect;
  if (route.effect == kWrite) return true;
  if (answer == nullptr) return false;
  if (answer->status == 429) return !route.answers_with_429;
  if (IsRefusal(answer->status)) return true;
  return route.effect == kRenewal && answer->change && answer->change->is_change;
}

AuditEntry MakeAuditEntry(const RouteTraits& route, const http::Request& request,
                          const http::Response* answer, std::string_view accessor,
                          std::chrono::system_clock::time_point time) {
  AuditEntry entry;
  entry.time = time;
  entry.accessor = CutTo(kMaxAuditedText, accessor);
  entry.client = request.remote_address();
  if (request.tls_peer() != nullptr) {
    entry.certificate = CutTo(kMaxAuditedText, request.tls_peer()->subject);
  }
  entry.method = http::MethodName(request.method());
  entry.route = route.pattern;
  entry.status = answer == nullptr ? 500 : answer->status;
  entry.path = AuditedPath(route, request);
  if (answer == nullptr) {
    entry.error = "never answered; it may have been done all the same";
  } else {
    entry.change = answer->change;
    entry.error = AuditedError(route, *answer);
  }
  if (const auto id = request.FindHeader("X-Request-Id")) {
    entry.request_id = CutTo(kMaxAuditedText, *id);
  }
  return entry;
}

std::string LineOf(const AuditEntry& entry) {
  nlohmann::ordered_json line = {
      {"time", AuditTime(entry.time)}, {"accessor", entry.accessor}, {"client", entry.client}};
  if (!entry.certificate.empty()) line["certificate"] = entry.certificate;
  if (!entry.auth_method.empty()) line["auth_method"] = entry.auth_method;
  line["method"] = entry.method;
  line["path"] = entry.path;
  line["route"] = entry.route;
  line["status"] = entry.status;
  if (entry.change) {
    line["index"] = entry.change->index.value();
    line["changed"] = entry.change->is_change;
  }
  if (!entry.error.empty()) line["error"] = entry.error;
  if (!entry.request_id.empty()) line["request_id"] = entry.request_id;
  return Dumped(line);
}

std::string LineOfLost(uint64_t count, std::chrono::system_clock::time_point time) {
  return Dumped({{"time", AuditTime(time)}, {"lost", count}});
}

}  // namespace rollcall::api
