#include "agent/agent.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <random>
#include <utility>

#include "agent/agent_routes.h"
#include "api/shared/service_manager.h"

namespace rollcall::agent {
namespace {

using std::chrono::milliseconds;

// For answers that are on their way when the agent is asked to leave.
constexpr milliseconds kLeaveGrace{1000};

// How long nothing is asked of the registry without the token of the first login.
constexpr milliseconds kLoginPatience{5000};

// A number in [0, 1); each copy of the function belongs to one thread.
std::function<double()> MakeRandom() {
  return [generator = std::mt19937_64(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(generator);
  };
}

RegistrySync::Options SyncOptions(const Options& options, std::shared_ptr<http::TlsClient> tls,
                                  std::shared_ptr<AgentTokens> tokens) {
  RegistrySync::Options sync;
  sync.client.servers = options.servers;
  sync.client.tls = std::move(tls);
  sync.client.tls_name = options.security.tls_name;
  sync.tokens = std::move(tokens);
  sync.node_ttl = options.node_ttl;
  sync.check_update_interval = options.check_update_interval;
  // A server that hangs must not cost the lease: there is time to ask another one.
  sync.client.answer_timeout =
      std::clamp(options.node_ttl / 3, milliseconds(1000), sync.client.answer_timeout);
  sync.client.connect_timeout = std::min(sync.client.connect_timeout, sync.client.answer_timeout);
  if (options.security.login) {
    sync.waits_for_token = std::min(kLoginPatience, options.node_ttl / 3);
  }
  return sync;
}

// All but the login's.
constexpr std::string Tokens::*kAllTokens[] = {&Tokens::agent, &Tokens::user, &Tokens::dns,
                                               &Tokens::replication};

// One clock for the tickets of all: the steady clock knows no state.
const SteadyClock& TicketClock() {
  static const SteadyClock kClock;
  return kClock;
}

front::Front::Options FrontOptions(const Options& options) {
  front::Front::Options front;
  front.escaped_node = EscapePathSegment(options.node.name.str());
  front.cache.max_bytes = options.cache_size;
  front.cache.stale_if_error = options.cache_stale_if_error;
  return front;
}

access::TokenResolver::Options ResolverOptions(const Options& options) {
  access::TokenResolver::Options resolver;
  // ResolveSecurity has seen to it that it is one.
  resolver.down_policy = access::ParseDownPolicy(options.security.down_policy).value();
  resolver.token_ttl = options.security.token_ttl;
  return resolver;
}

access::Guard::Options GuardOptions(const Options& options,
                                    std::shared_ptr<const AgentTokens> tokens) {
  return {.enabled = options.security.acl_enabled,
          .node = options.node.name.str(),
          .default_token = [tokens = std::move(tokens)] { return tokens->Own().user; }};
}

// Of what programs register.
model::CheckRules ApiRules(const Options& options) {
  return {.all_kinds = true,
          .scripts = options.api_script_checks ? model::ScriptChecks::kRun
                                               : model::ScriptChecks::kRefused};
}

}  // namespace

Result<Agent::TlsContexts> Agent::LoadTls(const Options& options, const SecurityOptions& security) {
  TlsContexts tls;
  const bool asks_over_tls =
      std::any_of(options.servers.begin(), options.servers.end(),
                  [](const std::string& url) { return url.starts_with("https://"); });
  if (asks_over_tls) {
    auto client = http::TlsClientContext::Load(security.client);
    if (!client) return client.error();
    tls.client = std::move(*client);
  }
  if (options.https) {
    auto server = http::TlsContext::Load(security.server, TicketClock());
    if (!server) return server.error();
    tls.server = std::move(*server);
  }
  return tls;
}

Agent::Agent(boost::asio::io_context& loop, const Options& options, TlsContexts tls,
             Program program)
    : loop_(loop),
      options_(options),
      program_(std::move(program)),
      server_tls_(std::move(tls.server)),
      client_tls_(tls.client == nullptr ? nullptr
                                        : std::make_shared<http::TlsClient>(std::move(tls.client))),
      logs_in_(options.security.login.has_value()),
      info_{.build = program_.build},
      deadline_(loop),
      prober_(
          loop,
          [this](const std::string& id, const probe::ProbeResult& result) {
            probe_counters_.Count(result.status);
            state_.RecordProbe(id, result.status, result.output);
          },
          MakeRandom()),
      state_(options.node, options.node_ttl, clock_, MakeListener()),
      upstream_(loop, {.servers = options.servers,
                       .tls = client_tls_,
                       .tls_name = options.security.tls_name,
                       .token = [tokens = tokens_] { return tokens->Own().user; }}),
      own_upstream_(loop, {.servers = options.servers,
                           .tls = client_tls_,
                           .tls_name = options.security.tls_name,
                           .token = [tokens = tokens_] { return tokens->Own().ForDefinitions(); },
                           // Without it the registry says what everybody may see, which is not
                           // what there is.
                           .waits_for_token = [this] { return logs_in_; }}),
      login_({.loop = loop,
              .clock = clock_,
              .random = MakeRandom(),
              .registry = SyncOptions(options, client_tls_, nullptr).client},
             LoginListener()),
      resolver_(clock_, upstream_, ResolverOptions(options)),
      guard_(GuardOptions(options, tokens_), resolver_),
      front_(loop, clock_, MakeRandom(), upstream_, FrontOptions(options)),
      watch_tools_{loop, clock_, MakeRandom(), own_upstream_, {}},
      watches_(watch_tools_),
      remote_aliases_(
          watch_tools_,
          [this](const std::string& id, model::CheckStatus status, const std::string& output) {
            state_.RecordAlias(id, status, output);
          }),
      context_{.state = state_,
               .info = info_,
               .tokens = *tokens_,
               .parked = parked_,
               .guard = guard_,
               .log = *program_.log,
               .rules = ApiRules(options),
               .actions = MakeActions()},
      router_(AllRoutes()) {}

AgentActions Agent::MakeActions() {
  AgentActions actions;
  actions.reload = [this] { return Reload(); };
  actions.leave = [this] { Leave(); };
  actions.when_kept = [this](std::function<void(const Result<void>&)> done) {
    directory_->WhenKept(std::move(done));
  };
  actions.use_tokens = [this](Tokens tokens) { UseTokens(std::move(tokens)); };
  actions.keep_tokens = [this] { KeepTokens(); };
  actions.pass_on = [this](const std::shared_ptr<http::Exchange>& exchange) {
    front_.PassOn(exchange);
  };
  actions.metrics = [this] {
    return CollectMetrics({.build = info_.build,
                           .started = info_.started,
                           .state = state_,
                           .probes = probe_counters_,
                           .sync = *sync_,
                           .http = *http_,
                           .front = front_,
                           .login = login_.login(),
                           .dns = dns_.get()});
  };
  return actions;
}

Agent::~Agent() { Stop(RegistrySync::Departure::kStay); }

Result<std::unique_ptr<Agent>> Agent::Start(boost::asio::io_context& loop, const Options& options,
                                            const Definitions& definitions, Program program) {
  Result<TlsContexts> tls = LoadTls(options, options.security);
  if (!tls) return InvalidArgument("TLS: " + tls.error().message);
  std::unique_ptr<Agent> agent(new Agent(loop, options, std::move(*tls), std::move(program)));
  if (Result<void> loaded = agent->LoadState(definitions); !loaded) return loaded.error();
  if (Result<void> open = agent->OpenListeners(); !open) return open.error();
  agent->watches_.Replace(definitions.watches);
  agent->StartSync();
  agent->directory_->Begin();
  return agent;
}

Result<void> Agent::LoadState(const Definitions& definitions) {
  auto directory = StateDirectory::Open(loop_, options_.data_dir);
  if (!directory) return directory.error();
  directory_ = std::move(*directory);
  LoadTokens();
  const Kept kept = directory_->Load(ApiRules(options_), options_.node_ttl);
  own_ = kept.last.own;
  if (Result<void> loaded = state_.Load(definitions, kept.definitions); !loaded) return loaded;
  state_.Restore(kept.last.checks);
  return {};
}

void Agent::LoadTokens() {
  const KeptTokens kept = ReadKeptTokens(directory_->LoadTokens());
  configured_tokens_ = options_.security.tokens;
  Tokens own = configured_tokens_;
  if (options_.security.keeps_tokens) {
    // What was said over HTTP was said later.
    kept_tokens_ = kept.own;
    for (std::string Tokens::*each : kAllTokens) {
      if (!(kept_tokens_.*each).empty()) own.*each = kept_tokens_.*each;
    }
  }
  tokens_->SetOwn(std::move(own));
  tokens_->SetAll(kept.definitions, AgentTokens::From::kApi);
  tokens_->SetAll(options_.security.definition_tokens, AgentTokens::From::kFile);
}

void Agent::UseTokens(Tokens tokens) {
  if (options_.security.keeps_tokens) {
    const Tokens before = tokens_->Own();
    for (std::string Tokens::*each : kAllTokens) {
      if (tokens.*each != before.*each) kept_tokens_.*each = tokens.*each;
    }
    KeepTokens();
  }
  SetOwnTokens(std::move(tokens));
  if (sync_) sync_->Recheck();
}

void Agent::ReloadTokens(const SecurityOptions& security, const Definitions& definitions) {
  // A definition that is gone is taken out of the registry with what it had.
  const DefinitionTokens& said = security.definition_tokens;
  for (const model::AgentService& each : definitions.services) {
    const std::string id = each.instance.id.str();
    if (!said.services.contains(id)) {
      tokens_->Set(AgentTokens::Of::kService, id, "", AgentTokens::From::kFile);
    }
  }
  for (const model::AgentCheck& each : definitions.checks) {
    if (!said.checks.contains(each.check_id)) {
      tokens_->Set(AgentTokens::Of::kCheck, each.check_id, "", AgentTokens::From::kFile);
    }
  }
  tokens_->SetAll(said, AgentTokens::From::kFile);
  Tokens own = tokens_->Own();
  for (std::string Tokens::*each : kAllTokens) {
    // What came over HTTP stays where the file says what it said before.
    if (security.tokens.*each != configured_tokens_.*each) own.*each = security.tokens.*each;
  }
  configured_tokens_ = security.tokens;
  SetOwnTokens(std::move(own));
  if (sync_) sync_->Recheck();
}

login::Login::Listener Agent::LoginListener() {
  return {.on_token =
              [this](const std::string& secret, bool is_renewal) {
                Tokens own = tokens_->Own();
                own.login = secret;
                // What waits with the one of before goes on, and is told nothing new.
                if (is_renewal) return tokens_->SetOwn(std::move(own));
                SetOwnTokens(std::move(own));
                SayWhatWaits();
                if (sync_) sync_->Recheck();
              },
          .on_first_outcome =
              [this] {
                SayWhatWaits();
                if (sync_) sync_->Recheck();
              }};
}

void Agent::SetOwnTokens(Tokens own) {
  const std::string before = tokens_->Own().ForDefinitions();
  const bool is_other = own.ForDefinitions() != before;
  tokens_->SetOwn(std::move(own));
  if (is_other) AskAnew();
}

void Agent::AskAnew() {
  watches_.OnOtherToken();
  remote_aliases_.OnOtherToken();
}

void Agent::SayWhatWaits() const {
  if (!logs_in_ || !tokens_->Own().ForDefinitions().empty()) return;
  if (watches_.size() == 0 && remote_aliases_.empty()) return;
  spdlog::warn(
      "watches and alias checks of other nodes wait for a login that works; until then they say "
      "what they said last");
}

void Agent::KeepTokens() {
  directory_->KeepTokens(WriteKeptTokens({kept_tokens_, tokens_->FromApi()}));
}

std::vector<http::Route> Agent::AllRoutes() {
  std::vector<http::Route> routes = AgentRoutes(context_);
  for (http::Route& route : front_.Routes()) routes.push_back(std::move(route));
  return routes;
}

LocalState::Listener Agent::MakeListener() {
  LocalState::Listener listener;
  listener.on_check = [this](const model::AgentCheck& check) {
    if (IsProbedKind(check.run.kind)) {
      prober_.Ensure(check.check_id, check.run);
    } else {
      prober_.Remove(check.check_id);  // it may have been of another kind before
    }
    if (state_.IsRemoteAlias(check.run)) {
      remote_aliases_.Ensure(check.check_id, check.run);
    } else {
      remote_aliases_.Remove(check.check_id);
    }
    ArmDeadline();
  };
  listener.on_check_removed = [this](const std::string& id) {
    prober_.Remove(id);
    remote_aliases_.Remove(id);
  };
  listener.on_kept = [this](const KeptChange& change) { directory_->Keep(change); };
  listener.on_change = [this] {
    ArmDeadline();
    directory_->Note(state_.Desired());
    parked_.OnChange();
    if (sync_) sync_->Publish(state_.Desired());
  };
  return listener;
}

Result<void> Agent::OpenHttp() {
  http::Server::Options listen;
  listen.limits.max_connections = program_.max_http_connections;
  listen.plain = options_.http.has_value();
  if (options_.http) {
    listen.address = options_.http->address;
    listen.port = options_.http->port;
  }
  if (options_.https) {
    listen.tls = http::Server::Tls{options_.https->address, options_.https->port, server_tls_};
  }
  auto server = http::Server::Listen(loop_, listen, router_);
  if (!server) return server.error();
  http_ = std::move(*server);
  info_.http_port = http_->port();
  info_.https_port = http_->tls_port();
  http_->Start();
  return {};
}

Result<void> Agent::OpenListeners() {
  if (options_.http || options_.https) {
    if (Result<void> open = OpenHttp(); !open) return open;
  }
  if (options_.dns) {
    DnsRelay::Limits limits;
    limits.resolver.cache.max_stale = options_.dns_max_stale;
    auto relay = DnsRelay::Listen(loop_, *options_.dns, limits, clock_);
    if (!relay) return relay.error();
    dns_ = std::move(*relay);
    info_.dns_port = dns_->port();
    std::vector<probe::HostPort> servers;
    for (const std::string& text : options_.server_dns) {
      if (Result<probe::HostPort> where = probe::ParseHostPort(text)) servers.push_back(*where);
    }
    if (!servers.empty()) dns_->SetUpstreams(servers);
  }
  // Only now: a start that fails says one thing, why.
  if (options_.http) {
    spdlog::info("HTTP API on {} port {}", http_->address(), http_->port());
  } else {
    spdlog::info("HTTP API off (--http ADDR:PORT opens it)");
  }
  if (options_.https) {
    spdlog::info("HTTPS API on {} port {}", options_.https->address, http_->tls_port());
  }
  for (const std::string& each : options_.security.warnings) spdlog::warn("{}", each);
  if (dns_) spdlog::info("DNS on {} port {}", options_.dns->address, dns_->port());
  return {};
}

void Agent::StartSync() {
  RegistrySync::Options options = SyncOptions(options_, client_tls_, tokens_);
  options.own = own_;
  options.on_unknown_token = [this](const std::string& token) {
    boost::asio::post(loop_, [this, token] { login_.OnUnknown(token); });
  };
  sync_ = std::make_unique<RegistrySync>(
      options, state_.Desired(), MakeRandom(),
      [this](const ServerInfo& server) {
        boost::asio::post(loop_, [this, server] { OnServer(server); });
      },
      [this](const std::shared_ptr<const DesiredState>& desired) {
        boost::asio::post(loop_, [this, desired] { directory_->NoteSynced(*desired); });
      });
  login_.Use(options_.security.login);
}

void Agent::OnServer(const ServerInfo& server) {
  info_.datacenter = server.datacenter;
  if (!dns_ || !options_.server_dns.empty()) return;
  const Result<probe::HttpUrl> url = probe::ParseHttpUrl(server.url);
  if (!url || server.dns_port <= 0 || server.dns_port > 65535) {
    spdlog::warn("{} names no DNS port; --server-dns HOST:PORT says where its DNS is", server.url);
    return;
  }
  dns_->SetUpstreams({{url->origin.host, static_cast<uint16_t>(server.dns_port)}});
}

void Agent::ArmDeadline() {
  const std::optional<Clock::TimePoint> next = state_.NextDeadline();
  if (!next) {
    deadline_.cancel();
    return;
  }
  deadline_.expires_at(*next);
  deadline_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    for (const std::string& id : state_.ApplyDeadlines()) {
      spdlog::warn("service {} was critical for too long and is deregistered", id);
    }
    ArmDeadline();
  });
}

