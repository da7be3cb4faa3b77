#include "registry/catalog/shared_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/catalog/entry_mutations.h"
#include "registry/catalog/everything_changed.h"
#include "registry/catalog/resolve.h"
#include "registry/catalog/signs_of_life.h"
#include "registry/catalog/snapshot_loader.h"
#include "registry/store/document.h"
#include "registry/store/sharing.h"

namespace rollcall::catalog {
namespace {

constexpr std::chrono::seconds kRestartPause{1};
// Until expiries that were not written are tried again.
constexpr std::chrono::milliseconds kExpiryPause{100};

struct NodeOfCommand {
  std::string_view operator()(const model::Register& put) const { return put.node.name; }
  std::string_view operator()(const model::UpdateCoordinate& put) const {
    return put.coordinate.node;
  }
  template <typename Command>
  std::string_view operator()(const Command& command) const {
    return command.node;
  }
};

// The nodes that a command reads or changes, in lower case: its own, and the one that it takes the
// ID of.
std::vector<std::string> NodesOf(const model::Command& command, const Snapshot& state) {
  std::vector<std::string> nodes = {AsciiLower(std::visit(NodeOfCommand(), command))};
  const auto* put = std::get_if<model::Register>(&command);
  if (put == nullptr || put->node.id.empty()) return nodes;
  const NodeEntry* same_id = state.FindNodeById(put->node.id);
  if (same_id == nullptr) return nodes;
  std::string other = AsciiLower(same_id->node->name);
  if (other != nodes.front()) nodes.push_back(std::move(other));
  return nodes;
}

template <typename Set>
bool ContainsAny(const Set& set, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&set](const std::string& name) { return set.contains(name); });
}

void CountExpiries(const std::vector<boost::intrusive_ptr<Deadline>>& expired, Counters* counters) {
  for (const auto& deadline : expired) {
    const bool is_ttl = deadline->kind() == Deadline::Kind::kTtl;
    (is_ttl ? counters->ttl_expiries : counters->instances_reaped).Add();
  }
}

Error NotConfirmed() {
  return Unavailable(
      "the log did not confirm the write in time: it may have been made, or be made yet");
}

}  // namespace

// One proposal on its way out: takes the commands that can go together.
class SharedWriter::Round {
 public:
  Round(SharedWriter* writer, size_t most_commands)
      : writer_(writer),
        base_(*writer->publisher_->current()),
        most_commands_(most_commands),
        builder_(base_, writer->revisions_, &writer->pool_) {
    for (const auto& [id, proposal] : writer->in_flight_) {
      held_.insert(proposal.nodes.begin(), proposal.nodes.end());
    }
    held_.insert(writer->reading_.begin(), writer->reading_.end());
  }

  // Takes what it can of `waiting`; what it leaves stays there, in its order.
  void TakeFrom(std::deque<Waiting>* waiting) {
    std::deque<Waiting> left;
    for (Waiting& each : *waiting) {
      if (!Take(&each)) left.push_back(std::move(each));
    }
    *waiting = std::move(left);
  }

  bool empty() const { return proposal_.commands.empty(); }
  size_t size() const { return proposal_.commands.size(); }
  store::Proposal Build() { return builder_.Finish(); }
  InFlight TakeCommands() { return std::move(proposal_); }

 private:
  // False: it stays, and so does all that follows it on its nodes.
  bool Take(Waiting* each) {
    std::vector<std::string> nodes = NodesOf(each->pending.command, builder_.view());
    if (is_full_ || each->not_before > base_.index() || ContainsAny(held_, nodes) ||
        IsRemoved(nodes)) {
      return Hold(nodes);
    }
    const Result<model::Transaction> resolved = Resolve(each->pending.command, builder_.view());
    if (!resolved || resolved->empty()) return Settle(each, resolved, nodes);
    const size_t operations = builder_.OperationsWith(*resolved);
    if (operations > writer_->options_.max_operations || size() >= most_commands_) {
      if (!empty()) {
        is_full_ = true;
        return Hold(nodes);
      }
      writer_->AnswerNow(std::move(*each),
                         InvalidArgument("this needs " + std::to_string(operations) +
                                         " operations on the log at once, the most is " +
                                         std::to_string(writer_->options_.max_operations)));
      return true;
    }
    builder_.Add(*resolved);
    proposal_.nodes.insert(nodes.begin(), nodes.end());
    proposal_.commands.push_back(std::move(*each));
    return true;
  }

