// EtcdProposals: makes transactions of proposals, and sees to it that each gets its one outcome.
// While no member of etcd is followed they wait a little for the next one; after that they are
// refused at once, until there is one. All on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "registry/store/etcd/client.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/options.h"
#include "registry/store/etcd/timer.h"
#include "registry/store/etcd/transaction.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

class EtcdProposals {
 public:
  struct Options {
    EtcdKeys keys;
    EtcdTimeouts timeouts;
    std::function<Author()> author;  // as of now; asked while connected
    std::function<void(ProposalId, Outcome)> on_outcome;
  };

  EtcdProposals(boost::asio::io_context* io, Options options)
      : options_(std::move(options)), patience_(io) {}

  void Propose(Proposal proposal);

  // A client is to be there soon: what comes waits for it.
  void Expect();
  // From now on by way of `client`, until Disconnected: by then it still must be there.
  void Connected(EtcdClient* client);
  // What is under way has an unknown outcome; what comes now waits.
  void Disconnected(const std::string& reason);
  // Nothing is followed, or not for a while: what waits is refused, and what comes, too.
  void Refuse(const std::string& reason);

 private:
  void Send(const Proposal& proposal);
  void GetOutcome(ProposalId id, Outcome::Kind kind, Error error);

  const Options options_;
  EtcdClient* client_ = nullptr;
  std::set<ProposalId> sent_;
  std::deque<Proposal> held_;
  std::string reason_ = "etcd is not followed yet";  // why there is no client
  bool refusing_ = true;
  EtcdTimer patience_;
};

}  // namespace rollcall::store
