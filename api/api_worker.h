// ApiWorker: what the handlers of one worker share: its way to the catalog, its own snapshot
// reader, what it knows of who asks, its parked queries. Made before the worker's loop runs; then
// that worker's thread alone uses it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/access/own_tokens.h"
#include "api/acl/bootstrap_reset.h"
#include "api/acl/logins.h"
#include "api/acl/turnstile.h"
#include "api/event_log.h"
#include "api/limits/request_limits.h"
#include "api/operations.h"
#include "api/parked_everywhere.h"
#include "api/parked_queries.h"
#include "api/shared/log_monitor.h"
#include "api/shared/query_options.h"
#include "registry/access/bearer_cache.h"
#include "registry/access/directory.h"
#include "registry/catalog/catalog.h"
#include "registry/catalog/heard_servers.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::api {

class AuditLog;

// What the API says of this server. Constant.
struct ServerInfo {
  std::string version;
  std::string revision;       // of the sources; empty when not known
  std::string revision_date;  // "2026-11-24T10:00:00Z"; empty likewise
  std::string datacenter = "dc1";
  std::string node_name;         // this server's own node, where the /v1/agent endpoints register
  std::string address;           // of that node
  int http_port = 8500;          // 0: only HTTPS
  int https_port = 0;            // 0: only HTTP
  int dns_port = 8600;           // 0: no DNS is served
  bool controls_access = false;  // by tokens

  // Where this API is: that of HTTP, where there is one.
  int api_port() const { return http_port != 0 ? http_port : https_port; }
};

inline QueryContext ContextOf(const ServerInfo& info) { return {info.datacenter, info.node_name}; }

// How far behind a shared log a read may be answered. Constant.
struct ReadBounds {
  // By default. Contact is proved about once a second.
  std::chrono::nanoseconds by_default = std::chrono::seconds(5);
  // Where a client asked for ?stale; beyond it, and in DNS, there is no answer. Unset: never.
  std::optional<std::chrono::nanoseconds> stale;
};

// What the workers of one server share beside the catalog. Any thread.
struct SharedState {
  explicit SharedState(size_t max_parked_queries = 100'000) : parked_limit(max_parked_queries) {}

  ParkedLimit parked_limit;
  ReadBounds bounds;
  ParkedEverywhere parked;
  EventLog events;
  Operations operations;
  // Of a catalog that is shared; else null.
  catalog::HeardServers* heard = nullptr;
  LogMonitor log;
  // What the workers begin with. Null: nobody is limited.
  std::shared_ptr<RequestLimits> limits;
  // Who is told of writes and refusals; set before the first request. Null: nobody.
  AuditLog* audit = nullptr;

  // Who may do what. Set before the workers are made.
  acl::BearerCache::Options access;
  OwnTokens tokens;
  // Changes of access control go through it one by one.
  Turnstile acl_changes;
  Logins logins;
  // Set before the workers are made.
  BootstrapReset bootstrap_reset;
};

class ApiWorker {
 public:
  // Everything outlives the worker.
  ApiWorker(boost::asio::io_context& loop, catalog::Catalog& catalog, const ServerInfo& info,
            SharedState& shared, uint64_t seed)
      : info_(info),
        catalog_(catalog),
        shared_(shared),
        limits_(shared.limits),
        reader_(catalog.snapshots()),
        bearers_(shared.access),
        directory_(shared.access.on_damage),
        parked_(loop, catalog, reader_, shared.parked_limit, seed) {
    shared_.parked.Add(&parked_);
  }
  ~ApiWorker() {
    shared_.parked.Remove(&parked_);
    // All workers end together, and their loops after them; what still waits there waits for one of
    // these.
    shared_.acl_changes.Close();
    shared_.logins.Stop();
  }
  ApiWorker(const ApiWorker&) = delete;
  ApiWorker& operator=(const ApiWorker&) = delete;

  const ServerInfo& info() const { return info_; }
  catalog::Catalog& catalog() { return catalog_; }
  SharedState& shared() { return shared_; }
  // The current snapshot; hold the pointer as long as anything found in it is used.
  std::shared_ptr<const catalog::Snapshot> Snapshot() { return reader_.Current(); }
  acl::BearerCache& bearers() { return bearers_; }
  // What is found in it is that of the snapshot, until this is called again.
  const acl::Directory& DirectoryOf(const catalog::Snapshot& snapshot) {
    directory_.Follow(snapshot);
    return directory_;
  }
  ParkedQueries& parked() { return parked_; }
  // Null: nobody is limited.
  RequestLimits* limits() const { return limits_.get(); }
  void SetLimits(std::shared_ptr<RequestLimits> limits) { limits_ = std::move(limits); }

 private:
  const ServerInfo& info_;
  catalog::Catalog& catalog_;
  SharedState& shared_;
  std::shared_ptr<RequestLimits> limits_;
  catalog::SnapshotReader reader_;
  acl::BearerCache bearers_;
  acl::Directory directory_;
  ParkedQueries parked_;
};

}  // namespace rollcall::api
