// EtcdHeadReads: asks etcd, through consensus, where the head of the log is. However many ask, one
// question is under way and one waits behind it: an answer is good for all who asked before it was
// sent. All on the thread that runs the io_context.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "registry/base/index.h"
#include "registry/store/etcd/client.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/options.h"

namespace rollcall::store {

class EtcdHeadReads {
 public:
  using Done = std::function<void(Result<Index>)>;

  EtcdHeadReads(EtcdKeys keys, const EtcdTimeouts& timeouts)
      : keys_(std::move(keys)), timeout_(timeouts.probe_deadline) {}

  void Read(Done done);

  // As of EtcdProposals. Without a client everybody is told why.
  void Connected(EtcdClient* client) { client_ = client; }
  void Disconnected(const std::string& reason);

 private:
  void Ask();
  void Answer(std::vector<Done>* to, const Result<Index>& head);

  const EtcdKeys keys_;
  const std::chrono::milliseconds timeout_;
  EtcdClient* client_ = nullptr;
  std::string reason_ = "etcd is not followed yet";
  std::vector<Done> asked_;    // the question under way is theirs
  std::vector<Done> waiting_;  // for the next one
};

}  // namespace rollcall::store