  bool Hold(const std::vector<std::string>& nodes) {
    held_.insert(nodes.begin(), nodes.end());
    return false;
  }

  bool IsRemoved(const std::vector<std::string>& nodes) const {
    return std::any_of(nodes.begin(), nodes.end(),
                       [this](const std::string& node) { return builder_.Removes(node); });
  }

  // A command that writes nothing.
  bool Settle(Waiting* each, const Result<model::Transaction>& resolved,
              const std::vector<std::string>& nodes) {
    // What it found may be due to a command that has not been written yet.
    if (ContainsAny(proposal_.nodes, nodes)) return Hold(nodes);
    if (!each->is_verified) {
      held_.insert(nodes.begin(), nodes.end());
      writer_->reading_.insert(nodes.begin(), nodes.end());
      writer_->to_read_.commands.push_back(std::move(*each));
      return true;
    }
    if (resolved) {
      RenewDeadlines(each->pending.command, base_, writer_->clock_.Now(), writer_->renewals_);
      writer_->AnswerNow(std::move(*each), Written{base_.index(), false});
    } else {
      writer_->AnswerNow(std::move(*each), resolved.error());
    }
    return true;
  }

  SharedWriter* const writer_;
  const Snapshot& base_;
  const size_t most_commands_;
  ProposalBuilder builder_;
  std::set<std::string> held_;  // nodes that nothing may be written to now
  InFlight proposal_;
  bool is_full_ = false;
};

// What the deadlines that have passed have to do, as far as it can be done now.
class SharedWriter::ExpiryRound {
 public:
  // Precondition: this server owns expiry.
  explicit ExpiryRound(SharedWriter* writer)
      : writer_(writer),
        base_(*writer->publisher_->current()),
        now_(writer->clock_.Now()),
        heard_until_(writer->HeardUntil()),
        builder_(base_, writer->revisions_, &writer->pool_) {
    for (const auto& [id, proposal] : writer->in_flight_) {
      held_.insert(proposal.nodes.begin(), proposal.nodes.end());
    }
  }

  void TakeFrom(std::deque<boost::intrusive_ptr<Deadline>>* expired) {
    std::deque<boost::intrusive_ptr<Deadline>> left;
    for (auto& deadline : *expired) {
      if (!Take(deadline)) left.push_back(std::move(deadline));
    }
    *expired = std::move(left);
  }

  bool empty() const { return in_flight_.expired.empty(); }
  InFlight TakeInFlight() { return std::move(in_flight_); }
  store::Proposal Build() {
    store::Proposal proposal = builder_.Finish();
    proposal.conditions.push_back(
        store::Condition::HasValue(std::string(kOwnerKey), *writer_->group_.view().owner));
    return proposal;
  }

 private:
  // False: it stays for another time.
  bool Take(const boost::intrusive_ptr<Deadline>& deadline) {
    const CheckEntry* entry = base_.FindCheck(deadline->node(), deadline->check_id());
    if (entry == nullptr || (entry->ttl != deadline && entry->reap != deadline)) return true;
    if (deadline->due() > now_) {
      writer_->upkeep_.FileAgain(deadline);  // renewed after it had passed
      return true;
    }
    std::string node = AsciiLower(deadline->node());
    // An entry that this round has changed has no deadlines yet.
    if (is_full_ || deadline->due() > heard_until_ || held_.contains(node) ||
        builder_.view().FindCheck(deadline->node(), deadline->check_id()) != entry) {
      return false;
    }
    const model::Transaction transaction = ResolveExpired(*deadline, now_, builder_.view());
    if (transaction.empty()) return true;
    if (builder_.OperationsWith(transaction) > writer_->options_.max_operations) {
      is_full_ = true;
      return false;
    }
    builder_.Add(transaction);
    in_flight_.nodes.insert(std::move(node));
    in_flight_.expired.push_back(deadline);
    return true;
  }

