#include "registry/store/etcd/head_reads.h"

#include <iterator>
#include <utility>

namespace rollcall::store {

namespace pb = etcdserverpb;

void EtcdHeadReads::Read(Done done) {
  if (client_ == nullptr && refusing_) return done(Unavailable(reason_));
  waiting_.push_back(std::move(done));
  if (client_ != nullptr && asked_.empty()) Ask();
}

void EtcdHeadReads::Ask() {
  asked_ = std::exchange(waiting_, {});
  pb::RangeRequest request;
  request.set_key(keys_.head());
  request.set_keys_only(true);
  client_->Call(
      &EtcdChannel::Range, std::move(request), timeouts_.probe_deadline,
      RpcDone<pb::RangeResponse>([this](const RpcStatus& status, const pb::RangeResponse& head) {
        if (!status.ok()) {
          Answer(&asked_, UnreachableError("etcd does not say where its log is", status));
        } else {
          const bool there = !head.kvs().empty();
          Answer(&asked_,
                 Index(there ? static_cast<uint64_t>(head.kvs(0).mod_revision()) : uint64_t{0}));
        }
        if (client_ != nullptr && asked_.empty() && !waiting_.empty()) Ask();
      }));
}

void EtcdHeadReads::Connected(EtcdClient* client) {
  client_ = client;
  refusing_ = false;
  patience_.Stop();
  if (!waiting_.empty()) Ask();
}

void EtcdHeadReads::Disconnected(const std::string& reason) {
  const bool was_connected = client_ != nullptr;
  client_ = nullptr;
  reason_ = reason;
  waiting_.insert(waiting_.begin(), std::make_move_iterator(asked_.begin()),
                  std::make_move_iterator(asked_.end()));
  asked_.clear();
  if (was_connected) Expect();
}

void EtcdHeadReads::Expect() {
  refusing_ = false;
  patience_.Start(timeouts_.hold, [this] { Refuse(reason_); });
}

void EtcdHeadReads::Refuse(const std::string& reason) {
  Disconnected(std::string(reason));
  patience_.Stop();
  refusing_ = true;
  Answer(&waiting_, Unavailable(reason_));
}

void EtcdHeadReads::Answer(std::vector<Done>* to, const Result<Index>& head) {
  for (const Done& each : std::exchange(*to, {})) each(head);
}

}  // namespace rollcall::store
