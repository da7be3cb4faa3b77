// EtcdFollower: follows a log from a position on, by way of one endpoint of etcd at a time, and
// tells the listener. It goes to the next endpoint when one fails, and sees to it that what it
// finds there goes on from where it was. Proposals, reads of the head and the lease go the same
// way.
//
//   Connect -> log in -> is it the same log? -> open the watch -> Established -> ...
//      ^------------------- Fail, from anywhere ------------------'    Break: until Follow
//
// All on the thread that runs the io_context; status() may be called on any.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/store/etcd/client.h"
#include "registry/store/etcd/endpoints.h"
#include "registry/store/etcd/entry_assembler.h"
#include "registry/store/etcd/head_reads.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/lease.h"
#include "registry/store/etcd/log_format.h"
#include "registry/store/etcd/probe.h"
#include "registry/store/etcd/proposals.h"
#include "registry/store/etcd/timer.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

struct EtcdLogStatus {
  std::string endpoint;    // that is followed; empty: none
  std::string trouble;     // why none is, or was until a moment ago; empty: all is well
  uint64_t failovers = 0;  // how often an endpoint was given up
  Index head;              // of the log, by the last answer that told of it
};

class EtcdFollower {
 public:
  struct Environment {
    const Clock* clock;
    std::function<uint64_t()> random;
    uint64_t run;  // of this server; see HeadToken
  };

  EtcdFollower(const std::shared_ptr<boost::asio::io_context>& io, const EtcdOptions& options,
               Environment environment);

  // `format`: which log it is, where that is known.
  void Follow(Position position, std::optional<LogFormat> format, SharedLogListener* listener);
  // `done` is called when the lease has been given up, or cannot be.
  void Stop(const std::function<void()>& done);
  // The listener is not called any more from here on: for a Stop that it calls itself.
  void Silence() { listener_ = nullptr; }

  void Propose(Proposal proposal) { proposals_.Propose(std::move(proposal)); }
  void ReadHead(EtcdHeadReads::Done done) { reads_.Read(std::move(done)); }
  void Compact(Index before);

  EtcdLogStatus status() const { return *status_.Lock(); }

 private:
  EtcdProbe::Events ProbeEvents();
  EtcdProposals::Options ProposalOptions();
  void Connect();
  void CheckIt();
  void OpenWatch();
  void OnWatch(etcdserverpb::WatchResponse& response);
  void Established();
  void Deliver(etcdserverpb::WatchResponse& response);
  void OnContact(Clock::TimePoint as_of);
  void OnLease(std::optional<Clock::TimePoint> until);

  void Fail(const std::string& reason);
  void Break(Error error);
  void Disconnect(const std::string& reason);

  const std::shared_ptr<boost::asio::io_context> io_;
  const EtcdOptions options_;
  const EtcdKeys keys_;
  const Environment environment_;
  mutable LockGuarded<EtcdLogStatus> status_;

  SharedLogListener* listener_ = nullptr;
  bool following_ = false;    // between Follow and Stop or Break
  bool established_ = false;  // by way of client_ and watch_
  bool lost_lease_untold_ = false;
  std::string told_trouble_;
  Position position_;
  std::optional<LogFormat> format_;

  EtcdEndpoints endpoints_;
  std::optional<EntryAssembler> assembler_;
  EtcdTimer step_;   // until the watch is open
  EtcdTimer retry_;  // until the next endpoint
  EtcdLease lease_;
  EtcdProposals proposals_;
  EtcdHeadReads reads_;
  EtcdProbe probe_;
  // The last: nothing of the above is called back once they are gone.
  std::unique_ptr<EtcdClient> client_;
  std::unique_ptr<RpcStream<etcdserverpb::WatchRequest>> watch_;
};

}  // namespace rollcall::store
