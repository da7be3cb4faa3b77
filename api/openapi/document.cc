#include "api/openapi/document.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/openapi/components.h"
#include "registry/base/ascii.h"

namespace rollcall::api::openapi {
namespace {

using nlohmann::ordered_json;

// What an answer carries where a parameter makes it mean something.
struct HeadersOf {
  std::string_view parameter;
  std::vector<std::string_view> headers;
};

const std::vector<HeadersOf>& HeadersByParameter() {
  static const std::vector<HeadersOf> kHeaders = {
      {"index",
       {"X-Consul-Index", "X-Consul-KnownLeader", "X-Consul-LastContact", "X-Consul-Query-Backend",
        "X-Consul-Effective-Consistency"}},
      {"cached", {"X-Cache", "Age"}},
      {"hash", {"X-Consul-ContentHash"}},
      {"If-None-Match", {"ETag"}}};
  return kHeaders;
}

ordered_json Ref(std::string_view kind, std::string_view key) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(key)}};
}

ordered_json Error() { return Ref("responses", "Error"); }

std::vector<std::string_view> Segments(std::string_view pattern) {
  std::vector<std::string_view> segments;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const size_t slash = std::min(pattern.find('/'), pattern.size());
    segments.push_back(pattern.substr(0, slash));
    pattern.remove_prefix(slash);
  }
  return segments;
}

bool IsParameter(std::string_view segment) {
  return segment.starts_with(':') || segment.starts_with('*');
}

// "/v1/health/node/*name" as "/v1/health/node/{name}".
std::string PathOf(std::string_view pattern) {
  std::string path;
  for (const std::string_view segment : Segments(pattern)) {
    path += '/';
    path += IsParameter(segment) ? "{" + std::string(segment.substr(1)) + "}" : segment;
  }
  return path;
}

// "service-name.json" as "ServiceNameJson".
std::string Words(std::string_view text) {
  std::string words;
  bool begins = true;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter) words += begins && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = !letter;
  }
  return words;
}

// "getHealthNodeByName".
std::string OperationId(const Operation& operation) {
  std::string id = AsciiLower(http::MethodName(operation.method));
  for (const std::string_view segment : Segments(operation.pattern)) {
    if (segment == "v1") continue;
    id += (IsParameter(segment) ? "By" : "") + (segment.empty() ? "Root" : Words(segment));
  }
  return id;
}

ordered_json ParametersOf(const Operation& operation) {
  ordered_json list = ordered_json::array();
  for (const std::string_view segment : Segments(operation.pattern)) {
    if (!IsParameter(segment)) continue;
    list.push_back(Ref("parameters", "path." + std::string(segment.substr(1))));
  }
  for (const std::string_view key : operation.description.parameters) {
    list.push_back(Ref("parameters", key));
  }
  return list;
}

ordered_json SchemaOf(std::string_view answer) {
  if (!answer.ends_with("[]")) return Ref("schemas", answer);
  answer.remove_suffix(2);
  return {{"type", "array"}, {"items", Ref("schemas", answer)}};
}

ordered_json AnswerOf(const Description& description) {
  ordered_json answer = {{"description", description.summary}};
  for (const auto& [parameter, headers] : HeadersByParameter()) {
    const auto& taken = description.parameters;
    if (std::find(taken.begin(), taken.end(), parameter) == taken.end()) continue;
    for (const std::string_view header : headers)
      answer["headers"][header] = Ref("headers", header);
  }
  for (const std::string_view header : description.headers) {
    answer["headers"][header] = Ref("headers", header);
  }
  const bool has_content = description.answer != kNothing;
  const bool is_text = description.answer == kText;
  const bool is_bytes = description.answer == kBytes;
  if (is_bytes) answer["content"]["application/octet-stream"] = ordered_json::object();
  if (has_content && !is_text && !is_bytes) {
    answer["content"]["application/json"]["schema"] = SchemaOf(description.answer);
  }
  if (is_text || description.or_text) {
    answer["content"]["text/plain"]["schema"] = Ref("schemas", "Text");
  }
  return answer;
}

// Of a route that needs no token.
bool IsOpen(const Operation& operation) { return operation.needs == "nothing"; }

ordered_json ResponsesOf(const Operation& operation) {
  const Description& description = operation.description;
  ordered_json responses;
  for (const int status : description.statuses) {
    responses[std::to_string(status)] = AnswerOf(description);
  }
  const auto& taken = description.parameters;
  if (std::find(taken.begin(), taken.end(), "If-None-Match") != taken.end()) {
    responses["304"] = {{"description", "The client has it already."}};
  }
  responses["400"] = Error();
  if (!IsOpen(operation)) responses["403"] = Error();
  for (const int status : description.errors) responses[std::to_string(status)] = Error();
  if (!description.request_schema.empty()) responses["413"] = Error();
  responses["5XX"] = Error();
  return responses;
}

ordered_json RequestBodyOf(const Description& description) {
  if (description.request_schema == kBytes) {
    return {{"content", {{"application/octet-stream", ordered_json::object()}}}};
  }
  return {{"required", true},
          {"content",
           {{"application/json", {{"schema", Ref("schemas", description.request_schema)}}}}}};
}

ordered_json OperationJson(const Operation& operation) {
  const Description& description = operation.description;
  ordered_json json = {{"operationId", OperationId(operation)}, {"summary", description.summary}};
  const std::vector<std::string_view> segments = Segments(operation.pattern);
  if (segments.size() > 1) json["tags"] = ordered_json::array({segments[1]});
  if (ordered_json parameters = ParametersOf(operation); !parameters.empty()) {
    json["parameters"] = std::move(parameters);
  }
  if (!description.request_schema.empty()) json["requestBody"] = RequestBodyOf(description);
  json["responses"] = ResponsesOf(operation);
  if (IsOpen(operation)) json["security"] = ordered_json::array();
  json["x-acl-required"] = operation.needs;
  return json;
}

}  // namespace

ordered_json MakeDocument(const std::vector<Operation>& operations, std::string_view version) {
  ordered_json document = ordered_json::parse(ComponentsText());
  document["info"]["version"] = version;
  ordered_json& paths = document["paths"];
  for (const Operation& operation : operations) {
    const std::string method = AsciiLower(http::MethodName(operation.method));
    paths[PathOf(operation.pattern)][method] = OperationJson(operation);
  }
  return document;
}

}  // namespace rollcall::api::openapi
