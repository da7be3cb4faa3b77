#include "registry/store/etcd/lease.h"

#include <algorithm>
#include <utility>

namespace rollcall::store {

namespace pb = etcdserverpb;

namespace {

constexpr std::chrono::milliseconds kRetry{500};
// What etcd could answer is bounded, so that it cannot overflow a time.
constexpr int64_t kLongestLeaseS = 24 * 3600;

}  // namespace

void EtcdLease::Connected(EtcdClient* client) {
  client_ = client;
  if (id_ == 0) {
    Grant();
  } else {
    KeepAlive();
  }
}

void EtcdLease::Disconnected() {
  client_ = nullptr;
  stream_.reset();
  tick_.Stop();
}

void EtcdLease::Next(std::chrono::milliseconds after) {
  tick_.Start(after, [this] {
    if (id_ == 0) {
      Grant();
    } else {
      KeepAlive();
    }
  });
}

void EtcdLease::Grant() {
  pb::LeaseGrantRequest request;
  request.set_ttl(timeouts_.lease_ttl.count());
  // Should the answer be lost: a lease under which nothing was put ends by itself.
  client_->Call(&EtcdChannel::Grant, std::move(request), timeouts_.dial,
                RpcDone<pb::LeaseGrantResponse>(
                    [this, sent = clock_->Now()](const RpcStatus& status,
                                                 const pb::LeaseGrantResponse& response) {
                      if (client_ == nullptr) return;
                      if (!status.ok() || response.id() == 0) return Next(kRetry);
                      id_ = response.id();
                      Renewed(sent, response.ttl());
                    }));
}

void EtcdLease::OpenStream() {
  stream_ = client_->KeepAlive({
      .on_message =
          [this](const pb::LeaseKeepAliveResponse& response) {
            if (response.id() != id_ || !unanswered_) return;
            unanswered_ = false;
            Renewed(sent_, response.ttl());
          },
      .on_end =
          [this](const RpcStatus&) {
            stream_.reset();
            Next(kRetry);
          },
  });
}

void EtcdLease::KeepAlive() {
  // One that did not answer the last time is not asked again.
  if (stream_ && unanswered_) stream_.reset();
  if (!stream_) OpenStream();
  sent_ = clock_->Now();
  unanswered_ = true;
  pb::LeaseKeepAliveRequest request;
  request.set_id(id_);
  stream_->Write(std::move(request));
  Next(std::chrono::milliseconds(timeouts_.lease_ttl) / 3);
}

void EtcdLease::Renewed(Clock::TimePoint sent, int64_t ttl_s) {
  if (ttl_s <= 0) {
    Lost();
    return Grant();
  }
  const auto until = sent + std::chrono::seconds(std::min(ttl_s, kLongestLeaseS));
  expiry_.Start(until - clock_->Now(), [this] {
    // It may live on for a moment; but who relies on it must know that it does not.
    Revoke([] {});
    on_lease_(std::nullopt);
    if (client_ != nullptr) Grant();
  });
  Next(std::chrono::milliseconds(timeouts_.lease_ttl) / 3);
  on_lease_(until);
}

void EtcdLease::Lost() {
  Forget();
  on_lease_(std::nullopt);
}

void EtcdLease::Forget() {
  id_ = 0;
  unanswered_ = false;
  stream_.reset();
  tick_.Stop();
  expiry_.Stop();
}

void EtcdLease::Revoke(const std::function<void()>& done) {
  pb::LeaseRevokeRequest request;
  request.set_id(id_);
  const bool can = client_ != nullptr && id_ != 0;
  Forget();
  if (!can) return done();
  client_->Call(&EtcdChannel::Revoke, std::move(request), timeouts_.revoke,
                RpcDone<pb::LeaseRevokeResponse>(
                    [done](const RpcStatus&, const pb::LeaseRevokeResponse&) { done(); }));
}

}  // namespace rollcall::store