  SharedWriter* const writer_;
  const Snapshot& base_;
  const Clock::TimePoint now_;
  const Clock::TimePoint heard_until_;
  ProposalBuilder builder_;
  std::set<std::string> held_;
  InFlight in_flight_;
  bool is_full_ = false;
};

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
      upkeep_(clock) {
  contact_->BeShared();
}

SharedWriter::~SharedWriter() { log_->Stop(); }

void SharedWriter::Warn(const std::string& text) const {
  if (options_.on_warning) options_.on_warning(text);
}

Result<void> SharedWriter::Load() { return Restart(); }

Result<void> SharedWriter::Restart() {
  const Clock::TimePoint began = clock_.Now();
  SnapshotLoader loader(&pool_, SnapshotLoader::UsefulHelpers());
  NodeRevisions revisions;
  // The records of a document are of its revision or older, and that of no document is known to be
  // the last before all have been read.
  const Index any(std::numeric_limits<uint64_t>::max());
  store::DocumentChunks chunks(
      "the log", any, [&loader](store::RecordChunk chunk) { return loader.Add(std::move(chunk)); });
  std::optional<Error> damage;
  std::map<std::string, std::string> group;
  const Result<store::Position> position = log_->Load([&](std::vector<store::KeyValue> keys) {
    for (const store::KeyValue& key : keys) {
      if (ServerGroup::IsOwn(key.key)) group[key.key] = key.value;
      if (!store::IsDocumentKey(key.key)) continue;
      const Result<bool> added = chunks.Add(key);
      if (!added) damage = added.error();
      if (!added || !*added) return false;
      const Result<store::DocumentName> name = store::ParseDocumentKey(key.key);
      if (name && name->kind == store::DocumentKind::kNode) revisions[name->node] = key.revision;
    }
    return true;
  });
  if (damage) return *damage;
  if (!position) return position.error();
  chunks.Finish();
  Result<SnapshotLoader::Loaded> loaded = loader.Finish(position->head);
  if (!loaded) return loaded.error();

  applied_.reset();
  expired_.clear();
  revisions_ = std::move(revisions);
  upkeep_.Adopt(std::move(loaded->deadlines));
  std::vector<WatchKey> keys = EverythingChanged(*publisher_->current(), *loaded->snapshot);
  publisher_->Publish(std::move(loaded->snapshot), std::move(keys));
  contact_->Note(began);
  for (auto& [id, proposal] : std::exchange(in_flight_, {})) Return(std::move(proposal), {});
  TakeGroup([&] { group_.Load(group); });
  log_->Follow(*position, this);
  return {};
}

void SharedWriter::RestartWhenDue() {
  if (!restart_at_ || clock_.Now() < *restart_at_) return;
  if (const Result<void> ok = Restart(); !ok) {
    trouble_ = Unavailable(ok.error().message);
    restart_at_ = clock_.Now() + kRestartPause;
    return;
  }
  restart_at_.reset();
  trouble_.reset();
}

void SharedWriter::Work(std::vector<Pending> commands) {
  const Clock::TimePoint now = clock_.Now();
  for (Pending& pending : commands) {
    waiting_.push_back({std::move(pending), now + options_.write_timeout, {}, false, 0});
  }
  RestartWhenDue();
  Flush();
  ReleaseReaders();
  GiveUpWhatIsLate();
  CollectExpired();
  if (trouble_) return RefuseAll(*trouble_);
  Propose();
  ProposeExpiries();
  ReadHead();
  Flush();
}

