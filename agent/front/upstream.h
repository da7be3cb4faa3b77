// Upstream: asks whichever of the registry's servers answers, over kept connections.
//
//   Upstream::Handle asked = upstream.Send({.target = "/v1/catalog/nodes"},
//                                          [](Result<UpstreamReply> reply) { ... });
//
// Which server:
//   - the one that answered last, and the next one when it does not answer or is overloaded;
//   - a read that is not answered within Options::second_after is sent to the next server as well,
//     and the first answer counts: reads go on although one server hangs;
//   - a read that may wait long (UpstreamRequest::wait) says nothing by its silence, so while there
//     is one, its server is asked something cheap now and then, and the read is repeated on another
//     server when that is not answered. With one server it ends with its time;
//   - anything else goes to another server only when it is certain that nothing has been done.
//
// The loop's thread. An idle Upstream holds no connection for long and no timer.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/front/server_connection.h"
#include "agent/front/server_pool.h"
#include "agent/front/upstream_request.h"
#include "registry/base/result.h"

namespace rollcall::front {

class Liveness;
class UpstreamCall;

class Upstream {
 public:
  struct Options {
    std::vector<std::string> servers;  // "http://host:port" or https; at least one
    // For https; null: without a certificate, and trusting whom the system trusts.
    std::shared_ptr<http::TlsClient> tls = nullptr;
    std::string tls_name = {};  // that their certificates must have; empty: that of the URL
    // The ACL token of requests that bring none, but for those that IsAboutItsToken; null, or
    // empty: they go without. Any thread's.
    std::function<std::string()> token = nullptr;
    // Whether requests that are without one even so are not sent for now, because there soon will
    // be one: they end with kUnavailable. Null: never. The loop's.
    std::function<bool()> waits_for_token = nullptr;
    StepTimes times = {};
    PoolLimits pool = {};
    std::chrono::milliseconds second_after{400};
    // How a server is watched while reads wait there: how often, and how long it may take.
    std::chrono::milliseconds probe_interval{1'000};
    std::chrono::milliseconds probe_timeout{400};
    // After how long a read that waits has tried the other servers long ago.
    std::chrono::milliseconds long_ago{2'000};
  };

  // An answer of any status; or
  //   kUnavailable      nothing has been done: no server could be reached, or there are too many
  //                     requests at once, or Options::waits_for_token says so. Of a read, also:
  //                     none answered in time;
  //   kIo               sent, and no answer: it may have been done;
  //   kCorruption       the answer cannot be used: broken or too large;
  //   kInvalidArgument  it cannot be sent at all.
  // One line that names the servers and what each one did.
  using Callback = std::function<void(Result<UpstreamReply>)>;

  // May be dropped: the request goes on.
  class Handle {
   public:
    Handle() = default;
    // The callback is not called any more. Does nothing once it has been.
    void Cancel();

   private:
    friend class Upstream;
    explicit Handle(std::weak_ptr<UpstreamCall> call) : call_(std::move(call)) {}
    std::weak_ptr<UpstreamCall> call_;
  };

  // `options.servers` are valid URLs. `loop` outlives it.
  Upstream(boost::asio::io_context& loop, const Options& options);
  // Ends what is under way, without a word.
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  // `callback` is called once, from the loop, never from within.
  Handle Send(UpstreamRequest request, Callback callback);

  // What Send gives to requests without a token, now.
  std::string token() const { return options_.token ? options_.token() : std::string(); }

  // The server that is asked first.
  const std::string& server() const { return servers_[current_]->url; }
  // How many requests are under way.
  size_t pending() const { return calls_.size(); }

 private:
  friend class Liveness;
  friend class UpstreamCall;

  enum class Purpose { kRequest, kProbe };

  struct Server {
    Server(boost::asio::io_context& loop, std::string its_url, std::optional<TlsTowards> tls,
           const PoolLimits& limits);
    const std::string url;
    ServerPool pool;
    std::chrono::steady_clock::time_point last_answer;
  };

  std::optional<TlsTowards> TlsFor(const std::string& url);
  // Asks one server alone whether it answers.
  void Probe(size_t server, std::function<void(bool answers)> done);
  void OnAnswer(size_t server, Purpose purpose);
  void OnFailure(size_t server);
  void OnSilent(size_t server);  // what waits there is to go on elsewhere
  void Forget(const std::shared_ptr<UpstreamCall>& call);

  boost::asio::io_context& loop_;
  const Options options_;
  std::shared_ptr<http::TlsClient> tls_;  // null as long as no server needs it
  std::vector<std::unique_ptr<Server>> servers_;
  size_t current_ = 0;
  std::vector<std::shared_ptr<UpstreamCall>> calls_;  // under way, each knows its place
  std::unique_ptr<Liveness> liveness_;                // null with a single server
};

}  // namespace rollcall::front
