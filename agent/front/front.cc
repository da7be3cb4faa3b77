#include "agent/front/front.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/front/cache_control.h"
#include "agent/front/messages.h"
#include "registry/base/ascii.h"

namespace rollcall::front {

using http::Method;

namespace {

// What is the cache's to answer, and so no part of which read it is.
constexpr std::string_view kOfAReader[] = {"cached", "index", "wait"};

constexpr Method kMethods[] = {Method::kGet,    Method::kPut,   Method::kPost,
                               Method::kDelete, Method::kPatch, Method::kOptions};

bool IsGetOrHead(const http::Request& request) {
  return request.method() == Method::kGet || request.method() == Method::kHead;
}

}  // namespace

Front::Front(boost::asio::io_context& loop, const Clock& clock, std::function<double()> random,
             Upstream& upstream, const Options& options)
    : escaped_node_(options.escaped_node),
      upstream_(upstream),
      cache_(loop, clock, std::move(random), upstream, options.cache,
             [this](const std::shared_ptr<http::Exchange>& exchange) { PassOn(exchange); }) {}

std::vector<http::Route> Front::Routes() {
  std::vector<http::Route> routes;
  for (const Method method : kMethods) {
    routes.push_back({method, "/v1/*rest",
                      [this](const std::shared_ptr<http::Exchange>& exchange) { Answer(exchange); },
                      "Passes the request on to the registry."});
    // These are about this host alone: the registry's answers would be about another one.
    routes.push_back({method, "/v1/agent/*rest",
                      [](const std::shared_ptr<http::Exchange>& exchange) {
                        exchange->Respond(http::EmptyResponse(404));
                      },
                      "Nothing is found here."});
  }
  routes.push_back({Method::kGet, "/",
                    [](const std::shared_ptr<http::Exchange>& exchange) {
                      exchange->Respond(http::TextResponse(200, "Consul Agent"));
                    },
                    "Says that this is an agent's API."});
  return routes;
}

void Front::Answer(const std::shared_ptr<http::Exchange>& exchange) {
  if (!AnswerFromCache(exchange)) PassOn(exchange);
}

bool Front::AnswerFromCache(const std::shared_ptr<http::Exchange>& exchange) {
  const http::Request& request = exchange->request();
  if (!IsGetOrHead(request) || !request.HasQuery("cached") || HasBeenHere(request)) return false;
  // What is wrong or contradicts itself is the registry's to refuse, in its own words.
  if (request.HasQuery("consistent") || !request.body().empty()) return false;
  const std::optional<Patience> patience = PatienceOf(request);
  const std::optional<CacheControl> control = CacheControlOf(request);
  if (!patience || !control) return false;
  cache_.Answer(exchange, TargetOf(request, escaped_node_, kOfAReader), *patience, *control);
  return true;
}

void Front::PassOn(const std::shared_ptr<http::Exchange>& exchange) {
  const http::Request& request = exchange->request();
  if (HasBeenHere(request)) {
    return exchange->Respond(http::TextResponse(
        508, "the request has come back: one of this agent's servers is this agent"));
  }
  UpstreamRequest upstream;
  // The session leaves the content out, and tells its length.
  upstream.method = request.method() == Method::kHead ? "GET" : request.method_name();
  upstream.target = TargetOf(request, escaped_node_);
  upstream.headers = HeadersOf(request);
  upstream.headers.push_back({"Via", "1.1 " + escaped_node_});
  upstream.body = request.body();
  if (const auto patience = PatienceOf(request); patience && IsGetOrHead(request)) {
    upstream.wait = patience->wait;
  }
  const bool waits = upstream.wait.count() > 0;
  Upstream::Handle asked =
      upstream_.Send(std::move(upstream), [exchange](Result<UpstreamReply> reply) {
        exchange->Respond(reply ? ResponseOf(*std::move(reply)) : ResponseOf(reply.error()));
      });
  // The others end soon by themselves, and a client that has closed its sending side still gets
  // their answers.
  if (!waits) return;
  exchange->OnClosed([asked]() mutable { asked.Cancel(); });
  exchange->OnShutdown([asked, weak = std::weak_ptr(exchange)]() mutable {
    const auto waiting = weak.lock();
    asked.Cancel();
    if (waiting) waiting->Respond(http::TextResponse(503, "the agent is stopping"));
  });
}

// RFC 9110 section 7.6.3.
bool Front::HasBeenHere(const http::Request& request) const {
  for (const http::NamedValue& field : request.headers()) {
    if (!EqualsIgnoreCase(field.name, "via")) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      std::string_view hop = list.substr(0, comma);
      hop.remove_suffix(hop.size() - std::min(hop.find_last_not_of(" \t") + 1, hop.size()));
      const size_t space = hop.find_last_of(" \t");
      if (space != std::string_view::npos && hop.substr(space + 1) == escaped_node_) return true;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return false;
}

}  // namespace rollcall::front
