#include "api/http/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>

#include "api/http/listener.h"
#include "api/http/session_set.h"

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

Server::Server(Options options, std::shared_ptr<SessionSet> sessions,
               std::shared_ptr<Listener> listener)
    : options_(std::move(options)),
      sessions_(std::move(sessions)),
      listener_(std::move(listener)),
      drain_timer_(std::make_unique<DrainTimer>(sessions_->loop)) {}

Result<std::unique_ptr<Server>> Server::Listen(boost::asio::io_context& loop,
                                               const Options& options, const Router& router) {
  IgnoreSigpipe();
  auto counts = std::make_shared<ConnectionCounts>(options.limits.max_connections,
                                                   options.limits.max_connections_per_address);
  auto sessions = std::make_shared<SessionSet>(loop, router, options.limits, std::move(counts));
  auto listener = Listener::Open(sessions, options.address, options.port, Listener::Claim::kFirst);
  if (!listener) return std::move(listener).error();
  Options bound = options;
  bound.port = (*listener)->port();
  return std::unique_ptr<Server>(
      new Server(std::move(bound), std::move(sessions), std::move(listener).value()));
}

Result<std::unique_ptr<Server>> Server::ListenAlongside(boost::asio::io_context& loop,
                                                        const Router& router) const {
  auto sessions = std::make_shared<SessionSet>(loop, router, options_.limits, sessions_->counts);
  auto listener = Listener::Open(sessions, options_.address, options_.port, Listener::Claim::kJoin);
  if (!listener) return std::move(listener).error();
  return std::unique_ptr<Server>(
      new Server(options_, std::move(sessions), std::move(listener).value()));
}

Server::~Server() {
  sessions_->AbandonDrain();
  drain_timer_->timer.cancel();
  listener_->Close();
  sessions_->CloseAll();
}

void Server::Start() { listener_->Start(); }

void Server::Stop() { listener_->Close(); }

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
