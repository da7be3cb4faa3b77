#include "registry/catalog/shared_writer.h"

#include <algorithm>
#include <utility>

#include "registry/catalog/entry_mutations.h"
#include "registry/catalog/expiry_round.h"
#include "registry/catalog/signs_of_life.h"
#include "registry/catalog/write_guard.h"
#include "registry/store/document.h"
#include "registry/store/sharing.h"

namespace rollcall::catalog {
namespace {

// Between attempts to load a log: from the one to the other.
constexpr std::chrono::seconds kFirstReloadPause{1};
constexpr std::chrono::seconds kLongestReloadPause{16};

constexpr std::chrono::minutes kWarningPause{1};
// Written by the owner of expiry now and then. Where etcd has other users too and the catalog is
// idle, that keeps the place that the servers have come to from being compacted away.
constexpr const char* kPulseKey = "pulse";

// A check and its node, or an instance that is removed.
constexpr size_t kLeastExpiryOperations = 4;

size_t SizeOf(const store::Proposal& proposal) {
  size_t bytes = 0;
  for (const store::Operation& each : proposal.operations) {
    bytes += each.key.size() + each.value.size();
  }
  return bytes;
}

Error NotConfirmed() {
  return Unavailable(
      "the log did not confirm the write in time: it may have been made, or be made yet");
}

}  // namespace

SharedWriter::SharedWriter(std::unique_ptr<store::SharedLog> log, const Clock& clock,
                           Publisher* publisher, Counters* counters, Contact* contact,
                           Renewals* renewals, Options options, Post post)
    : log_(std::move(log)),
      clock_(clock),
      options_(std::move(options)),
      publisher_(publisher),
      counters_(counters),
      contact_(contact),
      renewals_(renewals),
      post_(std::move(post)),
      group_(options_.id,
             [this](std::vector<store::Condition> conditions,
                    std::vector<store::Operation> operations) {
               ProposeForGroup(std::move(conditions), std::move(operations));
             }),
      fence_(options_.id),
      upkeep_(clock),
      expiry_(clock, &upkeep_),
      expiry_operations_(options_.max_operations),
      trouble_(clock, options_.on_warning, options_.on_relief),
      reload_pause_(kFirstReloadPause) {
  contact_->BeShared();
}

SharedWriter::~SharedWriter() { log_->Stop(); }

void SharedWriter::Warn(const std::string& text) const {
  if (options_.on_warning) options_.on_warning(text);
}

Result<void> SharedWriter::Load() {
  const Clock::TimePoint began = clock_.Now();
  Result<LoadedLog> loaded = LoadLog(log_.get(), &pool_);
  if (!loaded) return loaded.error();
  Adopt({*std::move(loaded), {}}, began);  // nobody listens yet
  return {};
}

void SharedWriter::Adopt(LogReload::Loaded loaded, Clock::TimePoint as_of) {
  LoadedLog& log = loaded.log;
  expiry_.Forget();
  revisions_ = std::move(log.revisions);
  upkeep_.Adopt(std::move(log.deadlines));
  publisher_->Publish(std::move(log.snapshot), std::move(loaded.changed));
  contact_->Note(as_of);
  // Whether it is in what was loaded is not known.
  for (ProposalInFlight& proposal : in_flight_.TakeAll()) {
    for (WaitingWrite& each : proposal.commands) AnswerNow(std::move(each), NotConfirmed());
  }
  // It is newer than anything that has been seen of the log before, whatever its index is: of a log
  // that was restored, that may be lower.
  for (Reader& each : readers_) each.index = {};
  for (WaitingWrite& each : waiting_) each.not_before = {};
  compact_to_ = {};
  const auto fence = log.group.find(fence_.key());
  fence_.Load(fence == log.group.end() ? std::nullopt : std::optional(fence->second));
  TakeGroup([&] { group_.Load(log.group); });
  log_->Follow(std::move(log.position), this);
  PutFence();
}

void SharedWriter::ReloadWhenDue() {
  if (!reload_at_ || clock_.Now() < *reload_at_) return;
  reload_at_.reset();
  reload_.emplace(log_.get(), &pool_, publisher_->current(), clock_.Now(),
                  [this](Result<LogReload::Loaded> loaded) {
                    const auto all = std::make_shared<Result<LogReload::Loaded>>(std::move(loaded));
                    post_([this, all] { TakeReload(std::move(*all)); });
                  });
}

void SharedWriter::TakeReload(Result<LogReload::Loaded> loaded) {
  if (!reload_) return;  // given up
  const Clock::TimePoint began = reload_->began();
  reload_.reset();
  if (!loaded) {
    trouble_.BeginAnother(loaded.error());
    patience_ = {};
    reload_at_ = clock_.Now() + reload_pause_;
    reload_pause_ = std::min<std::chrono::nanoseconds>(2 * reload_pause_, kLongestReloadPause);
    return;
  }
  counters_->reloads.Add();
  trouble_.Pause();  // what follows tells
  Adopt(*std::move(loaded), began);
}

std::optional<Error> SharedWriter::RefusalAt(Clock::TimePoint now) const {
  if (IsBroken() && now < patience_) return std::nullopt;
  return trouble_.error();
}

size_t SharedWriter::Room() const {
  const size_t there = waiting_.size() + head_wait_.command_count();
  return there < kRoom ? kRoom - there : 0;
}

void SharedWriter::Work(std::vector<Pending> commands) {
  const Clock::TimePoint now = clock_.Now();
  for (Pending& pending : commands) {
    waiting_.push_back({std::move(pending), now + options_.write_timeout, {}, false, 0});
  }
  Flush();
  ReloadWhenDue();
  const std::optional<Error> refusal = RefusalAt(now);
  ReleaseReaders(refusal);
  GiveUpWhatIsLate();
  expiry_.Collect();
  contact_->NoteTrouble(trouble_.error(), now);
  counters_->proposals_in_flight.Set(in_flight_.size());
  if (refusal) return RefuseAll(*refusal);
  if (IsBroken()) return;
  Propose();
  ProposeExpiries();
  ReadHead();
  CompactWhenDue();
  Flush();
}

std::chrono::nanoseconds SharedWriter::TimeToWork() const {
  Clock::TimePoint next = Clock::TimePoint::max();
  if (reload_at_) next = std::min(next, *reload_at_);
  if (IsBroken() && SomebodyWaits()) next = std::min(next, patience_);
  next = std::min({next, expiry_.NextWake(), in_flight_.NextGiveUp()});
  for (const WaitingWrite& each : waiting_) next = std::min(next, each.give_up);
  next = std::min(next, head_wait_.NextGiveUp());
  return next == Clock::TimePoint::max() ? kForever : next - clock_.Now();
}

void SharedWriter::Apply(const store::Entry& entry) {
  if (IsBroken()) return;
  store::Sharing sharing(&pool_);
  EntryMutations read =
      MutationsOf(entry, applied_ ? applied_->view() : *publisher_->current(), sharing);
  for (const std::string& damage : read.damaged) Warn(damage);
  if (entry.moved_head) {
    if (!applied_) applied_.emplace(*publisher_->current(), &upkeep_, &pool_);
    applied_->Apply(read.mutations, entry.index);
  }
  for (const store::KeyChange& change : entry.changes) {
    if (!store::IsDocumentKey(change.key)) continue;
    const Result<store::DocumentName> name = store::ParseDocumentKey(change.key);
    if (!name || name->kind != store::DocumentKind::kNode) continue;
    if (change.value) {
      revisions_[name->node] = entry.index;
    } else {
      revisions_.erase(name->node);
    }
  }
  for (const store::KeyChange& change : entry.changes) {
    if (ServerGroup::IsOwn(change.key)) TakeGroup([&] { group_.OnChange(change); });
    if (change.key == fence_.key()) TakeFence(change.value);
  }
  std::optional<ProposalInFlight> own = in_flight_.Take(entry.proposal);
  if (!own) return;
  counters_->proposals_committed.Add();
  counters_->commit_latency.Observe(clock_.Now() - own->began);
  for (WaitingWrite& each : own->commands) {
    counters_->commands_committed.Add();
    answers_.push_back({std::move(each.pending.done), Written{entry.index, true},
                        std::move(each.pending.command)});
  }
  own->tally.AddTo(counters_);
}

void SharedWriter::Flush() {
  if (applied_) {
    std::vector<WatchKey> keys = applied_->TakeChangedKeys();
    publisher_->Publish(applied_->Finish(), std::move(keys));
    applied_.reset();
  }
  const Clock::TimePoint now = clock_.Now();
  for (WriteAnswer& answer : std::exchange(answers_, {})) {
    if (answer.command) {
      RenewDeadlines(*answer.command, *publisher_->current(), now, renewals_);
    }
    answer.done(std::move(answer.written));
  }
}

void SharedWriter::PutFence() {
  fence_.Raise();
  fence_proposal_ = ProposeForGroup({fence_.ConditionOfPut()}, {fence_.Put()});
}

void SharedWriter::TakeFence(const std::optional<std::string>& value) {
  if (!fence_.Take(value)) return;
  fence_refusal_.reset();
  // What was lost before it and has not come by now cannot come any more.
  for (ProposalInFlight& each : in_flight_.TakeBelow(fence_.number())) Return(std::move(each), {});
}

void SharedWriter::Propose() {
  if (!fence_.is_up()) {
    if (fence_refusal_) RefuseAll(*fence_refusal_);
    return;
  }
  size_t most_commands = kRoom;
  while (!waiting_.empty() && in_flight_.size() < options_.max_in_flight) {
    WriteRound::Held held{in_flight_.Nodes(), head_wait_.NodesNext()};
    held.nodes.merge(head_wait_.NodesAsked());
    WriteRound round(*publisher_->current(), revisions_, &pool_, std::move(held),
                     {options_.max_operations, most_commands});
    round.TakeFrom(&waiting_);
    Settle(&round);
    if (round.empty()) return;
    store::Proposal proposal = round.Build();
    const size_t bytes = SizeOf(proposal);
    ProposalInFlight in_flight;
    in_flight.commands = std::move(round.commands);
    in_flight.nodes = std::move(round.nodes);
    if (bytes <= options_.max_bytes) {
      Send(std::move(in_flight), std::move(proposal));
    } else if (in_flight.commands.size() > 1) {
      most_commands = std::max<size_t>(1, in_flight.commands.size() / 2);
      Return(std::move(in_flight), {});
    } else {
      AnswerNow(std::move(in_flight.commands.front()),
                InvalidArgument("this takes " + std::to_string(bytes) +
                                " bytes of the log at once, the most is " +
                                std::to_string(options_.max_bytes)));
    }
  }
}

// What of a round needs no proposal.
void SharedWriter::Settle(WriteRound* round) {
  for (WriteRound::Unverified& each : round->unverified) {
    head_wait_.Add(std::move(each.command), std::move(each.nodes));
  }
  for (Pending& each : round->given_back) {
    each.guard->GiveBack(std::move(each.command), std::move(each.done));
  }
  const Snapshot& state = *publisher_->current();
  for (WriteRound::Settled& each : round->settled) {
    if (!each.outcome) {
      AnswerNow(std::move(each.command), each.outcome.error());
      continue;
    }
    RenewDeadlines(each.command.pending.command, state, clock_.Now(), renewals_);
    AnswerNow(std::move(each.command), Written{state.index(), false});
  }
}

void SharedWriter::Send(ProposalInFlight in_flight, store::Proposal proposal) {
  in_flight.began = clock_.Now();
  in_flight.fence = fence_.number();
  proposal.conditions.push_back(fence_.Condition());
  proposal.id = ++last_id_;
  in_flight_.Add(proposal.id, std::move(in_flight));
  counters_->proposals_in_flight.Set(in_flight_.size());
  log_->Propose(std::move(proposal));
}

store::ProposalId SharedWriter::ProposeForGroup(std::vector<store::Condition> conditions,
                                                std::vector<store::Operation> operations) {
  store::Proposal proposal;
  proposal.id = ++last_id_;
  proposal.conditions = std::move(conditions);
  proposal.operations = std::move(operations);
  proposal.moves_head = false;
  log_->Propose(std::move(proposal));
  return last_id_;
}

void SharedWriter::TakeGroup(const std::function<void()>& change) {
  const GroupView before = group_.view();
  change();
  const GroupView& now = group_.view();
  expiry_.OnGroup(before, now, *publisher_->current());
  if (options_.on_group) options_.on_group(now);
}

void SharedWriter::ProposeExpiries() {
  if (in_flight_.HasExpiries() || !expiry_.IsDue() || !fence_.is_up()) return;
  const GroupView& group = group_.view();
  ExpiryRound round(*publisher_->current(), revisions_, &pool_, &upkeep_, in_flight_.Nodes(),
                    clock_.Now(), expiry_.CertainUntil(group));
  expiry_.GiveTo(&round, expiry_operations_);
  if (round.empty()) return;
  store::Proposal proposal = round.Build();
  if (round.expired.size() > 1 && SizeOf(proposal) > options_.max_bytes) {
    expiry_operations_ = std::max(kLeastExpiryOperations, expiry_operations_ / 2);
    return expiry_.Return(round.expired);
  }
  expiry_operations_ = std::min(options_.max_operations, expiry_operations_ * 2);
  proposal.conditions.push_back(store::Condition::HasValue(std::string(kOwnerKey), *group.owner));
  ProposalInFlight in_flight;
  in_flight.expired = std::move(round.expired);
  in_flight.tally = round.tally;
  in_flight.nodes = std::move(round.nodes);
  Send(std::move(in_flight), std::move(proposal));
}

// They were there before all that waits.
void SharedWriter::Return(ProposalInFlight proposal, Index not_before) {
  expiry_.Return(proposal.expired);
  for (auto each = proposal.commands.rbegin(); each != proposal.commands.rend(); ++each) {
    each->not_before = std::max(each->not_before, not_before);
    waiting_.push_front(std::move(*each));
  }
}

void SharedWriter::Take(store::ProposalId id, store::Outcome outcome) {
  if (id == fence_proposal_ && outcome.kind == store::Outcome::Kind::kRefused) {
    fence_refusal_ = Unavailable(outcome.error.message);
  }
  if (!in_flight_.Contains(id)) return;  // its entry came before
  switch (outcome.kind) {
    case store::Outcome::Kind::kCommitted:
      return;  // its entry comes
    case store::Outcome::Kind::kUnknown:
      in_flight_.Lose(id, clock_.Now());
      counters_->proposals_unknown.Add();
      return;
    case store::Outcome::Kind::kConflict:
    case store::Outcome::Kind::kRefused:
      break;
  }
  ProposalInFlight proposal = *in_flight_.Take(id);
  const bool is_conflict = outcome.kind == store::Outcome::Kind::kConflict;
  (is_conflict ? counters_->proposals_conflicting : counters_->proposals_refused).Add();
  if (is_conflict) {
    std::vector<WaitingWrite> again;
    for (WaitingWrite& each : proposal.commands) {
      if (++each.attempts < kMostAttempts) {
        again.push_back(std::move(each));
      } else {
        AnswerNow(std::move(each), Unavailable("others keep writing to the same node; try again"));
      }
    }
    proposal.commands = std::move(again);
    return Return(std::move(proposal), outcome.index);
  }
  if (!proposal.expired.empty()) {
    expiry_operations_ = std::max(kLeastExpiryOperations, expiry_operations_ / 2);
    if (clock_.Now() >= next_expiry_warning_) {
      Warn("the log refuses what expired checks have to do: " + outcome.error.message);
      next_expiry_warning_ = clock_.Now() + kWarningPause;
    }
  }
  expiry_.Return(proposal.expired);
  for (WaitingWrite& each : proposal.commands) {
    AnswerNow(std::move(each), Unavailable(outcome.error.message));
  }
}

void SharedWriter::TakeContact(Clock::TimePoint as_of) {
  if (IsBroken()) return;
  contact_->Note(as_of);
  has_reloaded_ = false;
  reload_pause_ = kFirstReloadPause;
  trouble_.End();
  // What was lost and has not come by now may still be under way: before it is tried again, the
  // fence makes sure that it is not.
  if (in_flight_.HasLostBefore(as_of) || !fence_.is_up()) PutFence();
}

void SharedWriter::ReadHead() {
  const std::optional<uint64_t> number = head_wait_.Begin();
  if (!number) return;
  log_->ReadHead([this, number = *number](Result<Index> head) {
    post_([this, number, head = std::move(head)] { TakeHead(number, head); });
  });
}

void SharedWriter::TakeHead(uint64_t number, const Result<Index>& head) {
  HeadWait::Group asked = head_wait_.End(number);
  if (!head) {
    const Error error = Unavailable(head.error().message);
    for (WaitingWrite& each : asked.commands) AnswerNow(std::move(each), error);
    for (auto& done : asked.readers) done(error);
    return;
  }
  for (auto each = asked.commands.rbegin(); each != asked.commands.rend(); ++each) {
    each->is_verified = true;
    each->not_before = std::max(each->not_before, *head);
    waiting_.push_front(std::move(*each));
  }
  for (auto& done : asked.readers) readers_.push_back({*head, std::move(done)});
}

void SharedWriter::SetDuty(HeartbeatDuty duty) {
  TakeGroup([&] { group_.SetDuty(duty); });
}

void SharedWriter::Resign(std::chrono::nanoseconds pause) {
  TakeGroup([&] { group_.Resign(clock_.Now() + pause); });
}

void SharedWriter::Announce(std::string about) {
  TakeGroup([&] { group_.Announce(std::move(about)); });
}

void SharedWriter::CatchUp(HeadWait::Reader done) {
  if (const auto refusal = RefusalAt(clock_.Now())) return done(*refusal);
  head_wait_.Add(std::move(done));
}

void SharedWriter::ReleaseReaders(const std::optional<Error>& refusal) {
  const Index now = publisher_->current()->index();
  std::vector<Reader> left;
  for (Reader& each : std::exchange(readers_, {})) {
    if (each.index <= now) {
      each.done({});
    } else if (refusal) {
      each.done(*refusal);
    } else {
      left.push_back(std::move(each));
    }
  }
  readers_ = std::move(left);
}

void SharedWriter::AnswerNow(WaitingWrite waiting, Result<Written> written) {
  if (!written) {
    counters_->commands_refused.Add();
  } else if (!written->changed) {
    counters_->commands_unchanged.Add();
  }
  answers_.push_back({std::move(waiting.pending.done), std::move(written)});
}

void SharedWriter::GiveUpWhatIsLate() {
  const Clock::TimePoint now = clock_.Now();
  for (WaitingWrite& each : in_flight_.TakeLate(now)) AnswerNow(std::move(each), NotConfirmed());
  for (WaitingWrite& each : std::exchange(waiting_, {})) {
    if (each.give_up <= now) {
      AnswerNow(std::move(each), Unavailable("the write could not be made in time; try again"));
    } else {
      waiting_.push_back(std::move(each));
    }
  }
  for (WaitingWrite& each : head_wait_.TakeLate(now)) {
    AnswerNow(std::move(each), Unavailable("the log did not answer in time; try again"));
  }
  Flush();
}

void SharedWriter::RefuseAll(const Error& error) {
  HeadWait::Group for_head = head_wait_.TakeAll();
  for (WaitingWrite& each : for_head.commands) AnswerNow(std::move(each), error);
  for (auto& done : for_head.readers) done(error);
  for (WaitingWrite& each : std::exchange(waiting_, {})) AnswerNow(std::move(each), error);
  Flush();
}

void SharedWriter::CompactWhenDue() {
  if (!expiry_.is_owner() || clock_.Now() < next_compact_) return;
  if (compact_to_ != Index()) log_->Compact(compact_to_);
  compact_to_ = publisher_->current()->index();
  ProposeForGroup({store::Condition::HasValue(std::string(kOwnerKey), *group_.view().owner)},
                  {{store::Operation::Kind::kPut, kPulseKey, std::to_string(compact_to_.value())}});
  next_compact_ = clock_.Now() + options_.keep_history;
}

void SharedWriter::End() {
  reload_.reset();
  log_->Stop();
  Flush();
  for (ProposalInFlight& proposal : in_flight_.TakeAll()) {
    for (WaitingWrite& each : proposal.commands) AnswerNow(std::move(each), NotConfirmed());
  }
  const Error stopping = Unavailable("the server is stopping");
  for (Reader& each : std::exchange(readers_, {})) each.done(stopping);
  RefuseAll(stopping);
}

void SharedWriter::OnEntry(store::Entry entry) {
  post_([this, entry = std::move(entry)] { Apply(entry); });
}

void SharedWriter::OnOutcome(store::ProposalId id, store::Outcome outcome) {
  post_([this, id, outcome = std::move(outcome)] { Take(id, outcome); });
}

void SharedWriter::OnContact(Clock::TimePoint as_of) {
  post_([this, as_of] { TakeContact(as_of); });
}

void SharedWriter::OnTrouble(Error error) {
  post_([this, error = std::move(error)] { trouble_.Begin(error); });
}

void SharedWriter::OnBroken(Error error) {
  post_([this, error = std::move(error)] {
    trouble_.BeginAnother(error);
    // One that could not even be begun to be followed after it was loaded is no use loading again
    // at once.
    const Clock::TimePoint now = clock_.Now();
    const bool again = std::exchange(has_reloaded_, true);
    reload_at_ = again ? now + reload_pause_ : now;
    if (!again) patience_ = now + options_.write_timeout;
  });
}

void SharedWriter::OnLease(std::optional<Clock::TimePoint> until) {
  post_([this, until] { TakeGroup([&] { group_.OnLease(until); }); });
}

}  // namespace rollcall::catalog
