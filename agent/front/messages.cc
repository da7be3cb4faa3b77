#include "agent/front/messages.h"

#include <algorithm>
#include <charconv>

#include "api/http/target.h"
#include "registry/base/ascii.h"
#include "registry/base/go_duration.h"

namespace rollcall::front {
namespace {

using std::chrono::milliseconds;

// Consul's documentation of blocking queries.
constexpr milliseconds kDefaultWait = std::chrono::minutes(5);
constexpr milliseconds kMaxWait = std::chrono::minutes(10);

// Of one connection, not of the message (RFC 9110 section 7.6.1), and what says where the content
// ends, which each side of a gateway says for itself.
constexpr std::string_view kOfTheConnection[] = {
    "connection", "keep-alive", "proxy-connection",  "proxy-authorization", "te",
    "trailer",    "upgrade",    "transfer-encoding", "content-length",      "proxy-authenticate"};
// Answered by this side's server, or set anew.
constexpr std::string_view kOfThisServer[] = {"host", "expect", "accept-encoding"};

bool IsOneOf(std::string_view name, std::span<const std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view each) { return EqualsIgnoreCase(each, name); });
}

std::string_view Stripped(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Whether a Connection field names `name` as the connection's.
template <typename Fields>
bool IsNamedByConnection(const Fields& fields, std::string_view name) {
  for (const auto& field : fields) {
    if (!EqualsIgnoreCase(field.name, "connection")) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      if (EqualsIgnoreCase(Stripped(list.substr(0, comma)), name)) return true;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return false;
}

template <typename Fields>
bool IsEndToEnd(const Fields& fields, std::string_view name) {
  return !IsOneOf(name, kOfTheConnection) && !IsNamedByConnection(fields, name);
}

std::string DecodedQuery(std::string_view text) {
  std::string decoded;
  http::AppendDecoded(text, http::PlusSign::kSpace, decoded);
  return decoded;
}

}  // namespace

std::string TargetOf(const http::Request& request, std::string_view escaped_node,
                     std::span<const std::string_view> dropped) {
  std::string out(request.raw_path());
  const std::string_view target = request.target();
  const size_t mark = target.find('?');
  if (mark == std::string_view::npos) return out;
  std::string_view rest = target.substr(mark + 1);
  char separator = '?';
  while (true) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view parameter = rest.substr(0, end);
    const size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string name = DecodedQuery(parameter.substr(0, equals));
    if (!IsOneOf(name, dropped)) {
      out += separator;
      separator = '&';
      const std::string_view value = parameter.substr(std::min(equals + 1, parameter.size()));
      if (name == "near" && DecodedQuery(value) == "_agent") {
        out.append("near=").append(escaped_node);
      } else {
        out.append(parameter);
      }
    }
    if (end == rest.size()) return out;
    rest.remove_prefix(end + 1);
  }
}

std::string WithParameter(std::string target, std::string_view name, std::string_view value) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  return std::move(target.append(name).append("=").append(value));
}

std::vector<HeaderField> HeadersOf(const http::Request& request) {
  std::vector<HeaderField> headers;
  for (const http::NamedValue& field : request.headers()) {
    if (IsOneOf(field.name, kOfThisServer) || !IsEndToEnd(request.headers(), field.name)) continue;
    headers.push_back({std::string(field.name), std::string(field.value)});
  }
  headers.push_back({"Accept-Encoding", "identity"});
  return headers;
}

std::optional<Patience> PatienceOf(const http::Request& request) {
  Patience patience;
  const std::string_view index = request.FindQuery("index").value_or("");
  const char* const last = index.data() + index.size();
  const auto [end, error] = std::from_chars(index.data(), last, patience.index);
  if (!index.empty() && (error != std::errc() || end != last)) return std::nullopt;
  milliseconds wait = kDefaultWait;
  if (const std::string_view text = request.FindQuery("wait").value_or(""); !text.empty()) {
    const auto parsed = ParseGoDuration(text);
    if (!parsed) return std::nullopt;
    wait = std::chrono::ceil<milliseconds>(*parsed);
  }
  if (patience.index == 0) return patience;
  patience.wait = wait.count() <= 0 ? kDefaultWait : std::min(wait, kMaxWait);
  return patience;
}

std::string HeaderBlockOf(const UpstreamReply& reply, std::span<const std::string_view> dropped) {
  http::Response response;
  for (const HeaderField& field : reply.headers) {
    if (!IsEndToEnd(reply.headers, field.name) || IsOneOf(field.name, dropped)) continue;
    // The session says it of every answer.
    if (EqualsIgnoreCase(field.name, "vary") && EqualsIgnoreCase(field.value, "accept-encoding")) {
      continue;
    }
    response.AddHeader(field.name, field.value);
  }
  return std::move(response.header_block);
}

http::Response ResponseOf(UpstreamReply reply, std::span<const std::string_view> dropped) {
  http::Response response;
  response.status = reply.status;
  response.header_block = HeaderBlockOf(reply, dropped);
  response.body = std::move(reply.body);
  return response;
}

http::Response ResponseOf(const Error& error) {
  int status = 502;
  if (error.code == ErrorCode::kUnavailable) status = 503;
  if (error.code == ErrorCode::kIo) status = 504;
  if (error.code == ErrorCode::kInvalidArgument) status = 400;
  return http::TextResponse(status, error.message);
}

}  // namespace rollcall::front
