// Which thread runs what: the writer (registry/catalog) commits; N workers serve HTTP and DNS, the
// first of them also probes the own node's checks; the main thread waits for signals and for what
// the HTTP API asks of the whole server, and carries it out (ServerControl).
//
// Order of shutdown:
//   1. SIGTERM, SIGINT or PUT /v1/agent/leave wakes the main thread, which from then on refuses to
//      reload;
//   2. every worker stops listening, finishes what runs, answers what waits (drain_grace at most),
//      stops DNS, and its thread ends;
//   3. the catalog commits what is still queued and ends its writer, while the loops that its
//      answers are posted to still exist;
//   4. the probes, the workers (with the first of them the thread that fetches keys for logins)
//      and the catalog are destroyed; the store closes;
//   5. the audit log writes what it has been told.
#include "cli/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "api/acl/bootstrap_handler.h"
#include "api/acl/token_reaper.h"
#include "api/local_node.h"
#include "api/server_card.h"
#include "api/shared/process_log.h"
#include "cli/access_settings.h"
#include "cli/build_info.h"
#include "cli/connection_limits.h"
#include "cli/group_upkeep.h"
#include "cli/server_audit.h"
#include "cli/server_control.h"
#include "cli/server_metrics.h"
#include "cli/server_probes.h"
#include "cli/server_reload.h"
#include "cli/server_worker.h"
#include "cli/service_view.h"
#include "cli/store_settings.h"
#include "cli/store_wait.h"
#include "cli/tls_settings.h"
#include "registry/base/background_threads.h"
#include "registry/store/etcd/etcd_log.h"
#include "registry/store/rocksdb_store.h"
#include "registry/store/volatile_store.h"

