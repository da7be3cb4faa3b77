#include "cli/expiry_link.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "api/server_card.h"
#include "registry/access/group_secret.h"

namespace rollcall::cli {
namespace {

constexpr std::chrono::seconds kConnectTimeout{1};
constexpr std::chrono::seconds kAnswerTimeout{2};
// Of the texts of one report.
constexpr size_t kMostBytes = size_t{64} << 10;

// Where the HTTP API of a server is; empty when it does not say.
std::string UrlOf(const catalog::GroupView& group, const std::string& id) {
  const auto server = group.servers.find(id);
  if (server == group.servers.end()) return "";
  const api::ServerCard card = api::ServerCard::Parse(server->second.about);
  if (card.http.empty()) return "";
  return (card.https ? "https://" : "http://") + card.http;
}

}  // namespace

ExpiryLink::ExpiryLink(catalog::Catalog& catalog, catalog::HeardServers& heard, const Clock& clock,
                       Tls tls)
    : catalog_(catalog),
      heard_(heard),
      clock_(clock),
      tls_(std::move(tls)),
      reached_at_(clock.Now()) {
  catalog_.renewals().Collect(true);
}

void ExpiryLink::Turn() {
  const catalog::GroupView group = heard_.group();
  const Clock::TimePoint now = clock_.Now();
  // Looked at before anything is taken: what is accepted later is for the next turn.
  TakeRenewals();
  if (!group.is_known()) {
    is_enrolled_ = false;
    reached_at_ = now;
    return catalog_.AcceptHeartbeatsUntil({});
  }
  Reach reach = Reach::kTaken;  // whoever becomes the owner finds this server's key
  if (group.is_owner()) {
    BeOwner(now);
  } else if (group.owner) {
    reach = ReportTo(group, now);
  }
  if (reach != Reach::kNone) reached_at_ = now;

  const bool is_active = group.IsActive(group.self);
  if (!is_active) {
    is_enrolled_ = false;
    pending_.clear();  // that the log says so makes it good
    if (reach != Reach::kNone) {
      catalog_.SetDuty(catalog::HeartbeatDuty::kActive);
    } else if (now - reached_at_ > kApartAfter) {
      WarnOfOwner(group);
    }
  } else if (reach == Reach::kTaken) {
    is_enrolled_ = true;
    if (std::exchange(is_apart_, false)) {
      spdlog::info("the owner of expiry is reached again, and heartbeats are taken");
    }
  } else if (now - reached_at_ > kApartAfter) {
    return StandApart(group);
  }
  // A report may have taken its time.
  const catalog::GroupView later = heard_.group();
  const bool still = later.is_known() && later.IsActive(later.self) && later.owner == group.owner;
  catalog_.AcceptHeartbeatsUntil(is_enrolled_ && still ? *later.alive_until : Clock::TimePoint());
}

bool ExpiryLink::Leave() {
  catalog_.AcceptHeartbeatsUntil({});
  const catalog::GroupView group = heard_.group();
  TakeRenewals();
  if (!group.IsActive(group.self) || group.is_owner() || !group.owner) return false;
  return ReportTo(group, clock_.Now()) == Reach::kTaken;
}

void ExpiryLink::TakeRenewals() {
  for (catalog::Renewal& each : catalog_.renewals().Take()) {
    catalog::Renewal& known = pending_[each.deadline.get()];
    if (known.deadline == nullptr || known.at < each.at) known = std::move(each);
  }
}

void ExpiryLink::BeOwner(Clock::TimePoint now) {
  pending_.clear();  // they have moved the deadlines themselves
  if (const auto until = heard_.HeardUntil(now)) catalog_.HeardUntil(*until);
  const std::vector<std::string> silent = heard_.SilentSince(now - kResignAfter);
  ReportSilent(silent);
  const size_t expected = heard_.expected();
  if (expected >= 2 && silent.size() * 2 > expected) {
    const auto owner = heard_.group().owner;
    if (std::exchange(resigned_, owner) != owner) {
      spdlog::warn("{} of {} other servers are not heard here: another one is to own expiry",
                   silent.size(), expected);
    }
    catalog_.Resign(kResignPause);
  }
}

void ExpiryLink::ReportSilent(const std::vector<std::string>& silent) {
  const catalog::GroupView group = heard_.group();
  for (const std::string& id : silent) {
    if (std::find(silent_.begin(), silent_.end(), id) != silent_.end()) continue;
    spdlog::warn(
        "the server at {} does not pass heartbeats on to this one, the owner of expiry: "
        "no check expires before it does, or stands apart",
        UrlOf(group, id));
  }
  silent_ = silent;
}

ExpiryLink::Reach ExpiryLink::ReportTo(const catalog::GroupView& group, Clock::TimePoint now) {
  const std::string url = UrlOf(group, group.owner_id());
  if (url.empty()) {
    failure_ = "it does not say where it is";
    return Reach::kNone;
  }
  if (stamp_.owner != *group.owner) stamp_ = {};
  // The one of the report before: what is given during this one stands for heartbeats that came
  // after it was put together.
  const catalog::HeardServers::Stamp stamp = stamp_;
  std::vector<catalog::Renewal> all;
  all.reserve(pending_.size());
  for (const auto& [deadline, renewal] : pending_) all.push_back(renewal);
  size_t done = 0;
  do {
    api::RenewalReport report;
    report.from = group.self;
    size_t bytes = 0;
    size_t i = done;
    for (; i < all.size() && i < done + api::kMostRenewals && bytes < kMostBytes; ++i) {
      const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - all[i].at);
      report.renewals.push_back({all[i].deadline->node().str(), all[i].deadline->check_id().str(),
                                 std::max(age, std::chrono::milliseconds(0))});
      bytes += report.renewals.back().node.size() + report.renewals.back().check_id.size();
    }
    // The stamp stands for all that was there: it goes with the last of them.
    if (i == all.size()) report.stamp = stamp;
    if (const Reach reach = Send(report, url); reach != Reach::kTaken) return reach;
    done = i;
  } while (done < all.size());
  catalog_.renewals().CountForwarded(all.size());
  pending_.clear();
  return Reach::kTaken;
}

