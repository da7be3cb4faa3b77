// EtcdLog: a SharedLog in etcd (3.4 or later), for any number of servers. The keys are
// described in keys.h, a write in transaction.h, how it is followed in follower.h.
//
// Threads: as of SharedLog. One thread of its own owns all state and calls the listener; gRPC's
// threads only hand things to it. The listener may call anything but Load and the destructor.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/store/etcd/follower.h"
#include "registry/store/etcd/log_format.h"
#include "registry/store/etcd/options.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

class EtcdLog final : public SharedLog {
 public:
  // Nothing is asked of etcd before Load. `clock` outlives the log. `random`: evenly distributed,
  // different for each run of each server; called on the log's threads too, one call at a time.
  EtcdLog(EtcdOptions options, const Clock* clock, std::function<uint64_t()> random);
  // Stops, and waits for what is under way to be given up.
  ~EtcdLog() override;
  EtcdLog(const EtcdLog&) = delete;
  EtcdLog& operator=(const EtcdLog&) = delete;

  Result<Position> Load(const KeySink& sink, const std::stop_token& given_up) override;
  void Follow(Position position, SharedLogListener* listener) override;
  // Waits up to options.timeouts.revoke for etcd to take back the lease, so that what was put while
  // this server lives goes at once.
  void Stop() override;
  void Propose(Proposal proposal) override;
  void ReadHead(std::function<void(Result<Index>)> done) override;
  void Compact(Index before) override;

  LogFigures figures() const override {
    const EtcdLogStatus now = status();
    return {now.head, now.failovers};
  }
  EtcdLogStatus status() const { return follower_->status(); }

 private:
  const EtcdOptions options_;
  const LogFormat new_log_;
  LockGuarded<std::optional<LogFormat>> format_;  // of the log that was loaded
  const std::shared_ptr<boost::asio::io_context> io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<EtcdFollower> follower_;
  std::thread thread_;
};

}  // namespace rollcall::store
