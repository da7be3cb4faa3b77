// Agent: the local state and all that surrounds it, wired together: checks are run by the Prober,
// the state is kept in sync with the registry, programs of this host talk to the HTTP API and the
// DNS relay.
//
// Everything but the sync's and the keeper's threads runs on `loop`, which outlives the Agent, and
// its functions are called there, or by anyone while the loop does not run.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/access/guard.h"
#include "agent/access/token_resolver.h"
#include "agent/agent_metrics.h"
#include "agent/dns_relay.h"
#include "agent/front/front.h"
#include "agent/front/upstream.h"
#include "agent/keep/state_directory.h"
#include "agent/local_state.h"
#include "agent/login/agent_login.h"
#include "agent/options.h"
#include "agent/parked_reads.h"
#include "agent/probe/prober.h"
#include "agent/registry_sync.h"
#include "agent/routes/route_context.h"
#include "agent/watch/remote_aliases.h"
#include "agent/watch/watches.h"
#include "api/http/router.h"
#include "api/http/server.h"
#include "api/http/tls_client.h"
#include "api/http/tls_context.h"
#include "api/shared/log_monitor.h"
#include "api/shared/version_answer.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"

namespace rollcall::agent {

class Agent {
 public:
  // The program around it, which outlives it.
  struct Program {
    api::BuildVersion build = {};
    api::LogMonitor* log = nullptr;   // never null
    size_t max_http_connections = 0;  // 0: as many as come
    // Reads the definitions from their files again, for a reload.
    std::function<Result<Definitions>()> read_definitions = {};
    // Reads what they say of TLS and of tokens again, for a reload; may be null: it stays.
    std::function<Result<SecurityOptions>()> read_security = {};
    // Somebody asked the agent, over HTTP, to take leave and to stop.
    std::function<void()> leave = {};
  };

  // Opens the listeners and starts to register; what is in `definitions` is in the first
  // registration already. One-line errors: a port that is taken, definitions that do not fit
  // together.
  static Result<std::unique_ptr<Agent>> Start(boost::asio::io_context& loop, const Options& options,
                                              const Definitions& definitions, Program program);
  ~Agent();

  // Reads the definitions from their files again and makes them what runs; all of them or, with an
  // error, none. What became of it is in the log, too.
  Result<void> Reload();

  // Takes leave of the registry as `departure` says, ends the sync's thread, and logs out last:
  // blocks for a few seconds at most. The listeners are closed before, so that nobody registers
  // with an agent that is going.
  void Stop(RegistrySync::Departure departure);

  // The ports that were opened; 0: off.
  uint16_t http_port() const { return http_ ? http_->port() : uint16_t{0}; }
  uint16_t https_port() const { return http_ ? http_->tls_port() : uint16_t{0}; }
  uint16_t dns_port() const { return dns_ ? dns_->port() : uint16_t{0}; }

 private:
  // Certificates that have been read, and are not yet in use. Null: there is no such side.
  struct TlsContexts {
    std::shared_ptr<const http::TlsClientContext> client;
    std::shared_ptr<const http::TlsContext> server;
  };

  Agent(boost::asio::io_context& loop, const Options& options, TlsContexts tls, Program program);
  // Of which sides there are, `options` says.
  static Result<TlsContexts> LoadTls(const Options& options, const SecurityOptions& security);
  Result<void> LoadState(const Definitions& definitions);
  Result<void> OpenListeners();
  Result<void> OpenHttp();
  void StartSync();
  LocalState::Listener MakeListener();
  AgentActions MakeActions();
  void Leave();
  std::vector<http::Route> AllRoutes();
  void ArmDeadline();
  void OnServer(const ServerInfo& server);
  void LoadTokens();
  // Over HTTP: those that are not what they were before are kept, where that is wanted.
  void UseTokens(Tokens tokens);
  // What files say now, after a reload.
  void ReloadTokens(const SecurityOptions& security, const Definitions& definitions);
  void KeepTokens();
  login::Login::Listener LoginListener();
  // What the agent itself follows is asked anew where it goes with another token now.
  void SetOwnTokens(Tokens own);
  void AskAnew();
  void SayWhatWaits() const;
  // For connections from now on, on both sides.
  void UseTls(const TlsContexts& tls);

  boost::asio::io_context& loop_;
  const Options options_;
  const Program program_;
  const SteadyClock clock_;
  std::shared_ptr<const http::TlsContext> server_tls_;  // of the start; null: no HTTPS
  const std::shared_ptr<http::TlsClient> client_tls_;   // null: no server is asked over TLS
  const std::shared_ptr<AgentTokens> tokens_ = std::make_shared<AgentTokens>();
  Tokens configured_tokens_;  // as files say now
  Tokens kept_tokens_;        // that came over HTTP, and are to outlive this agent
  bool logs_in_;              // as files say now
  AgentInfo info_;
  boost::asio::steady_timer deadline_;
  probe::Prober prober_;
  std::unique_ptr<StateDirectory> directory_;
  OwnIds own_;  // of an agent before this one
  LocalState state_;
  front::Upstream upstream_;      // for what programs ask
  front::Upstream own_upstream_;  // for what the agent itself follows
  login::AgentLogin login_;
  access::TokenResolver resolver_;
  access::Guard guard_;
  front::Front front_;
  const front::KeptRead::Tools watch_tools_;
  watch::Watches watches_;
  watch::RemoteAliases remote_aliases_;
  ParkedReads parked_;
  ProbeCounters probe_counters_;
  RouteContext context_;
  const http::Router router_;
  std::unique_ptr<http::Server> http_;  // null: off
  std::unique_ptr<DnsRelay> dns_;       // null: off
  std::unique_ptr<RegistrySync> sync_;  // null until the first definitions are in
};

}  // namespace rollcall::agent
