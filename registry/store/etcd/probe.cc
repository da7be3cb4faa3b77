#include "registry/store/etcd/probe.h"

#include <utility>

namespace rollcall::store {

namespace pb = etcdserverpb;

void EtcdProbe::Start(EtcdClient* client, Index head) {
  client_ = client;
  told_ = head;
  Ask();
}

void EtcdProbe::Stop() {
  client_ = nullptr;
  asked_.reset();
  next_.Stop();
  behind_.Stop();
}

void EtcdProbe::Ask() {
  pb::RangeRequest request;
  request.set_key(keys_.head());
  request.set_keys_only(true);
  client_->Call(
      &EtcdChannel::Range, std::move(request), timeouts_.probe_deadline,
      RpcDone<pb::RangeResponse>([this, sent = clock_->Now(), told = told_](
                                     const RpcStatus& status, const pb::RangeResponse& head) {
        Answered(sent, told, status, head);
      }));
}

void EtcdProbe::Answered(Clock::TimePoint sent, Index told_before, const RpcStatus& status,
                         const pb::RangeResponse& head) {
  if (client_ == nullptr) return;
  if (!status.ok()) return events_.on_failed(Describe(status));
  wanted_ = head.kvs().empty() ? Index() : Index(static_cast<uint64_t>(head.kvs(0).mod_revision()));
  if (wanted_ < told_before) {
    return events_.on_broken(Corruption("etcd's log ends at " + std::to_string(wanted_.value()) +
                                        ", before " + std::to_string(told_before.value()) +
                                        " (was a backup restored?)"));
  }
  events_.on_head(wanted_);
  asked_ = sent;
  SeeWhetherBehind();
}

void EtcdProbe::Delivered(Index head) {
  told_ = head;
  if (asked_) SeeWhetherBehind();
}

void EtcdProbe::SeeWhetherBehind() {
  if (told_ < wanted_) {
    // Counted anew with each thing that the watch tells: to catch up may take long.
    behind_.Start(timeouts_.probe_deadline, [this] {
      events_.on_failed("its watch does not tell of revision " + std::to_string(wanted_.value()));
    });
    return;
  }
  behind_.Stop();
  const Clock::TimePoint sent = *std::exchange(asked_, std::nullopt);
  next_.Start(sent + timeouts_.probe_interval - clock_->Now(), [this] { Ask(); });
  events_.on_contact(sent);
}

}  // namespace rollcall::store
