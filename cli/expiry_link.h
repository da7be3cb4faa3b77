// ExpiryLink: carries heartbeats from this server to the one that owns expiry, or, where this one
// does, tells the catalog how far all others have been heard. It decides too until when this server
// may accept heartbeats: only while what it accepts is sure to reach the owner, or to be made good
// by the whole TTL that every check gets when a server is lost.
//
// Who cannot reach whom: a server that does not reach the owner stands apart after a while, so that
// the owner need not wait for it, and takes no heartbeats until it does; an owner that hears less
// than half of the others lets another one be it, before they do that.
//
// One thread, whose calls block for as long as a report takes: cli/group_upkeep.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/renewals_handler.h"
#include "cli/registry_client.h"
#include "registry/base/clock.h"
#include "registry/catalog/catalog.h"
#include "registry/catalog/heard_servers.h"

namespace rollcall::cli {

class ExpiryLink {
 public:
  // From one turn to the next: how much later than its time a check may expire.
  static constexpr std::chrono::milliseconds kPause{200};
  // An owner that has not heard most of the others for this long gives up, and does not try again
  // for kResignPause.
  static constexpr std::chrono::seconds kResignAfter{8};
  static constexpr std::chrono::seconds kResignPause{15};
  // A server that has not reached the owner for this long stands apart.
  static constexpr std::chrono::seconds kApartAfter{12};

  // How servers that are asked over TLS are, and whom they are to be.
  struct Tls {
    http::TlsClientFiles files;
    std::string server_name;
  };

  // All but `tls` outlive the link.
  ExpiryLink(catalog::Catalog& catalog, catalog::HeardServers& heard, const Clock& clock,
             Tls tls = {});

  void Turn();
  // No heartbeats come any more: hands over those that are left. Whether the owner has them all,
  // and the others need not fear for them.
  bool Leave();

 private:
  // What came of talking to the owner.
  enum class Reach { kNone, kReached, kTaken };

  void TakeRenewals();
  // Tells the catalog how far all others have been heard.
  void BeOwner(Clock::TimePoint now);
  void ReportSilent(const std::vector<std::string>& silent);
  // Reports everything to the owner.
  Reach ReportTo(const catalog::GroupView& group, Clock::TimePoint now);
  Reach Send(const api::RenewalReport& report, const std::string& url);
  void StandApart(const catalog::GroupView& group);
  void WarnOfOwner(const catalog::GroupView& group);

  catalog::Catalog& catalog_;
  catalog::HeardServers& heard_;
  const Clock& clock_;
  const Tls tls_;

  // What has not been told the owner yet, by deadline.
  std::unordered_map<catalog::Deadline*, catalog::Renewal> pending_;
  catalog::HeardServers::Stamp stamp_;
  // The others are sure to know of this server: it has been heard by an owner since its key says
  // that it takes heartbeats, or there was none then.
  bool is_enrolled_ = false;
  bool is_apart_ = false;                // and that has been said
  std::optional<std::string> resigned_;  // as whom that has been said
  Clock::TimePoint reached_at_;
  std::string failure_;              // of the last report that did not reach the owner
  std::vector<std::string> silent_;  // that have been warned of
  std::string url_;                  // of client_
  std::string secret_;               // by which client_ says that it is a server's; empty: none
  std::unique_ptr<RegistryClient> client_;
};

}  // namespace rollcall::cli
