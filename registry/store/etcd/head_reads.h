// EtcdHeadReads: asks etcd, through consensus, where the head of the log is. However many ask, one
// question is under way and one waits behind it: an answer is good for all who asked before it was
// sent. While no member of etcd is followed they wait a little for the next one, as proposals do;
// after that they are told why at once, until there is one. All on the thread that runs the
// io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "registry/base/index.h"
#include "registry/store/etcd/client.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/options.h"
#include "registry/store/etcd/timer.h"

namespace rollcall::store {

class EtcdHeadReads {
 public:
  using Done = std::function<void(Result<Index>)>;

  EtcdHeadReads(boost::asio::io_context* io, EtcdKeys keys, const EtcdTimeouts& timeouts)
      : keys_(std::move(keys)), timeouts_(timeouts), patience_(io) {}

  void Read(Done done);

  // All as of EtcdProposals. A question that is under way is asked again.
  void Expect();
  void Connected(EtcdClient* client);
  void Disconnected(const std::string& reason);
  void Refuse(const std::string& reason);

 private:
  void Ask();
  void Answer(std::vector<Done>* to, const Result<Index>& head);

  const EtcdKeys keys_;
  const EtcdTimeouts timeouts_;
  EtcdClient* client_ = nullptr;
  std::string reason_ = "etcd is not followed yet";
  std::vector<Done> asked_;    // the question under way is theirs
  std::vector<Done> waiting_;  // for the next one
  bool refusing_ = true;
  EtcdTimer patience_;
};

}  // namespace rollcall::store
