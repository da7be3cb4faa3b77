// EtcdChannel: a connection to one endpoint of etcd, with the calls that rollcall makes. What gRPC
// does on its threads stays behind this: all is called, and calls back, on the thread that runs the
// io_context, and never from within the call itself.
// Whoever destroys it ends its calls: none of them calls back any more. The io_context runs on
// until the last of them has let go of its memory.
#pragma once

#include <etcdpb/rpc.pb.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "registry/base/result.h"
#include "registry/store/etcd/options.h"
#include "registry/store/etcd/rpc_status.h"

namespace rollcall::store {

struct RpcOptions {
  std::chrono::milliseconds timeout{0};  // streams have none
  std::string token;                     // of a login; empty: without one
};

// The answer is empty unless the status is kOk.
template <typename Response>
using RpcDone = std::function<void(RpcStatus, Response)>;

// A call in which both sides send as much as they like. Destroying it ends it, without a callback.
template <typename Request>
class RpcStream {
 public:
  virtual ~RpcStream() = default;
  virtual void Write(Request request) = 0;
};

template <typename Response>
struct RpcStreamEvents {
  // The next message is read when this has returned; the message may be taken apart.
  std::function<void(Response&)> on_message;
  // The other side has ended it, or the connection has. The last that is called.
  std::function<void(RpcStatus)> on_end;
};

class EtcdChannel {
 public:
  // Answers that are larger fail. Pages of a Load are kept far below, and a watch's answers come in
  // pieces of about etcd's limit for a request (1.5 MiB).
  static constexpr int kMaxMessageBytes = 64 << 20;

  // Connects when the first call is made. kInvalidArgument: a file of `options.tls` cannot be read.
  static Result<std::unique_ptr<EtcdChannel>> Open(std::shared_ptr<boost::asio::io_context> io,
                                                   const EtcdOptions& options,
                                                   const EtcdEndpoint& endpoint);
  ~EtcdChannel();
  EtcdChannel(const EtcdChannel&) = delete;
  EtcdChannel& operator=(const EtcdChannel&) = delete;

  void Authenticate(const etcdserverpb::AuthenticateRequest& request, const RpcOptions& options,
                    RpcDone<etcdserverpb::AuthenticateResponse> done);
  void Range(const etcdserverpb::RangeRequest& request, const RpcOptions& options,
             RpcDone<etcdserverpb::RangeResponse> done);
  void Txn(const etcdserverpb::TxnRequest& request, const RpcOptions& options,
           RpcDone<etcdserverpb::TxnResponse> done);
  void Compact(const etcdserverpb::CompactionRequest& request, const RpcOptions& options,
               RpcDone<etcdserverpb::CompactionResponse> done);
  void Grant(const etcdserverpb::LeaseGrantRequest& request, const RpcOptions& options,
             RpcDone<etcdserverpb::LeaseGrantResponse> done);
  void Revoke(const etcdserverpb::LeaseRevokeRequest& request, const RpcOptions& options,
              RpcDone<etcdserverpb::LeaseRevokeResponse> done);

  std::unique_ptr<RpcStream<etcdserverpb::WatchRequest>> Watch(
      const RpcOptions& options, RpcStreamEvents<etcdserverpb::WatchResponse> events);
  std::unique_ptr<RpcStream<etcdserverpb::LeaseKeepAliveRequest>> KeepAlive(
      const RpcOptions& options, RpcStreamEvents<etcdserverpb::LeaseKeepAliveResponse> events);

 private:
  class Impl;
  explicit EtcdChannel(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace rollcall::store
