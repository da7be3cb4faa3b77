#include "cli/server_metrics.h"

#include <array>
#include <utility>

#include "api/audit/audit_log.h"
#include "api/shared/process_metrics.h"
#include "dns/constants.h"
#include "registry/model/records.h"

namespace rollcall::cli {
namespace {

using catalog::Counters;
using model::CheckStatus;

constexpr std::array<std::pair<dns::Rcode, const char*>, 8> kRcodes{{
    {dns::Rcode::kNoError, "NOERROR"},
    {dns::Rcode::kFormErr, "FORMERR"},
    {dns::Rcode::kServFail, "SERVFAIL"},
    {dns::Rcode::kNxDomain, "NXDOMAIN"},
    {dns::Rcode::kNotImp, "NOTIMP"},
    {dns::Rcode::kRefused, "REFUSED"},
    {dns::Rcode::kBadVers, "BADVERS"},
    {dns::Rcode::kBadCookie, "BADCOOKIE"},
}};

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

void AddCatalog(api::MetricList& list, const catalog::Snapshot& snapshot) {
  list.Gauge("rollcall_catalog_index", "The index of the last change.")
      .Value(snapshot.index().value());
  list.Gauge("rollcall_catalog_nodes", "Nodes in the catalog.").Value(snapshot.nodes().size());
  list.Gauge("rollcall_catalog_services", "Services, each counted once.")
      .Value(snapshot.services().size());
  list.Gauge("rollcall_catalog_instances", "Service instances.").Value(snapshot.instance_count());
  list.Gauge("rollcall_catalog_checks", "Checks by status.");
  for (const CheckStatus status :
       {CheckStatus::kPassing, CheckStatus::kWarning, CheckStatus::kCritical}) {
    list.Value(snapshot.check_count(status), {{"status", std::string(model::ToString(status))}});
  }
}

void AddWriter(api::MetricList& list, catalog::Catalog& catalog) {
  const Counters& counters = catalog.counters();
  list.Gauge("rollcall_writer_queue_commands", "Writes that wait for the writer.")
      .Value(catalog.queue_depth());
  list.Counter("rollcall_writer_commands_total",
               "Writes by result: committed, unchanged (nothing to write), refused.")
      .Value(counters.commands_committed.value(), {{"result", "committed"}})
      .Value(counters.commands_unchanged.value(), {{"result", "unchanged"}})
      .Value(counters.commands_refused.value(), {{"result", "refused"}});
  const LatencyHistogram* const commits[] = {&counters.commit_latency};
  list.Histogram("rollcall_writer_commit_duration_seconds",
                 "How long the store took to make a batch of writes durable.", commits);
  list.Counter("rollcall_checks_ttl_expired_total",
               "TTL checks that went critical because nobody renewed them.")
      .Value(counters.ttl_expiries.value());
  list.Counter("rollcall_instances_reaped_total",
               "Instances that the registry deregistered after their time in critical.")
      .Value(counters.instances_reaped.value());
  list.Counter("rollcall_nodes_reaped_total",
               "Nodes that the registry deregistered after their time in critical.")
      .Value(counters.nodes_reaped.value());
}

void AddLog(api::MetricList& list, const catalog::Catalog& catalog) {
  const Counters& counters = catalog.counters();
  const store::LogFigures figures = catalog.log_figures();
  list.Gauge("rollcall_log_contact_age_seconds",
             "All that had been written to the shared log so long ago is in the catalog.")
      .Value(Seconds(catalog.Age()));
  list.Gauge("rollcall_log_trouble", "1 while the shared log cannot be followed or written to.")
      .Value(catalog.standing().trouble.empty() ? 0 : 1);
  list.Gauge("rollcall_log_head_index",
             "The index of the last change, as the shared log said when it was last asked.")
      .Value(figures.head.value());
  list.Counter("rollcall_log_proposals_total",
               "Proposals to change the shared log, by what became of them; one that is unknown "
               "may still be committed.")
      .Value(counters.proposals_committed.value(), {{"result", "committed"}})
      .Value(counters.proposals_conflicting.value(), {{"result", "conflict"}})
      .Value(counters.proposals_refused.value(), {{"result", "refused"}})
      .Value(counters.proposals_unknown.value(), {{"result", "unknown"}});
  list.Gauge("rollcall_log_proposals_in_flight", "Proposals that have not come to an end yet.")
      .Value(counters.proposals_in_flight.value());
  list.Counter("rollcall_log_reloads_total", "Times that the whole shared log was read anew.")
      .Value(counters.reloads.value());
  list.Counter("rollcall_log_endpoint_changes_total", "Times that a member of etcd was given up.")
      .Value(figures.endpoint_changes);
}

}  // namespace

uint64_t ServerMetrics::Sum(const std::function<uint64_t(const ServerWorker&)>& of) const {
  uint64_t sum = 0;
  for (const auto& worker : workers_) sum += of(*worker);
  return sum;
}

void ServerMetrics::AddGroup(api::MetricList& list) const {
  const catalog::GroupView group = shared_.heard->group();
  list.Gauge("rollcall_servers", "Servers of the shared log that are alive, this one included.")
      .Value(group.servers.size());
  list.Gauge("rollcall_expiry_owner", "1 while this server is the one that lets checks expire.")
      .Value(group.is_owner() ? 1 : 0);
  if (const auto behind = shared_.heard->Behind(catalog_.clock().Now())) {
    list.Gauge("rollcall_expiry_behind_seconds",
               "For how long the owner of expiry has not heard of all heartbeats: so much later "
               "than in time do checks expire.")
        .Value(Seconds(*behind));
  }
  const catalog::Renewals& renewals = catalog_.renewals();
  list.Counter("rollcall_renewals_total",
               "Renewals of TTLs that servers have told each other, by direction.")
      .Value(renewals.forwarded(), {{"direction", "forwarded"}})
      .Value(renewals.received(), {{"direction", "received"}});
}

void ServerMetrics::AddHttp(api::MetricList& list) const {
  std::vector<const http::Counters*> parts;
  for (const auto& worker : workers_) parts.push_back(&worker->http_counters());
  api::AddHttp(list, parts,
               Sum([](const ServerWorker& worker) { return worker.http_connections(); }));
  if (workers_.front()->https_port() != 0) AddTls(list);
  list.Gauge("rollcall_http_parked_queries", "Blocking queries that wait for a change.")
      .Value(shared_.parked_limit.count());
}

void ServerMetrics::AddTls(api::MetricList& list) const {
  const auto sum = [this](const Counter http::Counters::*counter) {
    return Sum([counter](const ServerWorker& worker) {
      return (worker.http_counters().*counter).value();
    });
  };
  list.Counter("rollcall_tls_handshakes_total",
               "TLS handshakes by result: a session begun (full), gone on with (resumed), or none "
               "(failed).")
      .Value(sum(&http::Counters::tls_full), {{"result", "full"}})
      .Value(sum(&http::Counters::tls_resumed), {{"result", "resumed"}})
      .Value(sum(&http::Counters::tls_failed), {{"result", "failed"}});
  list.Gauge("rollcall_tls_certificate_expiry_time_seconds",
             "When the certificate of HTTPS ends, in Unix time.")
      .Value(workers_.front()->http_counters().tls_not_after.value());
}

void ServerMetrics::AddLimits(api::MetricList& list) const {
  const api::LimitState& state = *shared_.limits->state();
  list.Counter("rollcall_http_over_limit_total",
               "Requests over a limit, by limit: refused, or served because of limit-mode "
               "permissive.");
  for (size_t i = 0; i < api::kLimits; ++i) {
    const auto limit = static_cast<api::Limit>(i);
    const std::string name(NameOf(limit));
    list.Value(state.refused(limit), {{"limit", name}, {"result", "refused"}});
    // That limit is always enforced.
    if (limit == api::Limit::kFailedAuth) continue;
    list.Value(state.permitted(limit), {{"limit", name}, {"result", "permitted"}});
  }
  list.Counter("rollcall_failed_authentications_total",
               "Requests with a token that is unknown or has expired, and logins that were "
               "refused.")
      .Value(state.failed_authentications());
}

void ServerMetrics::AddLogins(api::MetricList& list) const {
  if (!info_.controls_access) return;
  const api::Logins& logins = shared_.logins;
  list.Counter("rollcall_logins_total",
               "Logins by result: a token was given, what was presented is not good for one, or "
               "the server could not tell.")
      .Value(logins.count(api::LoginResult::kOk), {{"result", "ok"}})
      .Value(logins.count(api::LoginResult::kRefused), {{"result", "refused"}})
      .Value(logins.count(api::LoginResult::kFailed), {{"result", "failed"}});
  list.Gauge("rollcall_logins_waiting", "Logins that wait for the keys of their auth methods.")
      .Value(logins.waiting());
}

void ServerMetrics::AddAudit(api::MetricList& list) const {
  if (shared_.audit == nullptr) return;
  list.Counter("rollcall_audit_entries_total",
               "Entries of the audit log by result: written, or lost because too many waited.")
      .Value(shared_.audit->written(), {{"result", "written"}})
      .Value(shared_.audit->lost(), {{"result", "lost"}});
  list.Gauge("rollcall_audit_queue_entries", "Entries that wait to be written.")
      .Value(shared_.audit->queued());
  list.Gauge("rollcall_audit_trouble", "1 while the audit log cannot be written.")
      .Value(shared_.audit->is_in_trouble() ? 1 : 0);
}

void ServerMetrics::AddDns(api::MetricList& list) const {
  if (workers_.front()->dns_counters() == nullptr) return;
  const auto sum = [this](auto of) {
    return Sum([&of](const ServerWorker& worker) { return of(*worker.dns_counters()).value(); });
  };
  using C = const dns::DnsCounters&;
  using R = const rollcall::Counter&;
  list.Counter("rollcall_dns_queries_total", "DNS queries that could be read, by transport.")
      .Value(sum([](C c) -> R { return c.udp_queries; }), {{"transport", "udp"}})
      .Value(sum([](C c) -> R { return c.tcp_queries; }), {{"transport", "tcp"}});
  list.Counter("rollcall_dns_answers_total", "DNS answers, by rcode.");
  for (const auto& [rcode, name] : kRcodes) {
    const auto at = static_cast<size_t>(rcode);
    list.Value(sum([at](C c) -> R { return c.answers[at]; }), {{"rcode", name}});
  }
  list.Counter("rollcall_dns_truncated_total", "DNS answers that did not fit and carry TC.")
      .Value(sum([](C c) -> R { return c.truncated; }));
  list.Counter("rollcall_dns_dropped_total", "DNS messages that got no answer.")
      .Value(sum([](C c) -> R { return c.dropped; }));
  list.Counter("rollcall_dns_rate_limited_total",
               "DNS queries whose network had too many answers, by what they got: nothing, or an "
               "empty answer that leads a real client on.")
      .Value(sum([](C c) -> R { return c.limited_dropped; }), {{"result", "dropped"}})
      .Value(sum([](C c) -> R { return c.limited_slipped; }), {{"result", "slipped"}});
  list.Counter("rollcall_dns_cookies_total",
               "DNS queries with a cookie: one that this client was given, or another.")
      .Value(sum([](C c) -> R { return c.cookies_valid; }), {{"cookie", "valid"}})
      .Value(sum([](C c) -> R { return c.cookies_other; }), {{"cookie", "other"}});
  list.Counter("rollcall_dns_send_failures_total", "DNS answers that the kernel did not take.")
      .Value(sum([](C c) -> R { return c.send_failures; }));
  list.Counter("rollcall_dns_tcp_connections_total", "Connections for DNS, by what became of them.")
      .Value(sum([](C c) -> R { return c.tcp_connections; }), {{"result", "accepted"}})
      .Value(sum([](C c) -> R { return c.tcp_refused; }), {{"result", "refused"}});
}

void ServerMetrics::AddRecursors(api::MetricList& list) const {
  if (workers_.front()->forwarder_counters() == nullptr) return;
  const auto sum = [this](auto of) {
    return Sum(
        [&of](const ServerWorker& worker) { return of(*worker.forwarder_counters()).value(); });
  };
  using C = const dns::ForwarderCounters&;
  using R = const rollcall::Counter&;
  list.Counter("rollcall_dns_forwarded_total",
               "DNS queries for recursors: answered by one, failed (by none), or refused, too many "
               "being under way.")
      .Value(sum([](C c) -> R { return c.answered; }), {{"result", "answered"}})
      .Value(sum([](C c) -> R { return c.failed; }), {{"result", "failed"}})
      .Value(sum([](C c) -> R { return c.refused_busy; }), {{"result", "refused"}});
  list.Counter("rollcall_dns_recursor_timeouts_total", "Recursors that did not answer in time.")
      .Value(sum([](C c) -> R { return c.timeouts; }));
  list.Counter("rollcall_dns_recursor_tcp_total",
               "Queries that a recursor was asked again over TCP, its answer being cut.")
      .Value(sum([](C c) -> R { return c.tcp_retries; }));
}

std::vector<prometheus::MetricFamily> ServerMetrics::Collect() const {
  api::MetricList list;
  list.Gauge("rollcall_build_info", "Always 1; the labels say which build this is.")
      .Value(1, {{"version", info_.version}, {"revision", info_.revision}});
  list.Gauge("rollcall_start_time_seconds", "When the server started, in Unix time.")
      .Value(std::chrono::duration<double>(started_.time_since_epoch()).count());
  api::AddProcess(list);
  AddCatalog(list, *catalog_.snapshots().Get());
  AddWriter(list, catalog_);
  if (catalog_.is_shared()) {
    AddLog(list, catalog_);
    AddGroup(list);
  }
  AddHttp(list);
  AddLimits(list);
  AddLogins(list);
  AddAudit(list);
  AddDns(list);
  AddRecursors(list);
  return list.Take();
}

}  // namespace rollcall::cli