namespace rollcall::cli {
namespace {

spdlog::level::level_enum LogLevelOf(const ServerOptions& options) {
  const std::string& level = options.log_level;
  return spdlog::level::from_str(level == "error" ? "err" : level);
}

Result<std::unique_ptr<store::Store>> OpenStore(const ServerOptions& options) {
  if (options.data_dir.empty()) {
    return std::unique_ptr<store::Store>(std::make_unique<store::VolatileStore>());
  }
  return store::RocksdbStore::Open(options.data_dir);
}

std::function<uint64_t()> RandomNumbers() {
  std::random_device entropy;
  return [random = std::mt19937_64(std::uniform_int_distribution<uint64_t>()(entropy))]() mutable {
    return random();
  };
}

// Null: the process was told to end before the store could be reached.
Result<std::unique_ptr<catalog::Catalog>> OpenSharedCatalog(
    const SharedStore& store, const Clock& clock,
    const catalog::Catalog::Options& catalog_options) {
  const Result<store::EtcdOptions> etcd = EtcdOptionsOf(store);
  if (!etcd) return etcd.error();
  StoreWait wait;
  while (true) {
    auto log = std::make_unique<store::EtcdLog>(*etcd, &clock, RandomNumbers());
    auto catalog = catalog::Catalog::OpenShared(std::move(log), clock, catalog_options);
    if (catalog) wait.End();
    if (catalog || !wait.IsWorthAnotherTry(catalog.error())) {
      if (wait.was_stopped()) return std::unique_ptr<rollcall::catalog::Catalog>();
      return catalog;
    }
  }
}

// With the writer and RocksDB's threads in the background: on a busy core they wait until those who
// answer have had their turn, so that registrations which come meanwhile share a commit.
Result<std::unique_ptr<catalog::Catalog>> OpenCatalog(const ServerOptions& options,
                                                      const Clock& clock,
                                                      catalog::Catalog::Options catalog_options) {
  const BackgroundThreads background;
  if (options.shared_store) {
    return OpenSharedCatalog(*options.shared_store, clock, std::move(catalog_options));
  }
  Result<std::unique_ptr<store::Store>> store = OpenStore(options);
  if (!store) return store.error();
  return catalog::Catalog::Open(std::move(*store), clock, std::move(catalog_options));
}

// What the disk holds is unknown from here on: no write may be acknowledged any more, and nothing
// may be written on the way out. A restart finds out what is there.
[[noreturn]] void StopForGood(const Error& error) {
  spdlog::critical("a commit failed, stopping: {}", error.message);
  spdlog::shutdown();
  std::_Exit(1);
}

// The server's own node, as a Consul server has it: clients look for these.
model::Register OwnNode(const ServerOptions& options, const catalog::Snapshot& snapshot) {
  model::Register command;
  model::Node& node = command.node;
  node.name = options.node;
  node.address = options.advertise;
  const catalog::NodeEntry* known = snapshot.FindNode(node.name);
  node.id = known != nullptr && !known->node->id.empty()
                ? known->node->id.str()
                : boost::uuids::to_string(boost::uuids::random_generator()());
  const std::string family = options.advertise.find(':') == std::string::npos ? "_ipv4" : "_ipv6";
  node.tagged_addresses = {{"lan", node.address},
                           {"lan" + family, node.address},
                           {"wan", node.address},
                           {"wan" + family, node.address}};
  return command;
}

model::Register OwnService(model::Register command, int http_port) {
  model::Instance instance;
  instance.id = api::kServerServiceId;
  instance.service = api::kServerServiceId;
  instance.port = http_port;
  command.instance = std::move(instance);
  model::Check alive;
  alive.check_id = api::kNodeAliveCheckId;
  alive.name = "Serf Health Status";
  alive.status = model::CheckStatus::kPassing;
  alive.output = "Agent alive and reachable";
  command.checks.push_back(std::move(alive));
  return command;
}

Result<void> TryToRegisterSelf(catalog::Catalog& catalog, const ServerOptions& options,
                               int http_port) {
  model::Register node = OwnNode(options, *catalog.snapshots().Get());
  if (auto written = catalog.SubmitAndWait(node); !written) return written.error();
  auto written = catalog.SubmitAndWait(OwnService(std::move(node), http_port));
  if (!written) return written.error();
  return {};
}

// False: the process was told to end before that could be done.
Result<bool> RegisterSelf(catalog::Catalog& catalog, const ServerOptions& options, int http_port) {
  StoreWait wait;
  while (true) {
    const Result<void> registered = TryToRegisterSelf(catalog, options, http_port);
    if (registered) return wait.End(), true;
    if (!catalog.is_shared() || !wait.IsWorthAnotherTry(registered.error())) {
      if (wait.was_stopped()) return false;
      return registered.error();
    }
  }
}

// The same while the server runs. `done` is called on the catalog's writer thread, or at once.
void RegisterSelfAgain(catalog::Catalog& catalog, const ServerOptions& options, int http_port,
                       std::function<void()> done) {
  model::Register node = OwnNode(options, *catalog.snapshots().Get());
  catalog.Submit(OwnService(std::move(node), http_port),
                 [done = std::move(done)](const Result<catalog::Written>& written) {
                   if (!written) {
                     spdlog::warn("cannot register this server: {}", written.error().message);
                   }
                   done();
                 });
}

dns::DnsOptions DnsOptionsOf(const ServerOptions& options) {
  dns::DnsOptions dns;
  dns.domain = options.domain;
  dns.alt_domain = options.alt_domain;
  dns.datacenter = options.datacenter;
  dns.node_name = options.node;
  dns.node_ttl = options.node_ttl;
  dns.service_ttl = options.service_ttl;
  dns.negative_ttl = options.negative_ttl;
  dns.minimal_any = options.dns_any == "minimal";
  dns.only_passing = options.only_passing;
  dns.max_udp_payload = static_cast<uint16_t>(options.max_udp_payload);
  dns.order = options.dns_order;
  dns.max_answers = options.dns_max_answers;
  dns.tcp.idle_timeout = options.dns_idle_timeout;
  dns.recursors.servers = options.recursors;
  dns.recursors.timeout = options.recursor_timeout;
  dns.allow_recursion = options.allow_recursion;
  return dns;
}

dns::CookieSecret DrawCookieSecret() {
  dns::CookieSecret secret;
  std::random_device entropy;
  for (uint8_t& octet : secret) octet = static_cast<uint8_t>(entropy());
  return secret;
}

// What the DNS servers of all workers share.
struct DnsResources {
  DnsResources(const ServerOptions& options, const Clock& clock)
      : connections(options.dns_max_connections, options.dns_max_connections_per_address) {
    shared.cookie_secret =
        options.dns_cookie_secret ? *options.dns_cookie_secret : DrawCookieSecret();
    if (options.dns_rate_limit != 0) {
      rate_limiter.emplace(static_cast<uint32_t>(options.dns_rate_limit), clock.Now());
      shared.rate_limiter = &*rate_limiter;
    }
    shared.tcp_connections = &connections;
    shared.access = BearerOptionsOf(options);
    shared.token = &token;
  }

