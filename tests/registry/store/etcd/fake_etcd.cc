#include "tests/registry/store/etcd/fake_etcd.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <thread>

namespace rollcall::store {

namespace pb = etcdserverpb;

class FakeEtcd::Kv final : public pb::KV::Service {
 public:
  explicit Kv(FakeEtcd* etcd) : etcd_(etcd) {}
  grpc::Status Range(grpc::ServerContext*, const pb::RangeRequest* request,
                     pb::RangeResponse* response) override {
    return etcd_->Now().range(*request, response);
  }

 private:
  FakeEtcd* const etcd_;
};

class FakeEtcd::Watching final : public pb::Watch::Service {
 public:
  explicit Watching(FakeEtcd* etcd) : etcd_(etcd) {}
  grpc::Status Watch(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<pb::WatchResponse, pb::WatchRequest>* stream) override {
    pb::WatchRequest request;
    if (!stream->Read(&request)) return grpc::Status::OK;
    ++etcd_->watches_;
    const Says says = etcd_->Now();
    for (const pb::WatchResponse& each : says.watch) stream->Write(each);
    while (!says.end_watch && !context->IsCancelled() && !etcd_->stopping_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return grpc::Status::OK;
  }

 private:
  FakeEtcd* const etcd_;
};

class FakeEtcd::Leases final : public pb::Lease::Service {
 public:
  grpc::Status LeaseGrant(grpc::ServerContext*, const pb::LeaseGrantRequest* request,
                          pb::LeaseGrantResponse* response) override {
    response->set_id(7);
    response->set_ttl(request->ttl());
    return grpc::Status::OK;
  }
};

FakeEtcd::FakeEtcd()
    : says_{.range = SoundRange, .watch = {Created()}, .end_watch = false},
      kv_(std::make_unique<Kv>(this)),
      watching_(std::make_unique<Watching>(this)),
      leases_(std::make_unique<Leases>()) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(port_.address(), grpc::InsecureServerCredentials());
  builder.SetMaxSendMessageSize(-1);
  builder.RegisterService(kv_.get());
  builder.RegisterService(watching_.get());
  builder.RegisterService(leases_.get());
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
}

FakeEtcd::~FakeEtcd() {
  stopping_ = true;
  server_->Shutdown(std::chrono::system_clock::now());
}

void FakeEtcd::Change(const std::function<void(Says&)>& change) {
  const std::lock_guard lock(mutex_);
  change(says_);
}

FakeEtcd::Says FakeEtcd::Now() {
  const std::lock_guard lock(mutex_);
  return says_;
}

grpc::Status FakeEtcd::SoundRange(const pb::RangeRequest& request, pb::RangeResponse* response) {
  response->mutable_header()->set_revision(5);
  mvccpb::KeyValue head;
  head.set_key("rollcall/head");
  head.set_value("0000000000000001-1");
  head.set_mod_revision(5);
  mvccpb::KeyValue format;
  format.set_key("rollcall/format");
  format.set_value("1 01234567-0123-4123-a123-012345678901");
  format.set_mod_revision(1);
  const bool whole = !request.range_end().empty();
  if (whole || request.key() == format.key()) *response->add_kvs() = format;
  if (whole || request.key() == head.key()) *response->add_kvs() = head;
  return grpc::Status::OK;
}

pb::WatchResponse FakeEtcd::Created() {
  pb::WatchResponse response;
  response.set_created(true);
  return response;
}

pb::WatchResponse FakeEtcd::Put(int64_t revision, const std::string& key,
                                const std::string& value) {
  pb::WatchResponse response;
  mvccpb::KeyValue* const kv = response.add_events()->mutable_kv();
  kv->set_key("rollcall/" + key);
  kv->set_value(value);
  kv->set_mod_revision(revision);
  return response;
}

EtcdEndpoint FakeEtcd::endpoint() const {
  return {"127.0.0.1", static_cast<uint16_t>(port_.number())};
}

}  // namespace rollcall::store