Result<void> Agent::Reload() {
  api::NotifyServiceManager(api::ReloadingState());
  const Result<Definitions> definitions = program_.read_definitions();
  // Everything is read before anything is changed.
  Result<SecurityOptions> security = options_.security;
  if (program_.read_security) security = program_.read_security();
  Result<TlsContexts> tls = TlsContexts{};
  if (security) tls = LoadTls(options_, *security);
  Result<void> done;
  if (!definitions) done = definitions.error();
  if (done && !security) done = security.error();
  if (done && !tls) done = InvalidArgument("TLS: " + tls.error().message);
  if (done) done = state_.ReplaceFileDefinitions(*definitions);
  if (done) {
    watches_.Replace(definitions->watches);
    UseTls(*tls);
    const bool logged_in = std::exchange(logs_in_, security->login.has_value());
    ReloadTokens(*security, *definitions);
    login_.Use(security->login);
    if (logs_in_ != logged_in) AskAnew();
    spdlog::info("reloaded the definitions{}",
                 tls->client || tls->server ? " and the certificates" : "");
  } else {
    spdlog::error("reload refused, nothing has changed: {}", done.error().message);
  }
  api::NotifyServiceManager("READY=1");
  return done;
}

void Agent::UseTls(const TlsContexts& tls) {
  if (tls.client) client_tls_->Replace(tls.client);
  if (tls.server) http_->SetTls(tls.server);
}

void Agent::Leave() {
  spdlog::info("asked over HTTP to leave");
  // The answer to who asked is to arrive.
  http_->Drain(kLeaveGrace, program_.leave);
}

void Agent::Stop(RegistrySync::Departure departure) {
  watches_.Replace({});
  if (http_) http_->Stop();
  http_ = nullptr;
  dns_ = nullptr;
  std::string server;
  if (sync_) {
    sync_->Stop(departure);
    server = sync_->server();
  }
  sync_ = nullptr;
  login_.LogOut(server);  // last: to take leave needs the token
  directory_ = nullptr;
}

}  // namespace rollcall::agent
