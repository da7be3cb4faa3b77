#include "api/http/request.h"

#include <algorithm>
#include <cassert>

#include "registry/base/ascii.h"

namespace rollcall::http {
namespace {

constexpr std::array<std::string_view, 7> kMethodNames = {"GET",    "HEAD",  "PUT",    "POST",
                                                          "DELETE", "PATCH", "OPTIONS"};

bool Has(std::string_view text, char c) { return text.find(c) != std::string_view::npos; }

const NamedValue* FindExact(std::span<const NamedValue> values, std::string_view name) {
  const auto it = std::find_if(values.begin(), values.end(),
                               [&](const NamedValue& value) { return value.name == name; });
  return it == values.end() ? nullptr : &*it;
}

}  // namespace

std::string_view MethodName(Method method) {
  return method == Method::kOther ? std::string_view() : kMethodNames[static_cast<size_t>(method)];
}

Method ParseMethod(std::string_view name) {
  const auto it = std::find(kMethodNames.begin(), kMethodNames.end(), name);
  return static_cast<Method>(it - kMethodNames.begin());
}

std::string_view Request::PathParameter(std::string_view name) const {
  for (size_t i = 0; i < path_parameters_.size; ++i) {
    if (path_parameters_.values[i].name == name) return path_parameters_.values[i].value;
  }
  assert(false && "the route has no such parameter");
  return {};
}

std::optional<std::string_view> Request::FindQuery(std::string_view name) const {
  const NamedValue* found = FindExact(query(), name);
  if (found == nullptr) return std::nullopt;
  return found->value;
}

std::vector<std::string_view> Request::AllQuery(std::string_view name) const {
  std::vector<std::string_view> all;
  for (const NamedValue& parameter : query_) {
    if (parameter.name == name) all.push_back(parameter.value);
  }
  return all;
}

std::optional<std::string_view> Request::FindHeader(std::string_view name) const {
  for (const NamedValue& header : headers_) {
    if (EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return std::nullopt;
}

void Request::BindPath(const PathParameters& captured) {
  path_parameters_ = captured;
  for (size_t i = 0; i < captured.size; ++i) {
    NamedValue& parameter = path_parameters_.values[i];
    parameter.value = Decoded(parameter.value, PlusSign::kLiteral);
  }
}

Result<void> Request::ParseTarget() {
  Result<TargetParts> parts = SplitTarget(target_);
  if (!parts) return std::move(parts).error();
  is_escaped_ = Has(target_, '%') || Has(target_, '+');
  // Each byte of the target is decoded at most twice (the path as a whole, and as a parameter), and
  // decoding never lengthens. With this room the views into decoded_ stay valid.
  if (is_escaped_) decoded_.reserve(2 * target_.size());
  raw_path_ = parts->path;
  path_ = Decoded(raw_path_, PlusSign::kLiteral);
  ParseQuery(parts->query);
  return {};
}

void Request::ParseQuery(std::string_view query) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    query_.push_back(
        {Decoded(pair.substr(0, equals), PlusSign::kSpace), Decoded(value, PlusSign::kSpace)});
  }
}

std::string_view Request::Decoded(std::string_view text, PlusSign plus) {
  if (!is_escaped_) return text;
  if (!Has(text, '%') && !(plus == PlusSign::kSpace && Has(text, '+'))) return text;
  assert(decoded_.capacity() - decoded_.size() >= text.size());
  const size_t begin = decoded_.size();
  AppendDecoded(text, plus, decoded_);
  return std::string_view(decoded_).substr(begin);
}

}  // namespace rollcall::http
