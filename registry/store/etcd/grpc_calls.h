// The two kinds of calls that an EtcdChannel makes of gRPC's callback interface. gRPC calls back on
// threads of its own; what it tells is posted to the io_context, and all state is touched there
// alone. Each call owns itself until gRPC is done with it, and keeps the io_context running so
// long.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "registry/store/etcd/channel.h"

namespace rollcall::store {

using IoWork = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

// Of gRPC's threads. What is posted may be the last thing that the io_context does, and be done,
// and the owner of both gone, before `post` has returned: so it is held until then.
template <typename Handler>
void PostTo(std::shared_ptr<boost::asio::io_context> io, Handler handler) {  // NOLINT: a copy
  boost::asio::post(*io, std::move(handler));
}

inline RpcStatus ToRpcStatus(const grpc::Status& status) {
  return {static_cast<RpcCode>(status.error_code()), status.error_message()};
}

inline void Prepare(const RpcOptions& options, grpc::ClientContext* context) {
  if (options.timeout.count() > 0) {
    context->set_deadline(std::chrono::system_clock::now() + options.timeout);
  }
  // A member that has lost its leader says so at once instead of waiting for one.
  context->AddMetadata("hasleader", "true");
  if (!options.token.empty()) context->AddMetadata("token", options.token);
}

// What a channel can do to any of its calls.
class GrpcCall {
 public:
  virtual ~GrpcCall() = default;
  // Ends it; its owner is not told.
  virtual void Drop() = 0;
};

// One question, one answer.
template <typename Request, typename Response>
class GrpcUnaryCall final : public GrpcCall {
 public:
  using Finished = std::function<void(GrpcUnaryCall*)>;

  // Lives until it has called `finished`, which then owns nothing of it.
  GrpcUnaryCall(std::shared_ptr<boost::asio::io_context> io, const Request& request,
                const RpcOptions& options, RpcDone<Response> done, Finished finished)
      : io_(std::move(io)),
        work_(io_->get_executor()),
        request_(request),
        done_(std::move(done)),
        finished_(std::move(finished)) {
    Prepare(options, &context_);
  }

  template <typename AsyncStub, typename Method>
  void Start(AsyncStub* stub, Method method) {
    (stub->*method)(&context_, &request_, &response_, [this](const grpc::Status& status) {
      PostTo(io_, [this, status = ToRpcStatus(status)] { End(status); });
    });
  }

  void Drop() override {
    done_ = nullptr;
    finished_ = nullptr;
    context_.TryCancel();
  }

 private:
  void End(const RpcStatus& status) {
    const std::unique_ptr<GrpcUnaryCall> self(this);
    if (finished_) finished_(this);
    if (done_) done_(status, status.ok() ? std::move(response_) : Response());
  }

  const std::shared_ptr<boost::asio::io_context> io_;
  const IoWork work_;
  grpc::ClientContext context_;
  const Request request_;
  Response response_;
  RpcDone<Response> done_;
  Finished finished_;
};

// Many questions, many answers.
template <typename Request, typename Response>
class GrpcStreamCall final : public grpc::ClientBidiReactor<Request, Response>, public GrpcCall {
 public:
  using Finished = std::function<void(GrpcStreamCall*)>;

  GrpcStreamCall(std::shared_ptr<boost::asio::io_context> io, const RpcOptions& options,
                 RpcStreamEvents<Response> events, Finished finished)
      : io_(std::move(io)),
        work_(io_->get_executor()),
        events_(std::make_shared<RpcStreamEvents<Response>>(std::move(events))),
        finished_(std::move(finished)) {
    Prepare(options, &context_);
  }

  template <typename AsyncStub, typename Method>
  void Start(AsyncStub* stub, Method method) {
    (stub->*method)(&context_, this);
    // Reads and writes are begun outside of gRPC's callbacks; the hold tells it to wait for them.
    this->AddHold();
    this->StartRead(&response_);
    this->StartCall();
  }

  void Write(Request request) {
    if (ending_) return;
    writes_.push_back(std::move(request));
    if (writes_.size() == 1) this->StartWrite(&writes_.front());
  }

  void Drop() override {
    events_ = nullptr;
    finished_ = nullptr;
    context_.TryCancel();
  }

  void OnReadDone(bool ok) override {
    PostTo(io_, [this, ok] { Read(ok); });
  }
  void OnWriteDone(bool ok) override {
    PostTo(io_, [this, ok] { Written(ok); });
  }
  void OnDone(const grpc::Status& status) override {
    PostTo(io_, [this, status = ToRpcStatus(status)] { End(status); });
  }

 private:
  void Read(bool ok) {
    // Who is told may drop this call, or the whole channel, meanwhile.
    if (const auto events = events_; ok && events) events->on_message(response_);
    if (ok && events_) {
      this->StartRead(&response_);
    } else {
      ending_ = true;
      this->RemoveHold();
    }
  }

  void Written(bool ok) {
    writes_.pop_front();
    if (!ok || ending_) writes_.clear();
    if (!writes_.empty()) this->StartWrite(&writes_.front());
  }

  void End(const RpcStatus& status) {
    const std::unique_ptr<GrpcStreamCall> self(this);
    if (finished_) finished_(this);
    if (const auto events = events_) events->on_end(status);
  }

  const std::shared_ptr<boost::asio::io_context> io_;
  const IoWork work_;
  grpc::ClientContext context_;
  Response response_;
  std::deque<Request> writes_;  // the first one is under way
  bool ending_ = false;         // nothing more is begun
  std::shared_ptr<RpcStreamEvents<Response>> events_;
  Finished finished_;
};

}  // namespace rollcall::store
