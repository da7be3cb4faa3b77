#include "registry/store/etcd/client.h"

#include <string_view>

namespace rollcall::store {

Result<std::unique_ptr<EtcdClient>> EtcdClient::Open(std::shared_ptr<boost::asio::io_context> io,
                                                     const EtcdOptions& options,
                                                     const EtcdEndpoint& endpoint) {
  auto channel = EtcdChannel::Open(std::move(io), options, endpoint);
  if (!channel) return std::move(channel).error();
  return std::unique_ptr<EtcdClient>(new EtcdClient(*std::move(channel), options));
}

void EtcdClient::Login(std::function<void(RpcStatus)> done) {
  if (user_.empty()) return done({});
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  etcdserverpb::AuthenticateRequest request;
  request.set_name(user_);
  request.set_password(password_);
  channel_->Authenticate(
      request, {timeout_, {}},
      [this](RpcStatus status, const etcdserverpb::AuthenticateResponse& response) {
        // Who is let in without a name is let in with one, too.
        constexpr std::string_view kNotEnabled = "authentication is not enabled";
        if (status.message.find(kNotEnabled) != std::string::npos) status = {};
        token_ = response.token();
        // One of them may be the end of this client, and what they hold with it.
        const std::weak_ptr<bool> alive = alive_;
        for (auto& each : std::exchange(waiting_, {})) {
          if (alive.expired()) return;
          each(status);
        }
      });
}

void EtcdClient::LoginInPlaceOf(const std::string& token, std::function<void(RpcStatus)> done) {
  if (token != token_) return done({});
  Login(std::move(done));
}

}  // namespace rollcall::store