ExpiryLink::Reach ExpiryLink::Send(const api::RenewalReport& report, const std::string& url) {
  std::string secret = acl::GroupSecretIn(*catalog_.snapshots().Get());
  if (client_ == nullptr || url_ != url || secret_ != secret) {
    const Result<HttpAddress> address = ParseHttpAddress(url);
    if (!address) return Reach::kNone;
    client_ = std::make_unique<RegistryClient>(Target{
        .address = *address, .tls = tls_.files, .server_name = tls_.server_name, .token = secret});
    client_->SetConnectTimeout(kConnectTimeout);
    client_->SetAnswerTimeout(kAnswerTimeout);
    url_ = url;
    secret_ = std::move(secret);
  }
  const auto answer = client_->Put("/v1/internal/renewals", api::RenewalReportJson(report));
  if (!answer) {
    // The owner is there, and has not heard from the log that this server takes heartbeats.
    if (answer.error().code == ErrorCode::kNotFound) return Reach::kReached;
    client_.reset();
    failure_ = answer.error().message;
    return Reach::kNone;
  }
  const auto stamp = api::ParseStamp(answer->body);
  if (!stamp) {
    failure_ = stamp.error().message;
    return Reach::kNone;
  }
  stamp_ = *stamp;
  return Reach::kTaken;
}

void ExpiryLink::StandApart(const catalog::GroupView& group) {
  // First of all: what has been taken by now is made good when the log says that this one is apart.
  catalog_.AcceptHeartbeatsUntil({});
  is_enrolled_ = false;
  catalog_.SetDuty(catalog::HeartbeatDuty::kApart);
  WarnOfOwner(group);
}

void ExpiryLink::WarnOfOwner(const catalog::GroupView& group) {
  if (std::exchange(is_apart_, true)) return;
  spdlog::warn(
      "the owner of expiry at {} cannot be reached ({}): heartbeats are refused here until "
      "it can",
      UrlOf(group, group.owner_id()), failure_);
}

}  // namespace rollcall::cli
