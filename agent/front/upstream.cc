#include "agent/front/upstream.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "agent/front/liveness.h"
#include "agent/front/upstream_call.h"

namespace rollcall::front {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

probe::HttpUrl Parsed(const std::string& url) { return probe::ParseHttpUrl(url).value(); }

}  // namespace

Upstream::Server::Server(asio::io_context& loop, std::string its_url, std::optional<TlsTowards> tls,
                         const PoolLimits& limits)
    : url(std::move(its_url)), pool(loop, Parsed(url), std::move(tls), limits) {}

Upstream::Upstream(asio::io_context& loop, const Options& options)
    : loop_(loop), options_(options) {
  for (const std::string& url : options.servers) {
    servers_.push_back(std::make_unique<Server>(loop, url, TlsFor(url), options.pool));
  }
  if (servers_.size() > 1) liveness_ = std::make_unique<Liveness>(*this);
}

Upstream::~Upstream() {
  for (const auto& call : std::exchange(calls_, {})) call->End();
}

std::optional<TlsTowards> Upstream::TlsFor(const std::string& url) {
  const probe::HttpUrl parsed = Parsed(url);
  if (!parsed.tls) return std::nullopt;
  if (tls_ == nullptr) tls_ = options_.tls;
  if (tls_ == nullptr) {
    tls_ = std::make_shared<http::TlsClient>(http::TlsClientContext::Load({}).value());
  }
  return TlsTowards{.client = *tls_,
                    .name = options_.tls_name.empty() ? parsed.origin.host : options_.tls_name};
}

void Upstream::Handle::Cancel() {
  if (const auto call = call_.lock()) call->End();
}

Upstream::Handle Upstream::Send(UpstreamRequest request, Callback callback) {
  AddToken(&request, token());
  Result<void> good = CheckSendable(request);
  if (good && options_.waits_for_token && options_.waits_for_token() && !HasToken(request)) {
    good = Unavailable("there is no ACL token to ask the registry with yet");
  }
  if (!good) {
    asio::post(loop_, [callback = std::move(callback), error = good.error()] { callback(error); });
    return {};
  }
  const bool is_quick_read = request.IsRead() && request.wait.count() == 0;
  const UpstreamCall::Plan plan{.first_server = current_,
                                .server_count = servers_.size(),
                                .times = options_.times,
                                .asks_a_second = is_quick_read && servers_.size() > 1};
  const auto call =
      std::make_shared<UpstreamCall>(*this, std::move(request), plan, std::move(callback));
  call->place = calls_.size();
  calls_.push_back(call);
  asio::post(loop_, [call] { call->Start(); });
  return Handle(call);
}

void Upstream::Probe(size_t server, std::function<void(bool)> done) {
  StepTimes times = options_.times;
  times.connect = times.answer = times.body = options_.probe_timeout;
  const auto call = std::make_shared<UpstreamCall>(
      *this, UpstreamRequest{.target = "/v1/status/leader"},
      UpstreamCall::Plan{.first_server = server, .times = times, .purpose = Purpose::kProbe},
      [done = std::move(done)](const Result<UpstreamReply>& reply) { done(reply.has_value()); });
  call->place = calls_.size();
  calls_.push_back(call);
  asio::post(loop_, [call] { call->Start(); });
}

void Upstream::OnAnswer(size_t server, Purpose purpose) {
  if (purpose == Purpose::kRequest) current_ = server;
  servers_[server]->last_answer = steady_clock::now();
}

void Upstream::OnFailure(size_t server) {
  if (server == current_) current_ = (current_ + 1) % servers_.size();
}

void Upstream::OnSilent(size_t server) {
  OnFailure(server);
  const auto calls = calls_;
  for (const auto& call : calls) call->OnServerSilent(server);
}

void Upstream::Forget(const std::shared_ptr<UpstreamCall>& call) {
  if (calls_.empty()) return;  // it is going
  calls_.back()->place = call->place;
  std::swap(calls_[call->place], calls_.back());
  calls_.pop_back();
}

}  // namespace rollcall::front
