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

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "api/acl/bootstrap_handler.h"
#include "api/acl/token_reaper.h"
#include "api/local_node.h"
#include "api/shared/process_log.h"
#include "cli/access_settings.h"
#include "cli/build_info.h"
#include "cli/connection_limits.h"
#include "cli/group_upkeep.h"
#include "cli/random_numbers.h"
#include "cli/reload.h"
#include "cli/server_audit.h"
#include "cli/server_catalog.h"
#include "cli/server_control.h"
#include "cli/server_dns.h"
#include "cli/server_http.h"
#include "cli/server_metrics.h"
#include "cli/server_probes.h"
#include "cli/server_self.h"
#include "cli/server_worker.h"
#include "registry/catalog/heard_servers.h"

namespace rollcall::cli {
namespace {

std::string ShowAccess(const AccessSettings& access) {
  if (!access.enabled) return "everybody may do everything";
  return access.default_policy == "deny" ? "by token" : "by token, and what no rule denies";
}

std::string ShowListen(const std::optional<ListenAddress>& listen, int port) {
  return listen ? api::HostInUrl(listen->address) + ":" + std::to_string(port) : "no address";
}

std::string WhereDataIs(const ServerOptions& options) {
  if (options.shared_store) return options.shared_store->url;
  return options.data_dir.empty() ? "memory only" : options.data_dir;
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
  if (options.shared_store) sockets->clear();  // what can take long comes first
  auto catalog = OpenCatalog(options, clock, heard);
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
  ServerMetrics::Workers workers;
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