  std::optional<dns::RateLimiter> rate_limiter;
  ConnectionCounts connections;
  dns::DnsToken token;
  dns::DnsShared shared;
};

// A recursor that is this very server would be asked by itself, again and again.
Result<void> CheckRecursors(const ServerOptions& options, uint16_t dns_port) {
  for (const dns::RecursorAddress& recursor : options.recursors) {
    const std::string text = recursor.ToText();
    const bool is_local =
        options.dns->address == "0.0.0.0" || options.dns->address == "::"
            ? NetworkSet::Parse("127.0.0.0/8,::1").value().Contains(recursor.address)
            : ParseIpAddress(options.dns->address) == recursor.address;
    if (recursor.port == dns_port && is_local) {
      return InvalidArgument("recursor \"" + text + "\": that is this server's own DNS");
    }
  }
  return {};
}

std::string HexOf(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, number);
  return text;
}

using Workers = ServerMetrics::Workers;

using TlsContextPtr = std::shared_ptr<const http::TlsContext>;

// Null where there is no HTTPS.
Result<TlsContextPtr> LoadTls(const ServerOptions& options, const Clock& clock) {
  if (!options.https) return TlsContextPtr();
  Result<TlsContextPtr> context = http::TlsContext::Load(TlsFilesOf(options), clock);
  if (!context) return Error{context.error().code, "HTTPS: " + context.error().message};
  return context;
}

Result<void> ListenHttp(const ServerOptions& options, const http::Limits& limits, TlsContextPtr tls,
                        const Workers& workers) {
  http::Server::Options listen;
  listen.plain = options.http.has_value();
  if (options.http) {
    listen.address = options.http->address;
    listen.port = options.http->port;
  }
  if (options.https) {
    listen.tls = http::Server::Tls{options.https->address, options.https->port, std::move(tls)};
  }
  listen.limits = limits;
  if (Result<void> ok = workers.front()->ListenHttp(listen); !ok) return ok;
  for (size_t i = 1; i < workers.size(); ++i) {
    if (Result<void> ok = workers[i]->ListenHttpAlongside(*workers.front()); !ok) return ok;
  }
  return {};
}

// What all workers share and a reload replaces.
struct Replaced {
  std::shared_ptr<const dns::Zone> zone;
  TlsContextPtr tls;  // null: there is no HTTPS
  std::shared_ptr<api::RequestLimits> limits;
};

// On every worker when it returns.
void SetShared(const Workers& workers, const Replaced& replaced) {
  const size_t each = replaced.tls == nullptr ? 2 : 3;
  std::latch set(static_cast<std::ptrdiff_t>(workers.size() * each));
  const auto done = [&set] { set.count_down(); };
  for (const auto& worker : workers) {
    worker->SetZone(replaced.zone, done);
    worker->SetLimits(replaced.limits, done);
    if (replaced.tls != nullptr) worker->SetTls(replaced.tls, done);
  }
  set.wait();
}

// Any thread: from the next request on.
void SetTokens(const ServerOptions& options, api::SharedState& shared) {
  shared.tokens.SetDefault(options.access.default_token);
  shared.tokens.SetDns(options.access.dns_token);
}

std::string ShowAccess(const AccessSettings& access) {
  if (!access.enabled) return "everybody may do everything";
  return access.default_policy == "deny" ? "by token" : "by token, and what no rule denies";
}

// What to read again, where there is something.
Result<ServerOptions> ReadAgain(const ReadOptions& read_again, const ServerOptions& running) {
  if (read_again) return read_again();
  if (running.https) {
    spdlog::info("reload: there is no --config file; only the certificates are read again");
  }
  return running;
}

// Reads the settings and the certificates again and applies what can be applied to a server that
// runs, all of it or, on an error, nothing. `running` becomes what is in force.
Result<void> Reload(const ReadOptions& read_again, const Workers& workers, const Clock& clock,
                    api::SharedState& shared, ServerOptions& running) {
  // Whatever becomes of the rest: the file may have been moved away.
  if (shared.audit != nullptr) shared.audit->Reopen();
  if (!read_again && !running.https) {
    spdlog::info("reload: there is no --config file, so there is nothing to read again");
    return {};
  }
  const Result<ServerOptions> read = ReadAgain(read_again, running);
  if (!read) return read.error();
  ReloadPlan plan = PlanReload(running, *read);
  Result<dns::Zone> zone = dns::Zone::Make(DnsOptionsOf(plan.options));
  if (!zone) return zone.error();
  const Result<TlsContextPtr> tls = LoadTls(plan.options, clock);
  if (!tls) return tls.error();
  if (*tls != nullptr) plan.applied.emplace_back("certificates");

  // The buckets and what is in them stay.
  SetShared(workers, {std::make_shared<const dns::Zone>(std::move(*zone)), *tls,
                      std::make_shared<api::RequestLimits>(plan.options.request_limits,
                                                           shared.limits->state())});
  SetTokens(plan.options, shared);
  api::LogMonitor& log = shared.log;
  // At the more talkative of both levels, so that the line is there in either direction.
  if (!plan.applied.empty()) {
    log.SetLogLevel(std::min(LogLevelOf(running), LogLevelOf(plan.options)));
  }
  spdlog::info("reload: {}", plan.applied.empty() ? "nothing to apply" : Join(plan.applied, ", "));
  if (!plan.postponed.empty()) {
    spdlog::warn("reload: changed, but only a restart applies it: {}", Join(plan.postponed, ", "));
  }
  log.SetLogLevel(LogLevelOf(plan.options));
  running = std::move(plan.options);
  return {};
}

std::string Show(const std::string& address, int port) {
  const bool ipv6 = address.find(':') != std::string::npos;
  return (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

std::string ShowListen(const std::optional<ListenAddress>& listen, int port) {
  return listen ? Show(listen->address, port) : "no address";
}

std::string WhereDataIs(const ServerOptions& options) {
  if (options.shared_store) return options.shared_store->url;
  return options.data_dir.empty() ? "memory only" : options.data_dir;
}

// What the other servers of a shared store find out about this one.
std::string AboutSelf(const ServerOptions& options, const api::ServerInfo& info) {
  const bool by_https = OthersComeByHttps(options);
  const int port = by_https ? info.https_port : info.api_port();
  return api::ServerCard{info.node_name, Show(options.advertise, port), info.version, by_https}
      .ToText();
}

// With which of them this one asks those that are to be asked over TLS: as a server of the group,
// whose certificates have the name that Consul's and those of `rollcall tls` have.
ExpiryLink::Tls AmongServers(const ServerOptions& options) {
  return {.files = {.authorities = options.tls_ca_file,
                    .certificate = options.tls_cert_file,
                    .key = options.tls_key_file,
                    .min_version = options.tls_min_version},
          .server_name = "server." + options.datacenter + "." + options.domain};
}

std::string Shown(size_t limit) { return limit == 0 ? "no limit" : std::to_string(limit); }

}  // namespace

Result<void> RunServer(const ServerOptions& options, const ReadOptions& read_again) {
  ServerControl control;
  const SteadyClock clock;
  std::random_device entropy;
  const Result<http::Limits> limits = ResolveLimits(options, RaiseOpenFileLimit());
  if (!limits) return limits.error();

  Result<TlsContextPtr> tls = LoadTls(options, clock);
  if (!tls) return tls.error();
  Result<dns::Zone> zone = dns::Zone::Make(DnsOptionsOf(options));
  if (!zone) return zone.error();
  Result<std::vector<dns::DnsSockets>> sockets = std::vector<dns::DnsSockets>();
  if (options.dns) {
    sockets = dns::OpenSockets(options.dns->address, options.dns->port, options.workers);
    if (!sockets) return sockets.error();
  }

  api::SharedState shared(options.max_parked_queries);
  api::SetUpLog("rollcall", LogLevelOf(options), shared.log);
  shared.access = BearerOptionsOf(options);
  shared.limits = std::make_shared<api::RequestLimits>(
      options.request_limits, std::make_shared<api::LimitState>(clock.Now(), RandomNumbers()()));
  // Outlives all who tell it something.
  const Result<std::unique_ptr<api::AuditLog>> audit = OpenAuditLog(options.audit);
  if (!audit) return audit.error();
  shared.audit = audit->get();

  catalog::HeardServers heard;
  catalog::Catalog::Options catalog_options;
  catalog_options.shared.id = HexOf(RandomNumbers()());
  catalog_options.shared.on_group = [&heard, &clock](const catalog::GroupView& view) {
    heard.SetGroup(view, clock.Now());
  };
  catalog_options.on_fatal = StopForGood;
  catalog_options.shared.on_warning = [](const std::string& text) { spdlog::warn("{}", text); };
  catalog_options.shared.on_relief = [](const std::string& text) { spdlog::info("{}", text); };
  if (options.shared_store) sockets->clear();  // what can take long comes first
  auto catalog = OpenCatalog(options, clock, std::move(catalog_options));
  if (!catalog) return catalog.error();
  if (*catalog == nullptr) return {};
  if (options.dns && sockets->empty()) {
    sockets = dns::OpenSockets(options.dns->address, options.dns->port, options.workers);
    if (!sockets) return sockets.error();
  }

  api::ServerInfo info;
  info.version = ROLLCALL_VERSION;
  info.revision = kBuildInfo.revision;
  info.revision_date = kBuildInfo.revision_date;
  info.datacenter = options.datacenter;
  info.controls_access = options.access.enabled;
  info.node_name = options.node;
  info.address = options.advertise;
  if (options.shared_store) shared.heard = &heard;
  if (options.max_stale.count() > 0) shared.bounds.stale = options.max_stale;
  shared.operations.reload = [&control](auto done) { control.RequestReload(std::move(done)); };
  shared.operations.stop = [&control] { control.RequestStop(); };
  shared.operations.started = std::chrono::system_clock::now();
  if (!options.data_dir.empty()) shared.operations.host.disk = options.data_dir;
  shared.bootstrap_reset.data_dir = options.data_dir;
  Workers workers;
  const ServerMetrics metrics(**catalog, workers, info, shared, shared.operations.started);
  shared.operations.metrics = [&metrics] { return metrics.Collect(); };
  for (size_t i = 0; i < options.workers; ++i) {
    workers.push_back(std::make_unique<ServerWorker>(**catalog, info, shared, clock, entropy()));
  }
  if (Result<void> ok = ListenHttp(options, *limits, std::move(*tls), workers); !ok) return ok;
  info.http_port = workers.front()->http_port();
  info.https_port = workers.front()->https_port();
  info.dns_port = options.dns ? sockets->front().port : 0;
  if (options.dns) {
    if (Result<void> ok = CheckRecursors(options, sockets->front().port); !ok) return ok;
  }
  DnsResources dns_resources(options, clock);
  shared.tokens.on_dns = [&dns_resources](const std::string& secret) {
    dns_resources.token.Set(secret);
  };
  SetTokens(options, shared);
  if (options.max_stale.count() > 0) {
    dns_resources.shared.is_too_old = [&c = **catalog, most = options.max_stale] {
      return c.Age() > most;
    };
  }
  if (options.dns) {
    const auto shared_zone = std::make_shared<const dns::Zone>(std::move(*zone));
    for (size_t i = 0; i < workers.size(); ++i) {
      workers[i]->ServeDns(shared_zone, dns_resources.shared, std::move((*sockets)[i]));
    }
  }
  (*catalog)->Announce(AboutSelf(options, info));
  const Result<bool> registered = RegisterSelf(**catalog, options, info.api_port());
  if (!registered) return registered.error();
  if (!*registered) return {};

  std::mt19937_64 random(entropy());
  ServerProbes probes(workers.front()->loop(), **catalog, options.node, [random]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(random);
  });
  const api::TokenReaper reaper(workers.front()->loop(), **catalog, shared.access);
  for (const auto& worker : workers) worker->Start();
  spdlog::info("rollcall {} serves datacenter {} as node {}: HTTP on {}, {}DNS on {}, data in {}",
               info.version, info.datacenter, info.node_name,
               ShowListen(options.http, info.http_port),
               options.https ? "HTTPS on " + ShowListen(options.https, info.https_port) + ", " : "",
               ShowListen(options.dns, info.dns_port), WhereDataIs(options));

  spdlog::info("access: {}", ShowAccess(options.access));
  if (options.access.enabled && !api::IsBootstrapped(*(*catalog)->snapshots().Get())) {
    spdlog::warn(
        "access control has nobody who may change it: whoever asks first for `rollcall acl "
        "bootstrap` will be; do it before others reach this server");
  }
  spdlog::info("HTTP connections: {} in all, {} of one address", Shown(limits->max_connections),
               Shown(limits->max_connections_per_address));

  std::optional<GroupUpkeep> upkeep;
  if (options.shared_store) {
    upkeep.emplace(**catalog, heard, clock, AmongServers(options), options.access.enabled,
                   options.node, [&](std::function<void()> done) {
                     RegisterSelfAgain(**catalog, options, info.api_port(), std::move(done));
                   });
  }

  ServerOptions running = options;
  control.Run([&] { return Reload(read_again, workers, clock, shared, running); });
  spdlog::info("stopping");
  for (const auto& worker : workers) worker->Drain(options.drain_grace);
  for (const auto& worker : workers) worker->Join();
  if (upkeep) upkeep->Leave();
  (*catalog)->Stop();
  spdlog::info("stopped");
  return {};
}

}  // namespace rollcall::cli
