#include "cli/reload.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <latch>
#include <memory>
#include <string>
#include <utility>

#include "api/audit/audit_log.h"
#include "api/shared/log_monitor.h"
#include "cli/server_dns.h"
#include "cli/server_http.h"
#include "cli/server_reload.h"
#include "cli/server_worker.h"
#include "cli/service_view.h"

namespace rollcall::cli {
namespace {

using Workers = ServerMetrics::Workers;

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

// What to read again, where there is something.
Result<ServerOptions> ReadAgain(const ReadOptions& read_again, const ServerOptions& running) {
  if (read_again) return read_again();
  if (running.https) {
    spdlog::info("reload: there is no --config file; only the certificates are read again");
  }
  return running;
}

}  // namespace

spdlog::level::level_enum LogLevelOf(const ServerOptions& options) {
  const std::string& level = options.log_level;
  return spdlog::level::from_str(level == "error" ? "err" : level);
}

void SetTokens(const ServerOptions& options, api::SharedState& shared) {
  shared.tokens.SetDefault(options.access.default_token);
  shared.tokens.SetDns(options.access.dns_token);
}

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

}  // namespace rollcall::cli
