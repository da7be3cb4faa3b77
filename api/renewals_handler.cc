#include "api/renewals_handler.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/reply.h"
#include "registry/model/json.h"
#include "registry/model/json_fields.h"

namespace rollcall::api {
namespace {

using nlohmann::json;

// Longer ago than any TTL that matters; keeps sums within their range.
constexpr int64_t kOldestMs = int64_t{24} * 3600 * 1000;

Error DecodeFailed(const std::string& what) {
  return InvalidArgument("Request decode failed: " + what);
}

Result<RenewalReport::Renewal> ParseRenewal(const json& value) {
  if (!value.is_array() || value.size() != 3 || !value[0].is_string() || !value[1].is_string() ||
      !value[2].is_number_integer()) {
    return DecodeFailed("Renewals: expected [\"node\", \"check ID\", age in ms]");
  }
  const auto age = value[2].get<int64_t>();
  if (age < 0) return DecodeFailed("Renewals: an age is out of range");
  return RenewalReport::Renewal{value[0].get<std::string>(), value[1].get<std::string>(),
                                std::chrono::milliseconds(std::min(age, kOldestMs))};
}

Result<catalog::HeardServers::Stamp> StampIn(const json& object) {
  catalog::HeardServers::Stamp stamp;
  const auto owner = object.find("Owner");
  const auto time = object.find("Time");
  if (owner == object.end() || !owner->is_string() || time == object.end() ||
      !time->is_number_integer()) {
    return DecodeFailed("expected Owner, a text, and Time, a whole number");
  }
  stamp.owner = owner->get<std::string>();
  stamp.time = time->get<int64_t>();
  return stamp;
}

void Renew(ApiWorker& worker, const RenewalReport& report, Clock::TimePoint now) {
  const auto snapshot = worker.Snapshot();
  for (const RenewalReport::Renewal& each : report.renewals) {
    const catalog::CheckEntry* entry = snapshot->FindCheck(each.node, each.check_id);
    if (entry != nullptr && entry->ttl != nullptr) entry->ttl->RenewAsOf(now - each.age);
  }
}

}  // namespace

std::string RenewalReportJson(const RenewalReport& report) {
  json renewals = json::array();
  for (const RenewalReport::Renewal& each : report.renewals) {
    renewals.push_back(json::array({each.node, each.check_id, each.age.count()}));
  }
  const json object = {{"From", report.from},
                       {"Owner", report.stamp.owner},
                       {"Time", report.stamp.time},
                       {"Renewals", std::move(renewals)}};
  // Names may hold any byte; what is no UTF-8 does not find its check, and does no harm.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<RenewalReport> ParseRenewalReport(std::string_view body) {
  const Result<json> parsed = model::ParseJson(body);
  if (!parsed) return DecodeFailed(parsed.error().message);
  if (!parsed->is_object()) return DecodeFailed("expected an object");
  RenewalReport report;
  const auto from = parsed->find("From");
  if (from == parsed->end() || !from->is_string()) return DecodeFailed("expected From, a text");
  report.from = from->get<std::string>();
  Result<catalog::HeardServers::Stamp> stamp = StampIn(*parsed);
  if (!stamp) return stamp.error();
  report.stamp = std::move(*stamp);
  const auto renewals = parsed->find("Renewals");
  if (renewals == parsed->end() || !renewals->is_array() || renewals->size() > kMostRenewals) {
    return DecodeFailed("expected Renewals, a list of at most " + std::to_string(kMostRenewals));
  }
  for (const json& each : *renewals) {
    Result<RenewalReport::Renewal> renewal = ParseRenewal(each);
    if (!renewal) return renewal.error();
    report.renewals.push_back(std::move(*renewal));
  }
  return report;
}

Result<catalog::HeardServers::Stamp> ParseStamp(std::string_view body) {
  const Result<json> parsed = model::ParseJson(body);
  if (!parsed) return parsed.error();
  return StampIn(*parsed);
}

http::Handler RenewalsHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<http::Exchange>& exchange) {
    if (worker.shared().heard == nullptr) {
      return exchange->Respond(ErrorResponse(Conflict("this server has its store to itself")));
    }
    const Result<RenewalReport> report = ParseRenewalReport(exchange->request().body());
    if (!report) return exchange->Respond(ErrorResponse(report.error()));
    const Clock::TimePoint now = worker.catalog().clock().Now();
    // Before the stamp counts: all that it stands for is here then.
    Renew(worker, *report, now);
    const auto stamp = worker.shared().heard->Report(report->from, report->stamp, now);
    if (!stamp) return exchange->Respond(ErrorResponse(stamp.error()));
    worker.catalog().renewals().CountReceived(report->renewals.size());
    exchange->Respond(http::JsonResponse(
        Render(nlohmann::ordered_json{{"Owner", stamp->owner}, {"Time", stamp->time}})));
  };
}

}  // namespace rollcall::api