std::chrono::nanoseconds SharedWriter::TimeToWork() const {
  Clock::TimePoint next = Clock::TimePoint::max();
  if (restart_at_) next = std::min(next, *restart_at_);
  next = std::min(next, upkeep_.NextWake());
  if (!expired_.empty() && next_expiry_ > clock_.Now()) next = std::min(next, next_expiry_);
  for (const auto& [id, proposal] : in_flight_) {
    for (const Waiting& each : proposal.commands) next = std::min(next, each.give_up);
  }
  for (const Waiting& each : waiting_) next = std::min(next, each.give_up);
  return next == Clock::TimePoint::max() ? kForever : next - clock_.Now();
}

void SharedWriter::Apply(const store::Entry& entry) {
  if (restart_at_) return;
  if (!applied_) applied_.emplace(*publisher_->current(), &upkeep_, &pool_);
  store::Sharing sharing(&pool_);
  EntryMutations read = MutationsOf(entry, applied_->view(), sharing);
  for (const std::string& damage : read.damaged) Warn(damage);
  if (entry.moved_head) applied_->Apply(read.mutations, entry.index);
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
  }
  const auto own = in_flight_.find(entry.proposal);
  if (own == in_flight_.end()) return;
  counters_->commit_latency.Observe(clock_.Now() - own->second.began);
  for (Waiting& each : own->second.commands) {
    counters_->commands_committed.Add();
    answers_.push_back({std::move(each.pending.done), Written{entry.index, true}});
  }
  CountExpiries(own->second.expired, counters_);
  in_flight_.erase(own);
}

void SharedWriter::Flush() {
  if (applied_) {
    std::vector<WatchKey> keys = applied_->TakeChangedKeys();
    publisher_->Publish(applied_->Finish(), std::move(keys));
    applied_.reset();
  }
  for (Answer& answer : std::exchange(answers_, {})) answer.done(std::move(answer.written));
}

void SharedWriter::Propose() {
  size_t most_commands = kRoom;
  while (!waiting_.empty() && in_flight_.size() < options_.max_in_flight) {
    Round round(this, most_commands);
    round.TakeFrom(&waiting_);
    if (round.empty()) return;
    store::Proposal proposal = round.Build();
    size_t bytes = 0;
    for (const store::Operation& each : proposal.operations) {
      bytes += each.key.size() + each.value.size();
    }
    InFlight in_flight = round.TakeCommands();
    if (bytes > options_.max_bytes) {
      if (in_flight.commands.size() == 1) {
        AnswerNow(std::move(in_flight.commands.front()),
                  InvalidArgument("this takes " + std::to_string(bytes) +
                                  " bytes of the log at once, the most is " +
                                  std::to_string(options_.max_bytes)));
      } else {
        most_commands = std::max<size_t>(1, in_flight.commands.size() / 2);
        Return(std::move(in_flight), {});
      }
      continue;
    }
    Send(std::move(in_flight), std::move(proposal));
  }
}

void SharedWriter::Send(InFlight in_flight, store::Proposal proposal) {
  in_flight.began = clock_.Now();
  proposal.id = ++last_id_;
  in_flight_.emplace(proposal.id, std::move(in_flight));
  log_->Propose(std::move(proposal));
}

void SharedWriter::ProposeForGroup(std::vector<store::Condition> conditions,
                                   std::vector<store::Operation> operations) {
  store::Proposal proposal;
  proposal.id = ++last_id_;
  proposal.conditions = std::move(conditions);
  proposal.operations = std::move(operations);
  proposal.moves_head = false;
  log_->Propose(std::move(proposal));
}

void SharedWriter::TakeGroup(const std::function<void()>& change) {
  const GroupView before = group_.view();
  change();
  const GroupView& now = group_.view();
  const bool lost_one =
      std::any_of(before.servers.begin(), before.servers.end(),
                  [&now](const auto& server) { return !now.servers.contains(server.first); });
  if (!now.is_owner()) {
    heard_until_.reset();
    expired_.clear();
  } else if (now.owner != before.owner || lost_one) {
    // What another server had heard and not yet passed on is lost with it.
    RenewAll();
    heard_until_ = clock_.Now();
  }
  if (options_.on_group) options_.on_group(now);
}

