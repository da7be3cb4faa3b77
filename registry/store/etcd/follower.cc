#include "registry/store/etcd/follower.h"

#include <utility>

#include "registry/store/etcd/continuity.h"

namespace rollcall::store {

namespace pb = etcdserverpb;

namespace {

std::vector<WatchedChange> TakeChanges(pb::WatchResponse& response) {
  std::vector<WatchedChange> changes;
  changes.reserve(static_cast<size_t>(response.events_size()));
  for (mvccpb::Event& event : *response.mutable_events()) {
    mvccpb::KeyValue& kv = *event.mutable_kv();
    WatchedChange change;
    change.key = std::move(*kv.mutable_key());
    change.revision = static_cast<uint64_t>(kv.mod_revision());
    if (event.type() == mvccpb::Event::PUT) change.value = std::move(*kv.mutable_value());
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace

EtcdFollower::EtcdFollower(const std::shared_ptr<boost::asio::io_context>& io,
                           const EtcdOptions& options, Environment environment)
    : io_(io),
      options_(options),
      keys_(options.prefix),
      environment_(std::move(environment)),
      endpoints_(options_, environment_.random),
      step_(io.get()),
      retry_(io.get()),
      lease_(io.get(), options_.timeouts, environment_.clock,
             [this](std::optional<Clock::TimePoint> until) { OnLease(until); }),
      proposals_(io.get(), ProposalOptions()),
      reads_(io.get(), keys_, options_.timeouts),
      probe_(io.get(), keys_, options_.timeouts, environment_.clock, ProbeEvents()) {}

EtcdProposals::Options EtcdFollower::ProposalOptions() {
  return {.keys = keys_,
          .timeouts = options_.timeouts,
          // There is a format as soon as there is a client to propose by.
          .author =
              [this] {
                return Author{environment_.run, lease_.id(), *format_};
              },
          .on_outcome =
              [this](ProposalId id, Outcome outcome) {
                if (listener_ != nullptr) listener_->OnOutcome(id, std::move(outcome));
              }};
}

EtcdProbe::Events EtcdFollower::ProbeEvents() {
  return {.on_head = [this](Index head) { status_.Lock()->head = head; },
          .on_contact = [this](Clock::TimePoint as_of) { OnContact(as_of); },
          .on_failed = [this](const std::string& reason) { Fail(reason); },
          .on_broken = [this](Error error) { Break(std::move(error)); }};
}

void EtcdFollower::Follow(Position position, std::optional<LogFormat> format,
                          SharedLogListener* listener) {
  Disconnect("etcd is followed anew");
  position_ = std::move(position);
  format_ = std::move(format);
  listener_ = listener;
  following_ = true;
  told_trouble_.clear();
  proposals_.Expect();
  reads_.Expect();
  if (std::exchange(lost_lease_untold_, false)) listener_->OnLease(std::nullopt);
  Connect();
}

void EtcdFollower::Stop(const std::function<void()>& done) {
  listener_ = nullptr;
  following_ = false;
  proposals_.Refuse("the log is not followed any more");
  reads_.Refuse("the log is not followed any more");
  lease_.Revoke([this, done] {
    // Not while nobody has stopped it again.
    if (!following_) Disconnect("the log is not followed any more");
    done();
  });
}

void EtcdFollower::Connect() {
  auto client = EtcdClient::Open(io_, options_, endpoints_.current());
  if (!client) return Fail(client.error().message);
  client_ = *std::move(client);
  client_->Login([this](const RpcStatus& status) {
    if (!status.ok()) return Fail("cannot log in: " + Describe(status));
    CheckIt();
  });
}

void EtcdFollower::CheckIt() {
  CheckContinuity(client_.get(), {keys_, position_, format_, options_.timeouts.dial},
                  [this](Continuity found) {
                    if (!found.status.ok()) return Fail(Describe(found.status));
                    if (found.broken) return Break(*std::move(found.broken));
                    format_ = std::move(found.format);
                    OpenWatch();
                  });
}

void EtcdFollower::OpenWatch() {
  assembler_.emplace(keys_, environment_.run, position_.revision, format_->uuid);
  step_.Start(options_.timeouts.dial, [this] { Fail("it opens no watch in time"); });
  watch_ = client_->Watch({
      .on_message = [this](pb::WatchResponse& response) { OnWatch(response); },
      .on_end = [this](const RpcStatus& status) { Fail("its watch ended: " + Describe(status)); },
  });
  pb::WatchRequest request;
  pb::WatchCreateRequest* const create = request.mutable_create_request();
  create->set_key(keys_.prefix());
  create->set_range_end(keys_.end());
  create->set_start_revision(static_cast<int64_t>(position_.revision.Next().value()));
  create->set_fragment(true);
  watch_->Write(std::move(request));
}

void EtcdFollower::OnWatch(pb::WatchResponse& response) {
  if (response.compact_revision() != 0) {
    return Break(Unavailable("etcd has compacted away what came after revision " +
                             std::to_string(position_.revision.value())));
  }
  if (response.canceled()) {
    return Fail("it ended the watch: " + Describe({RpcCode::kUnknown, response.cancel_reason()}));
  }
  if (response.created() && !established_) Established();
  if (response.events_size() > 0 && following_) Deliver(response);
}

void EtcdFollower::Established() {
  step_.Stop();
  established_ = true;
  status_.Lock()->endpoint = endpoints_.current().Text();
  lease_.Connected(client_.get());
  proposals_.Connected(client_.get());
  reads_.Connected(client_.get());
  probe_.Start(client_.get(), position_.head);
}

void EtcdFollower::Deliver(pb::WatchResponse& response) {
  const auto more = response.fragment() ? EntryAssembler::More::kYes : EntryAssembler::More::kNo;
  auto entries = assembler_->Add(TakeChanges(response), more);
  if (!entries) return Break(std::move(entries).error());
  for (AssembledEntry& each : *entries) {
    position_.revision = each.entry.index;
    if (each.entry.moved_head) {
      position_.head = each.entry.index;
      position_.token = std::move(each.token);
    }
    if (each.format) format_ = std::move(each.format);
    if (listener_ != nullptr) listener_->OnEntry(std::move(each.entry));
  }
  probe_.Delivered(position_.head);
}

void EtcdFollower::OnContact(Clock::TimePoint as_of) {
  endpoints_.Works(environment_.clock->Now());
  told_trouble_.clear();
  status_.Lock()->trouble.clear();
  if (listener_ != nullptr) listener_->OnContact(as_of);
}

void EtcdFollower::OnLease(std::optional<Clock::TimePoint> until) {
  if (listener_ != nullptr && following_) {
    listener_->OnLease(until);
  } else if (!until) {
    lost_lease_untold_ = true;
  }
}

void EtcdFollower::Fail(const std::string& reason) {
  if (!following_) return;
  const auto pause = endpoints_.Failed(reason, environment_.clock->Now());
  const std::string trouble = "etcd cannot be followed: " + endpoints_.Trouble();
  Disconnect(trouble);
  {
    auto status = status_.Lock();
    status->trouble = trouble;
    ++status->failovers;
  }
  retry_.Start(pause, [this] { Connect(); });
  if (trouble == told_trouble_) return;
  told_trouble_ = trouble;
  if (listener_ != nullptr) listener_->OnTrouble(Unavailable(trouble));
}

void EtcdFollower::Break(Error error) {
  if (!following_) return;
  Disconnect(error.message);
  following_ = false;
  // Another member may follow on; and this one may be a cluster by itself.
  (void)endpoints_.Failed(error.message, environment_.clock->Now());
  proposals_.Refuse(error.message);
  reads_.Refuse(error.message);
  status_.Lock()->trouble = error.message;
  if (listener_ != nullptr) listener_->OnBroken(std::move(error));
}

void EtcdFollower::Disconnect(const std::string& reason) {
  step_.Stop();
  retry_.Stop();
  probe_.Stop();
  lease_.Disconnected();
  established_ = false;
  status_.Lock()->endpoint.clear();
  watch_.reset();
  const std::unique_ptr<EtcdClient> gone = std::move(client_);
  // Who is told has nothing to be told of by that client any more.
  proposals_.Disconnected(reason);
  reads_.Disconnected(reason);
}

void EtcdFollower::Compact(Index before) {
  if (!established_) return;
  pb::CompactionRequest request;
  request.set_revision(static_cast<int64_t>(before.value()));
  // Somebody else may have done it already; and there is a next time.
  client_->Call(
      &EtcdChannel::Compact, std::move(request), options_.timeouts.proposal,
      RpcDone<pb::CompactionResponse>([](const RpcStatus&, const pb::CompactionResponse&) {}));
}

}  // namespace rollcall::store
