#include "agent/agent_metrics.h"

#include <string>

#include "api/shared/metric_list.h"
#include "api/shared/process_metrics.h"

namespace rollcall::agent {
namespace {

using api::MetricList;
using model::CheckStatus;

constexpr std::array kStatuses{CheckStatus::kPassing, CheckStatus::kWarning,
                               CheckStatus::kCritical};

void AddLocal(MetricList& list, const LocalState& state, const ProbeCounters& probes) {
  list.Gauge("rollcall_agent_services", "Service instances of this host.")
      .Value(state.instances().size());
  std::array<size_t, kStatuses.size()> by_status{};
  for (const auto& check : state.Checks()) ++by_status[static_cast<size_t>(check->status)];
  list.Gauge("rollcall_agent_checks", "Checks of this host by status.");
  for (const CheckStatus status : kStatuses) {
    list.Value(by_status[static_cast<size_t>(status)],
               {{"status", std::string(model::ToString(status))}});
  }
  list.Counter("rollcall_agent_check_attempts_total",
               "Attempts of the checks that the agent runs itself, by what they found.");
  for (const CheckStatus status : kStatuses) {
    list.Value(probes.by_status[static_cast<size_t>(status)].value(),
               {{"status", std::string(model::ToString(status))}});
  }
}

void AddSync(MetricList& list, const RegistrySync& sync) {
  const RegistrySync::Counters& counters = sync.counters();
  list.Gauge("rollcall_agent_registry_connected",
             "1 when the registry answered the agent's last request, else 0.")
      .Value(sync.is_connected() ? 1 : 0);
  list.Counter("rollcall_agent_heartbeats_total", "Heartbeats of the node that were answered.")
      .Value(counters.heartbeats.value());
  list.Counter("rollcall_agent_writes_total",
               "Changes sent to the registry, by result: taken, refused.")
      .Value(counters.writes.value(), {{"result", "taken"}})
      .Value(counters.refusals.value(), {{"result", "refused"}});
  list.Counter("rollcall_agent_comparisons_total",
               "Comparisons of everything with what the registry holds.")
      .Value(counters.comparisons.value());
  list.Counter("rollcall_agent_registry_failures_total",
               "Times that no server answered a request of the agent's own.")
      .Value(counters.failures.value());
}

void AddCache(MetricList& list, const front::ReadCache& cache) {
  list.Counter("rollcall_agent_cached_reads_total",
               "Answers to ?cached reads: hit (from the cache), miss (the registry was asked).")
      .Value(cache.counters().hits.value(), {{"result", "hit"}})
      .Value(cache.counters().misses.value(), {{"result", "miss"}});
  list.Gauge("rollcall_agent_cache_reads", "Reads that are kept up to date for ?cached.")
      .Value(cache.read_count());
  list.Gauge("rollcall_agent_cache_bytes", "Memory of what is kept for ?cached reads.")
      .Value(cache.bytes());
}

void AddLogin(MetricList& list, const login::Login& login) {
  list.Counter("rollcall_agent_logins_total",
               "Logins of the agent with its JWT, by result: made, failed.")
      .Value(login.counters().made.value(), {{"result", "made"}})
      .Value(login.counters().failed.value(), {{"result", "failed"}});
  list.Gauge("rollcall_agent_login_has_token", "1 when the agent has a token of a login, else 0.")
      .Value(login.secret().empty() ? 0 : 1);
  const auto left = login.Left();
  if (!left) return;
  list.Gauge("rollcall_agent_login_expires_seconds",
             "Time until the token of the agent's login expires.")
      .Value(std::chrono::duration<double>(*left).count());
}

void AddDns(MetricList& list, const DnsResolver::Counters& counters) {
  list.Counter(
          "rollcall_agent_dns_answers_total",
          "DNS answers by where they came from: cache, stale (cache, after the TTL), registry, "
          "failed (none could be had).")
      .Value(counters.cache.value(), {{"from", "cache"}})
      .Value(counters.stale.value(), {{"from", "stale"}})
      .Value(counters.registry.value(), {{"from", "registry"}})
      .Value(counters.failed.value(), {{"from", "failed"}});
}

}  // namespace

std::vector<prometheus::MetricFamily> CollectMetrics(const MetricSources& sources) {
  MetricList list;
  list.Gauge("rollcall_build_info", "Always 1; the labels say which build this is.")
      .Value(1, {{"version", sources.build.version}, {"revision", sources.build.revision}});
  list.Gauge("rollcall_start_time_seconds", "When the agent started, in Unix time.")
      .Value(std::chrono::duration<double>(sources.started.time_since_epoch()).count());
  api::AddProcess(list);
  AddLocal(list, sources.state, sources.probes);
  AddSync(list, sources.sync);
  const http::Counters* const http[] = {&sources.http.counters()};
  api::AddHttp(list, http, sources.http.connection_count());
  AddCache(list, sources.front.cache());
  if (sources.login != nullptr) AddLogin(list, *sources.login);
  if (sources.dns != nullptr) AddDns(list, sources.dns->counters());
  return list.Take();
}

}  // namespace rollcall::agent
