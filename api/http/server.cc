#include "api/http/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>

#include "api/http/listener.h"
#include "api/http/session_set.h"
#include "api/http/tls_context.h"

namespace rollcall::http {

namespace {

// Unless the program has seen to it in its own way.
void IgnoreSigpipe() {
  struct sigaction present {};
  if (sigaction(SIGPIPE, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) {
    std::signal(SIGPIPE, SIG_IGN);
  }
}

}  // namespace

struct Server::DrainTimer {
  explicit DrainTimer(boost::asio::io_context& loop) : timer(loop) {}
  boost::asio::steady_timer timer;
};

Server::Server(Options options, std::shared_ptr<SessionSet> sessions)
    : options_(std::move(options)),
      sessions_(std::move(sessions)),
      drain_timer_(std::make_unique<DrainTimer>(sessions_->loop)) {}

Result<void> Server::Bind(Claim claim) {
  const auto open = [&](const std::string& address, uint16_t* port,
                        Listener::Security security) -> Result<void> {
    auto listener =
        Listener::Open(sessions_, address, *port, security,
                       claim == Claim::kFirst ? Listener::Claim::kFirst : Listener::Claim::kJoin);
    if (!listener) return std::move(listener).error();
    *port = (*listener)->port();
    listeners_.push_back(std::move(*listener));
    return {};
  };
  if (options_.plain) {
    auto ok = open(options_.address, &options_.port, Listener::Security::kPlain);
    if (!ok) return ok;
  }
  if (!options_.tls) return {};
  // Kept in one place, so that the keys of before a reload go with the last connection that began
  // with them.
  SetTls(std::exchange(options_.tls->context, nullptr));
  return open(options_.tls->address, &options_.tls->port, Listener::Security::kTls);
}

Result<std::unique_ptr<Server>> Server::Listen(boost::asio::io_context& loop,
                                               const Options& options, const Router& router) {
  IgnoreSigpipe();
  auto counts = std::make_shared<ConnectionCounts>(options.limits.max_connections,
                                                   options.limits.max_connections_per_address);
  auto sessions = std::make_shared<SessionSet>(loop, router, options.limits, std::move(counts));
  std::unique_ptr<Server> server(new Server(options, std::move(sessions)));
  if (Result<void> ok = server->Bind(Claim::kFirst); !ok) return ok.error();
  return server;
}

Result<std::unique_ptr<Server>> Server::ListenAlongside(boost::asio::io_context& loop,
                                                        const Router& router) const {
  auto sessions = std::make_shared<SessionSet>(loop, router, options_.limits, sessions_->counts);
  Options options = options_;
  if (options.tls) options.tls->context = sessions_->tls;
  std::unique_ptr<Server> server(new Server(std::move(options), std::move(sessions)));
  if (Result<void> ok = server->Bind(Claim::kJoin); !ok) return ok.error();
  return server;
}

Server::~Server() {
  sessions_->AbandonDrain();
  drain_timer_->timer.cancel();
  Stop();
  sessions_->CloseAll();
}

void Server::Start() {
  for (const auto& listener : listeners_) listener->Start();
}

void Server::SetTls(std::shared_ptr<const TlsContext> context) {
  const auto not_after = context->not_after().time_since_epoch();
  sessions_->counters.tls_not_after.Set(
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(not_after).count()));
  sessions_->tls = std::move(context);
}

void Server::Stop() {
  for (const auto& listener : listeners_) listener->Close();
}

void Server::Drain(std::chrono::milliseconds grace, std::function<void()> done) {
  Stop();
  drain_timer_->timer.expires_after(grace);
  drain_timer_->timer.async_wait([sessions = sessions_](const boost::system::error_code& error) {
    if (!error) sessions->CloseAll();
  });
  sessions_->Drain([this, done = std::move(done)] {
    drain_timer_->timer.cancel();
    done();
  });
}

size_t Server::connection_count() const { return sessions_->open_count(); }

const Counters& Server::counters() const { return sessions_->counters; }

}  // namespace rollcall::http
