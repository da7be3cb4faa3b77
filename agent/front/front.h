// Front: what this host's programs may ask of the registry through their agent. All of /v1 but
// /v1/agent is passed on; ?cached reads are answered from what the agent keeps.
// The loop's thread. What it is given outlives it, and it outlives the HTTP server that has its
// routes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/front/read_cache.h"
#include "agent/front/upstream.h"
#include "api/http/exchange.h"
#include "api/http/router.h"
#include "registry/base/clock.h"

namespace rollcall::front {

class Front {
 public:
  struct Options {
    std::string escaped_node;  // what ?near=_agent means, as it stands in a URL
    ReadCache::Options cache;
  };

  // `random` draws from [0, 1).
  Front(boost::asio::io_context& loop, const Clock& clock, std::function<double()> random,
        Upstream& upstream, const Options& options);

  // All methods of all paths under /v1; those under /v1/agent that no other route has are not
  // found. And "/", as the registry answers it.
  std::vector<http::Route> Routes();

  // Has the registry answer, whatever the path.
  void PassOn(const std::shared_ptr<http::Exchange>& exchange);

  const ReadCache& cache() const { return cache_; }

 private:
  void Answer(const std::shared_ptr<http::Exchange>& exchange);
  bool AnswerFromCache(const std::shared_ptr<http::Exchange>& exchange);
  bool HasBeenHere(const http::Request& request) const;

  const std::string escaped_node_;
  Upstream& upstream_;
  ReadCache cache_;
};

}  // namespace rollcall::front