void SharedWriter::RenewAll() {
  expired_.clear();
  std::vector<boost::intrusive_ptr<Deadline>> deadlines;
  for (const NodeEntry& node : publisher_->current()->nodes()) {
    for (const CheckEntry& entry : node.checks) {
      if (entry.ttl != nullptr) deadlines.push_back(entry.ttl);
      if (entry.reap != nullptr) deadlines.push_back(entry.reap);
    }
  }
  upkeep_.Adopt(std::move(deadlines));
}

void SharedWriter::HeardUntil(Clock::TimePoint time) {
  if (heard_until_) heard_until_ = std::max(*heard_until_, time);
}

void SharedWriter::CollectExpired() {
  auto passed = upkeep_.TakeExpired();
  if (!heard_until_) return;  // another server acts on them
  std::move(passed.begin(), passed.end(), std::back_inserter(expired_));
}

Clock::TimePoint SharedWriter::HeardUntil() const {
  const auto& servers = group_.view().servers;
  const bool is_alone = servers.size() == 1 && servers.contains(group_.view().self);
  return is_alone ? clock_.Now() : *heard_until_;
}

void SharedWriter::ProposeExpiries() {
  const bool is_under_way = std::any_of(in_flight_.begin(), in_flight_.end(), [](const auto& each) {
    return !each.second.expired.empty();
  });
  if (!heard_until_ || is_under_way || expired_.empty()) return;
  if (clock_.Now() < next_expiry_) return;
  ExpiryRound round(this);
  round.TakeFrom(&expired_);
  if (!round.empty()) Send(round.TakeInFlight(), round.Build());
}

// They were there before all that waits.
void SharedWriter::Return(InFlight proposal, Index not_before) {
  ReturnExpired(proposal);
  for (auto each = proposal.commands.rbegin(); each != proposal.commands.rend(); ++each) {
    each->not_before = std::max(each->not_before, not_before);
    waiting_.push_front(std::move(*each));
  }
}

void SharedWriter::ReturnExpired(const InFlight& proposal) {
  if (!heard_until_ || proposal.expired.empty()) return;
  expired_.insert(expired_.end(), proposal.expired.begin(), proposal.expired.end());
  next_expiry_ = clock_.Now() + kExpiryPause;
}

void SharedWriter::Take(store::ProposalId id, store::Outcome outcome) {
  const auto own = in_flight_.find(id);
  if (own == in_flight_.end()) return;  // its entry came before
  switch (outcome.kind) {
    case store::Outcome::Kind::kCommitted:
      return;  // its entry comes
    case store::Outcome::Kind::kUnknown:
      own->second.lost = clock_.Now();
      return;
    case store::Outcome::Kind::kConflict:
    case store::Outcome::Kind::kRefused:
      break;
  }
  InFlight proposal = std::move(own->second);
  in_flight_.erase(own);
  if (outcome.kind == store::Outcome::Kind::kConflict) {
    std::vector<Waiting> again;
    for (Waiting& each : proposal.commands) {
      if (++each.attempts < kMostAttempts) {
        again.push_back(std::move(each));
      } else {
        AnswerNow(std::move(each), Unavailable("others keep writing to the same node; try again"));
      }
    }
    proposal.commands = std::move(again);
    return Return(std::move(proposal), outcome.index);
  }
  ReturnExpired(proposal);
  for (Waiting& each : proposal.commands) {
    AnswerNow(std::move(each), Unavailable(outcome.error.message));
  }
}

void SharedWriter::TakeContact(Clock::TimePoint as_of) {
  if (restart_at_) return;
  contact_->Note(as_of);
  trouble_.reset();
  // What was lost before that and has not come since is not there, and can be tried again.
  for (auto each = in_flight_.begin(); each != in_flight_.end();) {
    if (each->second.lost && *each->second.lost < as_of) {
      Return(std::move(each->second), {});
      each = in_flight_.erase(each);
    } else {
      ++each;
    }
  }
}

