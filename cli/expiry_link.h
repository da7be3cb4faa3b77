// ExpiryLink: carries heartbeats from this server to the one that owns expiry, or, where this one
// does, tells the catalog how far all others have been heard. It decides too until when this server
// may accept heartbeats: only while what it accepts is sure to reach the owner, or to be made good
// by the whole TTL that every check gets when a server is lost.
//
// A thread of its own, from construction to Stop.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "api/renewals_handler.h"
#include "cli/registry_client.h"
#include "registry/base/clock.h"
#include "registry/catalog/catalog.h"
#include "registry/catalog/heard_servers.h"

namespace rollcall::cli {

class ExpiryLink {
 public:
  // All outlive the link.
  ExpiryLink(catalog::Catalog& catalog, catalog::HeardServers& heard, const Clock& clock);
  ~ExpiryLink() { Stop(); }
  void Stop();

 private:
  void Run();
  void Turn();
  void BeOwner(const catalog::GroupView& group);
  // Reports to the owner; whether it has taken everything.
  bool ReportTo(const catalog::GroupView& group);
  std::optional<api::RenewalReport> NextReport(const catalog::GroupView& group);
  bool Send(const api::RenewalReport& report, const std::string& url);

  catalog::Catalog& catalog_;
  catalog::HeardServers& heard_;
  const Clock& clock_;

  // The thread's own.
  // What has not been told the owner yet, by deadline.
  std::unordered_map<catalog::Deadline*, catalog::Renewal> pending_;
  catalog::HeardServers::Stamp stamp_;
  // The others are sure to know of this server: it has been heard by an owner since its key was
  // put, or there was none then.
  bool is_enrolled_ = false;
  std::string url_;  // of client_
  std::unique_ptr<RegistryClient> client_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace rollcall::cli
