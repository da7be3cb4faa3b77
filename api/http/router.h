// Router: the route table. One list of routes says everything that a server answers.
//
// A pattern is a path whose segments are literal, or ":name" (one segment), or as the last one
// "*name" (the rest of the path, slashes included: service and check ids may contain them, escaped
// or not). A last ":name" or "*name" may be empty, so that "/v1/catalog/service/" reaches its
// handler with an empty name; it does not match without the slash. A literal segment is preferred
// to a parameter, a parameter to a rest; the path, not the method, decides which pattern it is.
//
// Constant after construction: any number of threads may use one router.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/exchange.h"
#include "api/http/request.h"

namespace rollcall::http {

using Handler = std::function<void(const std::shared_ptr<Exchange>&)>;

struct Route {
  Method method;
  std::string pattern;  // "/v1/health/service/:name"
  Handler handler;
  std::string summary;  // one sentence on what it does, for the API's description
  // What is answered to a request whose body is larger than Limits::max_body_bytes, and so has not
  // been read; empty: 413. Its path parameters are not bound. On the session's thread; throws
  // nothing.
  std::function<Response(const Request& request)> too_large = nullptr;
};

class Router {
 public:
  // Throws std::invalid_argument for a malformed pattern or a route that is there twice: the table
  // is part of the program, and a test or the first start shows it.
  explicit Router(std::vector<Route> routes);
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  struct Match {
    // Null when no pattern matches the path, or none of its routes has the method.
    const Route* route = nullptr;
    // What Allow says about the path, "OPTIONS,GET"; null when no pattern matches.
    const std::string* allow = nullptr;
    PathParameters parameters;
  };

  // `raw_path` is still escaped. HEAD finds the GET route. Allocates nothing for a path without
  // escapes. The parameters' values are views into `raw_path`, their names into the table.
  Match Find(Method method, std::string_view raw_path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  Node& EnsureNode(const std::string& pattern);
  const Node* FindNode(const Node& node, std::string_view rest, PathParameters& captured) const;

  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
};

// What is answered when a match has no route: 404, 405, or 200 to OPTIONS.
Response AnswerWithoutRoute(const Router::Match& match, const Request& request);

}  // namespace rollcall::http
