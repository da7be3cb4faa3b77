#include "api/http/router.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "api/http/target.h"

namespace rollcall::http {

// A tree by segments. Tables have tens of routes and nodes a handful of children, where a linear
// scan over short strings beats hashing.
struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::string parameter_name;  // of the path that leads here, when its last segment is a parameter
  std::unique_ptr<Node> parameter;
  std::unique_ptr<Node> rest;
  // What ends here. `pattern` also serves to tell two patterns that match the same paths.
  std::string pattern;
  std::vector<size_t> routes;
  std::string allow;
};

namespace {

// Splits "/a/b" into "a" and the rest "/b"; the rest of the last segment is nullopt.
struct Segment {
  std::string_view text;
  std::optional<std::string_view> rest;
};

Segment FirstSegment(std::string_view path) {
  path.remove_prefix(1);  // the '/'
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {path, std::nullopt};
  return {path.substr(0, slash), path.substr(slash)};
}

// A segment of a path, decoded. Most have no escapes, and are taken as they are.
class DecodedSegment {
 public:
  explicit DecodedSegment(std::string_view escaped) : text_(escaped) {
    if (escaped.find('%') == std::string_view::npos) return;
    AppendDecoded(escaped, PlusSign::kLiteral, decoded_);
    text_ = decoded_;
  }
  DecodedSegment(const DecodedSegment&) = delete;
  DecodedSegment& operator=(const DecodedSegment&) = delete;

  std::string_view text() const { return text_; }

 private:
  std::string decoded_;
  std::string_view text_;
};

}  // namespace

Router::Router(std::vector<Route> routes)
    : routes_(std::move(routes)), root_(std::make_unique<Node>()) {
  for (size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    Node& node = EnsureNode(route.pattern);
    if (node.pattern.empty()) {
      node.pattern = route.pattern;
      node.allow = "OPTIONS";
    }
    const bool twice = std::any_of(node.routes.begin(), node.routes.end(), [&](size_t other) {
      return routes_[other].method == route.method;
    });
    if (twice || node.pattern != route.pattern || MethodName(route.method).empty()) {
      throw std::invalid_argument("conflicting route: " + route.pattern);
    }
    node.routes.push_back(i);
    node.allow.append(",").append(MethodName(route.method));
  }
}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Router::Node& Router::EnsureNode(const std::string& pattern) {
  if (!pattern.starts_with('/')) throw std::invalid_argument("bad route pattern: " + pattern);
  Node* node = root_.get();
  size_t parameters = 0;
  for (std::optional<std::string_view> path = pattern; path;) {
    const Segment segment = FirstSegment(*path);
    path = segment.rest;
    const bool is_rest = segment.text.starts_with('*');
    const bool is_parameter = segment.text.starts_with(':');
    if (!is_rest && !is_parameter) {
      const auto known =
          std::find_if(node->literals.begin(), node->literals.end(),
                       [&](const auto& literal) { return literal.first == segment.text; });
      Node* next = known == node->literals.end() ? nullptr : known->second.get();
      if (next == nullptr) {
        next = node->literals.emplace_back(segment.text, std::make_unique<Node>()).second.get();
      }
      node = next;
      continue;
    }
    if (segment.text.size() < 2 || (is_rest && path) || ++parameters > kMaxPathParameters) {
      throw std::invalid_argument("bad route pattern: " + pattern);
    }
    std::unique_ptr<Node>& next = is_rest ? node->rest : node->parameter;
    if (!next) {
      next = std::make_unique<Node>();
      next->parameter_name = segment.text.substr(1);
    }
    if (next->parameter_name != segment.text.substr(1)) {
      throw std::invalid_argument("one parameter, two names: " + pattern);
    }
    node = next.get();
  }
  return *node;
}

const Router::Node* Router::FindNode(const Node& node, std::string_view rest,
                                     PathParameters& captured) const {
  const Segment segment = FirstSegment(rest);
  const auto descend = [&](const Node& child) -> const Node* {
    if (segment.rest) return FindNode(child, *segment.rest, captured);
    return child.pattern.empty() ? nullptr : &child;
  };
  const DecodedSegment decoded(segment.text);
  for (const auto& [literal, child] : node.literals) {
    if (decoded.text() != literal) continue;
    if (const Node* found = descend(*child)) return found;
  }
  const size_t mark = captured.size;
  const bool may_capture = !segment.text.empty() || !segment.rest;
  if (node.parameter && may_capture) {
    captured.values[captured.size++] = {node.parameter->parameter_name, segment.text};
    if (const Node* found = descend(*node.parameter)) return found;
    captured.size = mark;
  }
  if (!node.rest) return nullptr;
  captured.values[captured.size++] = {node.rest->parameter_name, rest.substr(1)};
  return node.rest.get();
}

Router::Match Router::Find(Method method, std::string_view raw_path) const {
  Match match;
  if (!raw_path.starts_with('/')) return match;
  const Node* node = FindNode(*root_, raw_path, match.parameters);
  if (node == nullptr) return match;
  match.allow = &node->allow;
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  const Route* fallback = nullptr;
  for (const size_t i : node->routes) {
    if (routes_[i].method == method) match.route = &routes_[i];
    if (routes_[i].method == wanted) fallback = &routes_[i];
  }
  if (match.route == nullptr) match.route = fallback;
  return match;
}

Response AnswerWithoutRoute(const Router::Match& match, const Request& request) {
  if (match.allow == nullptr) return EmptyResponse(404);
  if (request.method() == Method::kOptions) {
    Response response = EmptyResponse(200);
    response.AddHeader("Allow", *match.allow);
    return response;
  }
  Response response = TextResponse(
      405, std::string("method ").append(request.method_name()).append(" not allowed"));
  response.AddHeader("Allow", *match.allow);
  return response;
}

}  // namespace rollcall::http
