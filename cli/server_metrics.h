// ServerMetrics: everything that the server tells of itself as numbers, gathered when it is asked.
// Nothing is kept here: those who count own their counters.
#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "api/api_worker.h"
#include "api/shared/metric_list.h"
#include "cli/server_worker.h"
#include "registry/catalog/catalog.h"

namespace rollcall::cli {

class ServerMetrics {
 public:
  using Workers = std::vector<std::unique_ptr<ServerWorker>>;

  // Everything outlives the object.
  ServerMetrics(catalog::Catalog& catalog, const Workers& workers, const api::ServerInfo& info,
                const api::SharedState& shared, std::chrono::system_clock::time_point started)
      : catalog_(catalog), workers_(workers), info_(info), shared_(shared), started_(started) {}

  // Any thread, while the workers run. docs/metrics.md says what each one means.
  std::vector<prometheus::MetricFamily> Collect() const;

 private:
  void AddHttp(api::MetricList& list) const;
  void AddTls(api::MetricList& list) const;
  void AddDns(api::MetricList& list) const;
  void AddLimits(api::MetricList& list) const;
  void AddLogins(api::MetricList& list) const;
  void AddAudit(api::MetricList& list) const;
  void AddGroup(api::MetricList& list) const;
  void AddRecursors(api::MetricList& list) const;
  // Over all workers.
  uint64_t Sum(const std::function<uint64_t(const ServerWorker&)>& of) const;

  catalog::Catalog& catalog_;
  const Workers& workers_;
  const api::ServerInfo& info_;
  const api::SharedState& shared_;
  const std::chrono::system_clock::time_point started_;
};

}  // namespace rollcall::cli
