#include "agent/front/upstream_request.h"

#include <algorithm>

#include "api/http/target.h"
#include "registry/base/ascii.h"

namespace rollcall::front {
namespace {

constexpr size_t kMaxFieldBytes = 32 * 1024;

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
  });
}

bool IsOneWord(std::string_view text) {
  return !text.empty() && !HasControl(text) && text.find_first_of(" \t") == std::string_view::npos;
}

}  // namespace

bool UpstreamRequest::IsRead() const {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

bool UpstreamRequest::IsIdempotent() const {
  return IsRead() || method == "PUT" || method == "DELETE";
}

UpstreamRequest WithWait(UpstreamRequest request, std::chrono::milliseconds wait) {
  request.wait = wait;
  const size_t mark = request.target.find('?');
  std::string_view rest;
  if (mark != std::string::npos) rest = std::string_view(request.target).substr(mark + 1);
  std::string target = request.target.substr(0, mark);
  target += '?';
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view parameter = rest.substr(0, end);
    if (!parameter.starts_with("wait=")) target.append(parameter).append("&");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  request.target = std::move(target.append("wait=").append(std::to_string(wait.count())) += "ms");
  return request;
}

bool HasToken(const UpstreamRequest& request) {
  constexpr std::string_view kBearer = "bearer ";
  for (const HeaderField& field : request.headers) {
    if (EqualsIgnoreCase(field.name, "x-consul-token") && !field.value.empty()) return true;
    if (EqualsIgnoreCase(field.name, "authorization") && field.value.size() > kBearer.size() &&
        EqualsIgnoreCase(std::string_view(field.value).substr(0, kBearer.size()), kBearer)) {
      return true;
    }
  }
  const size_t mark = request.target.find('?');
  if (mark == std::string::npos) return false;
  std::string_view rest = std::string_view(request.target).substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view parameter = rest.substr(0, rest.find('&'));
    const size_t equals = std::min(parameter.find('='), parameter.size());
    std::string name;
    http::AppendDecoded(parameter.substr(0, equals), http::PlusSign::kSpace, name);
    if (name == "token" && equals + 1 < parameter.size()) return true;
    rest.remove_prefix(std::min(parameter.size() + 1, rest.size()));
  }
  return false;
}

bool IsAboutItsToken(const UpstreamRequest& request) {
  const std::string_view escaped =
      std::string_view(request.target).substr(0, request.target.find('?'));
  std::string path;
  http::AppendDecoded(escaped, http::PlusSign::kLiteral, path);
  while (path.ends_with('/')) path.pop_back();
  return EqualsIgnoreCase(path, "/v1/acl/token/self") || EqualsIgnoreCase(path, "/v1/acl/logout");
}

void AddToken(UpstreamRequest* request, const std::string& token) {
  if (token.empty() || HasToken(*request) || IsAboutItsToken(*request)) return;
  std::erase_if(request->headers, [](const HeaderField& field) {
    return EqualsIgnoreCase(field.name, "x-consul-token");  // an empty one
  });
  request->headers.push_back({"X-Consul-Token", token});
}

Result<void> CheckSendable(const UpstreamRequest& request) {
  if (!IsOneWord(request.method)) return InvalidArgument("not a method");
  if (!IsOneWord(request.target) || !request.target.starts_with('/')) {
    return InvalidArgument("not a request target");
  }
  for (const HeaderField& field : request.headers) {
    if (!IsOneWord(field.name) || field.name.find(':') != std::string::npos ||
        HasControl(field.value) || field.name.size() + field.value.size() > kMaxFieldBytes) {
      return InvalidArgument("not a header field");
    }
  }
  return {};
}

std::string_view UpstreamReply::Header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [name](const HeaderField& field) {
    return EqualsIgnoreCase(field.name, name);
  });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

}  // namespace rollcall::front
