// EtcdLease: one lease of this server in etcd, kept alive by way of whichever member is followed.
// What is put under it goes when the server has not been heard of for its time. A lease that may
// have run out is given up, and a new one taken: whoever put keys under it puts them again.
// All on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "registry/base/clock.h"
#include "registry/store/etcd/client.h"
#include "registry/store/etcd/options.h"
#include "registry/store/etcd/timer.h"

namespace rollcall::store {

class EtcdLease {
 public:
  // As of SharedLogListener::OnLease.
  using OnLease = std::function<void(std::optional<Clock::TimePoint> until)>;

  EtcdLease(boost::asio::io_context* io, const EtcdTimeouts& timeouts, const Clock* clock,
            OnLease on_lease)
      : timeouts_(timeouts),
        clock_(clock),
        on_lease_(std::move(on_lease)),
        tick_(io),
        expiry_(io) {}

  // 0: there is none.
  int64_t id() const { return id_; }

  // Until Disconnected, `client` must be there.
  void Connected(EtcdClient* client);
  void Disconnected();
  // Gives it up. `done` is called when etcd has done so, or will not.
  void Revoke(const std::function<void()>& done);

 private:
  void Grant();
  void KeepAlive();
  void Renewed(Clock::TimePoint sent, int64_t ttl_s);
  void Lost();
  void Forget();
  void OpenStream();
  void Next(std::chrono::milliseconds after);

  const EtcdTimeouts timeouts_;
  const Clock* const clock_;
  const OnLease on_lease_;
  EtcdClient* client_ = nullptr;
  int64_t id_ = 0;
  Clock::TimePoint sent_;    // the last question
  bool unanswered_ = false;  // that one
  std::unique_ptr<RpcStream<etcdserverpb::LeaseKeepAliveRequest>> stream_;
  EtcdTimer tick_;
  EtcdTimer expiry_;
};

}  // namespace rollcall::store
