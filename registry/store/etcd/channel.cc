#include "registry/store/etcd/channel.h"

#include <etcdpb/rpc.grpc.pb.h>

#include <set>
#include <utility>

#include "registry/store/etcd/channel_credentials.h"
#include "registry/store/etcd/grpc_calls.h"

namespace rollcall::store {

namespace pb = etcdserverpb;

class EtcdChannel::Impl {
 public:
  Impl(std::shared_ptr<boost::asio::io_context> io, const std::shared_ptr<grpc::Channel>& channel)
      : io_(std::move(io)),
        auth_(pb::Auth::NewStub(channel)),
        kv_(pb::KV::NewStub(channel)),
        lease_(pb::Lease::NewStub(channel)),
        watch_(pb::Watch::NewStub(channel)) {}

  ~Impl() {
    for (GrpcCall* call : calls_) call->Drop();
  }

  template <typename AsyncStub, typename Request, typename Response>
  void Call(AsyncStub* stub,
            void (AsyncStub::*method)(grpc::ClientContext*, const Request*, Response*,
                                      std::function<void(grpc::Status)>),
            const Request& request, const RpcOptions& options, RpcDone<Response> done) {
    using Unary = GrpcUnaryCall<Request, Response>;
    auto* call = new Unary(io_, request, options, std::move(done),
                           [this](Unary* finished) { calls_.erase(finished); });
    calls_.insert(call);
    call->Start(stub, method);
  }

  template <typename AsyncStub, typename Request, typename Response>
  std::unique_ptr<RpcStream<Request>> OpenStream(
      AsyncStub* stub,
      void (AsyncStub::*method)(grpc::ClientContext*, grpc::ClientBidiReactor<Request, Response>*),
      const RpcOptions& options, RpcStreamEvents<Response> events) {
    using Stream = GrpcStreamCall<Request, Response>;
    auto handle = std::make_unique<Handle<Stream, Request>>();
    // The handle is told when the call goes, the call when the handle does.
    auto* call =
        new Stream(io_, options, std::move(events), [this, alive = handle->call](Stream* finished) {
          calls_.erase(finished);
          *alive = nullptr;
        });
    *handle->call = call;
    handle->forget = [this](Stream* dropped) { calls_.erase(dropped); };
    handle->channel = alive_;
    calls_.insert(call);
    call->Start(stub, method);
    return handle;
  }

  pb::Auth::Stub* auth() { return auth_.get(); }
  pb::KV::Stub* kv() { return kv_.get(); }
  pb::Lease::Stub* lease() { return lease_.get(); }
  pb::Watch::Stub* watch() { return watch_.get(); }

 private:
  // What the user of a stream holds. It may outlive the channel, whose end ends its calls.
  template <typename Stream, typename Request>
  struct Handle final : RpcStream<Request> {
    ~Handle() override {
      if (*call == nullptr || channel.expired()) return;
      forget(*call);
      (*call)->Drop();
    }
    void Write(Request request) override {
      if (*call != nullptr && !channel.expired()) (*call)->Write(std::move(request));
    }
    const std::shared_ptr<Stream*> call = std::make_shared<Stream*>(nullptr);
    std::function<void(Stream*)> forget;
    std::weak_ptr<bool> channel;
  };

  const std::shared_ptr<boost::asio::io_context> io_;
  const std::unique_ptr<pb::Auth::Stub> auth_;
  const std::unique_ptr<pb::KV::Stub> kv_;
  const std::unique_ptr<pb::Lease::Stub> lease_;
  const std::unique_ptr<pb::Watch::Stub> watch_;
  std::set<GrpcCall*> calls_;  // under way; each owns itself
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Result<std::unique_ptr<EtcdChannel>> EtcdChannel::Open(std::shared_ptr<boost::asio::io_context> io,
                                                       const EtcdOptions& options,
                                                       const EtcdEndpoint& endpoint) {
  auto channel = MakeGrpcChannel(options, endpoint);
  if (!channel) return std::move(channel).error();
  auto impl = std::make_unique<Impl>(std::move(io), *std::move(channel));
  return std::unique_ptr<EtcdChannel>(new EtcdChannel(std::move(impl)));
}

EtcdChannel::EtcdChannel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EtcdChannel::~EtcdChannel() = default;

void EtcdChannel::Authenticate(const pb::AuthenticateRequest& request, const RpcOptions& options,
                               RpcDone<pb::AuthenticateResponse> done) {
  impl_->Call(impl_->auth()->async(), &pb::Auth::Stub::async::Authenticate, request, options,
              std::move(done));
}

void EtcdChannel::Range(const pb::RangeRequest& request, const RpcOptions& options,
                        RpcDone<pb::RangeResponse> done) {
  impl_->Call(impl_->kv()->async(), &pb::KV::Stub::async::Range, request, options, std::move(done));
}

void EtcdChannel::Txn(const pb::TxnRequest& request, const RpcOptions& options,
                      RpcDone<pb::TxnResponse> done) {
  impl_->Call(impl_->kv()->async(), &pb::KV::Stub::async::Txn, request, options, std::move(done));
}

void EtcdChannel::Compact(const pb::CompactionRequest& request, const RpcOptions& options,
                          RpcDone<pb::CompactionResponse> done) {
  impl_->Call(impl_->kv()->async(), &pb::KV::Stub::async::Compact, request, options,
              std::move(done));
}

void EtcdChannel::Grant(const pb::LeaseGrantRequest& request, const RpcOptions& options,
                        RpcDone<pb::LeaseGrantResponse> done) {
  impl_->Call(impl_->lease()->async(), &pb::Lease::Stub::async::LeaseGrant, request, options,
              std::move(done));
}

void EtcdChannel::Revoke(const pb::LeaseRevokeRequest& request, const RpcOptions& options,
                         RpcDone<pb::LeaseRevokeResponse> done) {
  impl_->Call(impl_->lease()->async(), &pb::Lease::Stub::async::LeaseRevoke, request, options,
              std::move(done));
}

std::unique_ptr<RpcStream<pb::WatchRequest>> EtcdChannel::Watch(
    const RpcOptions& options, RpcStreamEvents<pb::WatchResponse> events) {
  return impl_->OpenStream(impl_->watch()->async(), &pb::Watch::Stub::async::Watch, options,
                           std::move(events));
}

std::unique_ptr<RpcStream<pb::LeaseKeepAliveRequest>> EtcdChannel::KeepAlive(
    const RpcOptions& options, RpcStreamEvents<pb::LeaseKeepAliveResponse> events) {
  return impl_->OpenStream(impl_->lease()->async(), &pb::Lease::Stub::async::LeaseKeepAlive,
                           options, std::move(events));
}

}  // namespace rollcall::store
