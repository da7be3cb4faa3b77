// ServerProbes: runs the HTTP and TCP checks that are registered on the server's own node through
// its /v1/agent endpoints, and writes what they find to the catalog. The catalog itself says which
// checks there are: after a restart they go on.
//
// Made before the loop runs and destroyed after it has ended; between, it belongs to that loop's
// thread. OnChange is the writer's.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "agent/probe/prober.h"
#include "registry/catalog/catalog.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::cli {

class ServerProbes final : public catalog::ChangeListener {
 public:
  ServerProbes(boost::asio::io_context& loop, catalog::Catalog& catalog, std::string node,
               std::function<double()> random);
  ~ServerProbes() override;

  void OnChange(const std::shared_ptr<const catalog::ChangeSet>& changes) override;

 private:
  // Probes what the node's checks now ask for, and nothing else.
  void Follow(const catalog::Snapshot& snapshot);
  void Report(const std::string& check_id, const probe::ProbeResult& result);

  boost::asio::io_context& loop_;
  catalog::Catalog& catalog_;
  const std::string node_;
  const catalog::WatchKey key_;
  probe::Prober prober_;
  std::set<std::string> probed_;
};

}  // namespace rollcall::cli