void SharedWriter::ReadHead() {
  if (is_reading_head_ || to_read_.empty()) return;
  is_reading_head_ = true;
  auto asked = std::make_shared<HeadRead>(std::exchange(to_read_, {}));
  log_->ReadHead([this, asked](Result<Index> head) {
    post_([this, asked, head = std::move(head)] { TakeHead(std::move(*asked), head); });
  });
}

void SharedWriter::TakeHead(HeadRead asked, const Result<Index>& head) {
  is_reading_head_ = false;
  // Those that came meanwhile have nodes here too; they are few.
  reading_.clear();
  for (const Waiting& each : to_read_.commands) {
    const auto nodes = NodesOf(each.pending.command, *publisher_->current());
    reading_.insert(nodes.begin(), nodes.end());
  }
  if (!head) {
    const Error error = Unavailable(head.error().message);
    for (Waiting& each : asked.commands) AnswerNow(std::move(each), error);
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

void SharedWriter::Announce(std::string about) {
  TakeGroup([&] { group_.Announce(std::move(about)); });
}

void SharedWriter::CatchUp(std::function<void(Result<void>)> done) {
  if (trouble_) return done(*trouble_);
  to_read_.readers.push_back(std::move(done));
}

void SharedWriter::ReleaseReaders() {
  const Index now = publisher_->current()->index();
  std::vector<Reader> left;
  for (Reader& each : std::exchange(readers_, {})) {
    if (each.index <= now) {
      each.done({});
    } else if (trouble_) {
      each.done(*trouble_);
    } else {
      left.push_back(std::move(each));
    }
  }
  readers_ = std::move(left);
}

void SharedWriter::AnswerNow(Waiting waiting, Result<Written> written) {
  if (!written) {
    counters_->commands_refused.Add();
  } else if (!written->changed) {
    counters_->commands_unchanged.Add();
  }
  answers_.push_back({std::move(waiting.pending.done), std::move(written)});
}

void SharedWriter::GiveUpWhatIsLate() {
  const Clock::TimePoint now = clock_.Now();
  const auto is_late = [now](const Waiting& each) { return each.give_up <= now; };
  for (auto& [id, proposal] : in_flight_) {
    auto& commands = proposal.commands;
    const auto late = std::stable_partition(commands.begin(), commands.end(),
                                            [&](const Waiting& each) { return !is_late(each); });
    for (auto each = late; each != commands.end(); ++each) {
      AnswerNow(std::move(*each), NotConfirmed());
    }
    commands.erase(late, commands.end());
  }
  for (Waiting& each : std::exchange(waiting_, {})) {
    if (is_late(each)) {
      AnswerNow(std::move(each), Unavailable("the write could not be made in time; try again"));
    } else {
      waiting_.push_back(std::move(each));
    }
  }
  Flush();
}

void SharedWriter::RefuseAll(const Error& error) {
  for (Waiting& each : std::exchange(waiting_, {})) {
    AnswerNow(std::move(each), error);
  }
  Flush();
}

void SharedWriter::End() {
  log_->Stop();
  Flush();
  for (auto& [id, proposal] : std::exchange(in_flight_, {})) {
    for (Waiting& each : proposal.commands) AnswerNow(std::move(each), NotConfirmed());
  }
  const Error stopping = Unavailable("the server is stopping");
  for (Waiting& each : std::exchange(to_read_.commands, {})) AnswerNow(std::move(each), stopping);
  for (auto& done : std::exchange(to_read_.readers, {})) done(stopping);
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
  post_([this, error = std::move(error)] {
    if (!trouble_) Warn(error.message);
    trouble_ = Unavailable(error.message);
  });
}

void SharedWriter::OnBroken(Error error) {
  post_([this, error = std::move(error)] {
    Warn(error.message);
    trouble_ = Unavailable(error.message);
    restart_at_ = clock_.Now();
  });
}

void SharedWriter::OnLease(std::optional<Clock::TimePoint> until) {
  post_([this, until] { TakeGroup([&] { group_.OnLease(until); }); });
}

}  // namespace rollcall::catalog
