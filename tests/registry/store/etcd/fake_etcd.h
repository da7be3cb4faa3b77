// FakeEtcd: a server that speaks etcd's calls and says what a test wants it to: true, late, too
// large or wrong. Its answers are made on gRPC's threads; what they are made of may be changed at
// any time, by way of Change.
#pragma once

#include <etcdpb/rpc.grpc.pb.h>
#include <grpcpp/server.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "registry/store/etcd/options.h"
#include "tests/e2e/harness/port.h"

namespace rollcall::store {

class FakeEtcd {
 public:
  struct Says {
    // By default: a log that has its format, and a head that was moved at revision 5.
    std::function<grpc::Status(const etcdserverpb::RangeRequest&, etcdserverpb::RangeResponse*)>
        range;
    // One after the other, on each watch; then it stays silent, or ends.
    std::vector<etcdserverpb::WatchResponse> watch;
    bool end_watch = false;
  };

  FakeEtcd();
  ~FakeEtcd();
  FakeEtcd(const FakeEtcd&) = delete;
  FakeEtcd& operator=(const FakeEtcd&) = delete;

  void Change(const std::function<void(Says&)>& change);
  // What `range` does by default.
  static grpc::Status SoundRange(const etcdserverpb::RangeRequest& request,
                                 etcdserverpb::RangeResponse* response);
  static etcdserverpb::WatchResponse Created();
  // A put of `key`, under "rollcall/".
  static etcdserverpb::WatchResponse Put(int64_t revision, const std::string& key,
                                         const std::string& value);

  EtcdEndpoint endpoint() const;
  std::string address() const { return port_.address(); }
  int watches() const { return watches_; }

 private:
  class Kv;
  class Watching;
  class Leases;

  Says Now();

  const e2e::Port port_;
  std::mutex mutex_;
  Says says_;
  std::atomic<int> watches_{0};
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Kv> kv_;
  std::unique_ptr<Watching> watching_;
  std::unique_ptr<Leases> leases_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace rollcall::store
