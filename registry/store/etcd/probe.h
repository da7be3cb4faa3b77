// EtcdProbe: shows once a second that what the watch has told is all there was: it asks etcd,
// through consensus, where the head of the log is, and waits until the watch has come so far. (A
// watch's own progress notices are not to be relied on: etcd issue 15220.) A member that does not
// answer, or whose watch stays behind without telling anything, has failed.
// All on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>

#include "registry/base/clock.h"
#include "registry/base/index.h"
#include "registry/store/etcd/client.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/options.h"
#include "registry/store/etcd/timer.h"

namespace rollcall::store {

class EtcdProbe {
 public:
  struct Events {
    std::function<void(Index head)> on_head;  // etcd's
    std::function<void(Clock::TimePoint as_of)> on_contact;
    std::function<void(const std::string& reason)> on_failed;  // of this member
    std::function<void(Error)> on_broken;                      // of the log
  };

  EtcdProbe(boost::asio::io_context* io, EtcdKeys keys, const EtcdTimeouts& timeouts,
            const Clock* clock, Events events)
      : keys_(std::move(keys)),
        timeouts_(timeouts),
        clock_(clock),
        events_(std::move(events)),
        next_(io),
        behind_(io) {}

  // `client` must be there until Stop. The watch has told of `head` already.
  void Start(EtcdClient* client, Index head);
  void Stop();
  // The watch has told of something, and has come to this head.
  void Delivered(Index head);

 private:
  void Ask();
  void Answered(Clock::TimePoint sent, Index told_before, const RpcStatus& status,
                const etcdserverpb::RangeResponse& head);
  void SeeWhetherBehind();

  const EtcdKeys keys_;
  const EtcdTimeouts timeouts_;
  const Clock* const clock_;
  const Events events_;
  EtcdClient* client_ = nullptr;
  Index told_;                             // by the watch
  std::optional<Clock::TimePoint> asked_;  // the answer is there, what it tells of is not
  Index wanted_;                           // by that answer
  EtcdTimer next_;
  EtcdTimer behind_;
};

}  // namespace rollcall::store
