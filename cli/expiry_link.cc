#include "cli/expiry_link.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace rollcall::cli {
namespace {

// From one report to the next: how much later than its time a check may expire.
constexpr std::chrono::milliseconds kPause{200};
constexpr std::chrono::seconds kAnswerTimeout{2};

// Where the owner's HTTP API is; empty when it does not say.
std::string UrlOf(const catalog::GroupView& group) {
  const auto owner = group.servers.find(group.owner_id());
  if (owner == group.servers.end()) return "";
  const auto about = nlohmann::json::parse(owner->second, nullptr, false);
  if (!about.is_object()) return "";
  const auto http = about.find("HTTP");
  return http != about.end() && http->is_string() ? "http://" + http->get<std::string>() : "";
}

}  // namespace

ExpiryLink::ExpiryLink(catalog::Catalog& catalog, catalog::HeardServers& heard, const Clock& clock)
    : catalog_(catalog), heard_(heard), clock_(clock) {
  catalog_.renewals().Collect(true);
  thread_ = std::thread([this] { Run(); });
}

void ExpiryLink::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ExpiryLink::Run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    lock.unlock();
    Turn();
    lock.lock();
    wake_.wait_for(lock, kPause, [this] { return is_stopping_; });
  }
}

void ExpiryLink::Turn() {
  const catalog::GroupView group = heard_.group();
  // Looked at before anything is taken: what is accepted later is for the next turn.
  for (catalog::Renewal& each : catalog_.renewals().Take()) {
    catalog::Renewal& known = pending_[each.deadline.get()];
    if (known.deadline == nullptr || known.at < each.at) known = std::move(each);
  }
  if (!group.is_known()) {
    is_enrolled_ = false;
    return catalog_.AcceptHeartbeatsUntil({});
  }
  if (group.is_owner()) {
    BeOwner(group);
  } else if (!group.owner) {
    is_enrolled_ = true;  // whoever becomes it finds this server's key
  } else if (ReportTo(group)) {
    is_enrolled_ = true;
  }
  catalog_.AcceptHeartbeatsUntil(is_enrolled_ ? *group.alive_until : Clock::TimePoint());
}

void ExpiryLink::BeOwner(const catalog::GroupView& /*group*/) {
  is_enrolled_ = true;
  pending_.clear();  // they have moved the deadlines themselves
  if (const auto until = heard_.HeardUntil(clock_.Now())) catalog_.HeardUntil(*until);
}

bool ExpiryLink::ReportTo(const catalog::GroupView& group) {
  const std::string url = UrlOf(group);
  if (url.empty()) return false;
  if (stamp_.owner != *group.owner) stamp_ = {};
  std::vector<catalog::Renewal> all;
  all.reserve(pending_.size());
  for (const auto& [deadline, renewal] : pending_) all.push_back(renewal);
  const Clock::TimePoint now = clock_.Now();
  size_t done = 0;
  do {
    api::RenewalReport report;
    report.from = group.self;
    const size_t end = std::min(all.size(), done + api::kMostRenewals);
    for (size_t i = done; i < end; ++i) {
      const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - all[i].at);
      report.renewals.push_back({all[i].deadline->node().str(), all[i].deadline->check_id().str(),
                                 std::max(age, std::chrono::milliseconds(0))});
    }
    // The stamp stands for all that was there: it goes with the last of them.
    if (end == all.size()) report.stamp = stamp_;
    if (!Send(report, url)) return false;
    done = end;
  } while (done < all.size());
  pending_.clear();
  return true;
}

bool ExpiryLink::Send(const api::RenewalReport& report, const std::string& url) {
  if (client_ == nullptr || url_ != url) {
    const Result<HttpAddress> address = ParseHttpAddress(url);
    if (!address) return false;
    client_ = std::make_unique<RegistryClient>(*address);
    client_->SetAnswerTimeout(kAnswerTimeout);
    url_ = url;
  }
  const auto answer = client_->Put("/v1/internal/renewals", api::RenewalReportJson(report));
  if (!answer) {
    client_.reset();
    spdlog::debug("the owner of expiry did not take a report: {}", answer.error().message);
    return false;
  }
  const auto stamp = api::ParseStamp(answer->body);
  if (!stamp) return false;
  stamp_ = *stamp;
  return true;
}

}  // namespace rollcall::cli
