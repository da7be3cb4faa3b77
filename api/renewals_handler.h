// PUT /v1/internal/renewals: a server tells the owner of expiry which deadlines heartbeats have
// renewed there (catalog/heard_servers.h).
//   {"From": "<server ID>", "Owner": "...", "Time": 1, "Renewals": [["node", "check ID", age],
//   ...]}
// Owner and Time are those of the last answer, which has the same two; an age is in milliseconds.
// 404: this server does not know that one; 409: it does not own expiry.
// Worker's thread.
#pragma once

#include <string>
#include <vector>

#include "api/api_worker.h"
#include "api/http/router.h"
#include "registry/catalog/heard_servers.h"

namespace rollcall::api {

// As many as one request may have.
inline constexpr size_t kMostRenewals = 2048;

struct RenewalReport {
  struct Renewal {
    std::string node;
    std::string check_id;
    std::chrono::milliseconds age{0};
  };
  std::string from;
  catalog::HeardServers::Stamp stamp;
  std::vector<Renewal> renewals;
};

std::string RenewalReportJson(const RenewalReport& report);
Result<RenewalReport> ParseRenewalReport(std::string_view body);
// Of an answer.
Result<catalog::HeardServers::Stamp> ParseStamp(std::string_view body);

http::Handler RenewalsHandler(ApiWorker& worker);

}  // namespace rollcall::api
