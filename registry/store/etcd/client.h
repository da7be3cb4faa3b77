// EtcdClient: one endpoint of etcd, as the user of the options. It logs in before it is used and
// whenever etcd has forgotten that, which it does with every restart; the call that finds out is
// made once more, since nothing was done.
// Threads and lifetime are those of EtcdChannel.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "registry/store/etcd/channel.h"

namespace rollcall::store {

class EtcdClient {
 public:
  static Result<std::unique_ptr<EtcdClient>> Open(std::shared_ptr<boost::asio::io_context> io,
                                                  const EtcdOptions& options,
                                                  const EtcdEndpoint& endpoint);

  // Done at once where the options name no user. Calls before that are made without a login.
  void Login(std::function<void(RpcStatus)> done);

  // Call(&EtcdChannel::Range, request, timeout, done)
  template <typename Request, typename Response>
  void Call(void (EtcdChannel::*method)(const Request&, const RpcOptions&, RpcDone<Response>),
            Request request, std::chrono::milliseconds timeout, RpcDone<Response> done) {
    const RpcOptions options{timeout, token_};
    if (user_.empty()) {
      (channel_.get()->*method)(request, options, std::move(done));
      return;
    }
    auto ended = [this, method, request, timeout, done = std::move(done), used = token_](
                     const RpcStatus& status, Response response) {
      if (!IsStaleLogin(status)) return done(status, std::move(response));
      LoginInPlaceOf(used, [this, method, request, timeout, done](const RpcStatus& login) {
        if (!login.ok()) return done(login, Response());
        (channel_.get()->*method)(request, {timeout, token_}, done);
      });
    };
    (channel_.get()->*method)(request, options, std::move(ended));
  }

  std::unique_ptr<RpcStream<etcdserverpb::WatchRequest>> Watch(
      RpcStreamEvents<etcdserverpb::WatchResponse> events) {
    return channel_->Watch({{}, token_}, std::move(events));
  }
  std::unique_ptr<RpcStream<etcdserverpb::LeaseKeepAliveRequest>> KeepAlive(
      RpcStreamEvents<etcdserverpb::LeaseKeepAliveResponse> events) {
    return channel_->KeepAlive({{}, token_}, std::move(events));
  }

 private:
  EtcdClient(std::unique_ptr<EtcdChannel> channel, const EtcdOptions& options)
      : user_(options.user),
        password_(options.password),
        timeout_(options.timeouts.dial),
        channel_(std::move(channel)) {}

  // Does nothing where another call has logged in meanwhile.
  void LoginInPlaceOf(const std::string& token, std::function<void(RpcStatus)> done);

  const std::string user_;
  const std::string password_;
  const std::chrono::milliseconds timeout_;
  std::string token_;
  std::vector<std::function<void(RpcStatus)>> waiting_;  // for the login that is under way
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  // The last: nothing of the above is called back once it is gone.
  const std::unique_ptr<EtcdChannel> channel_;
};

}  // namespace rollcall::store
