#include "api/acl/login_trace.h"

#include <chrono>
#include <utility>

#include "api/audit/audit_entry.h"
#include "api/audit/audit_log.h"

namespace rollcall::api {

std::shared_ptr<LoginTrace> TraceLogin(ApiWorker& worker, http::Exchange& exchange,
                                       const RouteTraits& route) {
  auto trace = std::make_shared<LoginTrace>();
  AuditLog* const log = worker.shared().audit;
  if (log == nullptr) return trace;
  exchange.OnAnswer([log, route, trace](const http::Request& request,
                                        const http::Response* answer) {
    AuditEntry entry =
        MakeAuditEntry(route, request, answer, trace->accessor, std::chrono::system_clock::now());
    entry.auth_method = trace->auth_method;
    log->Add(std::move(entry));
  });
  return trace;
}

}  // namespace rollcall::api
