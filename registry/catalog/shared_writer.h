// SharedWriter: the writer of a server that shares its log with others.
//
//   commands  -> resolve against the newest snapshot -> propose, under the condition that the nodes
//                concerned are as they were resolved against
//   the log   -> what was proposed, here or elsewhere, entry by entry -> publish the next snapshot
//                -> answer the commands whose entry that was
//
// What a client is told, it is told of the log and not of this server's memory: a command that
// finds nothing to do, or is refused, is looked at again once the server has caught up with the
// head that the log had when the command was there. A proposal that met a change of its nodes is
// resolved again; so is one of which nothing is known any more, once a fence keeps it out.
//
// Threads: as writer.h says. The log calls from threads of its own, and each of its calls is posted
// to the writer's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/catalog/contact.h"
#include "registry/catalog/counters.h"
#include "registry/catalog/expiry_duty.h"
#include "registry/catalog/fence.h"
#include "registry/catalog/head_wait.h"
#include "registry/catalog/log_reload.h"
#include "registry/catalog/log_trouble.h"
#include "registry/catalog/proposal_builder.h"
#include "registry/catalog/proposals_in_flight.h"
#include "registry/catalog/publisher.h"
#include "registry/catalog/renewals.h"
#include "registry/catalog/server_group.h"
#include "registry/catalog/shared_writer_options.h"
#include "registry/catalog/snapshot_builder.h"
#include "registry/catalog/upkeep.h"
#include "registry/catalog/waiting_write.h"
#include "registry/catalog/write_round.h"
#include "registry/catalog/writer.h"
#include "registry/model/value_pool.h"
#include "registry/store/shared_log.h"

namespace rollcall::catalog {

class SharedWriter final : public Writer, private store::SharedLogListener {
 public:
  using Options = SharedWriterOptions;

  // Runs a task on the writer's thread, soon, and then Work.
  using Post = std::function<void(std::function<void()>)>;

  // `clock`, `publisher`, `counters`, `contact`, `renewals` outlive the writer.
  SharedWriter(std::unique_ptr<store::SharedLog> log, const Clock& clock, Publisher* publisher,
               Counters* counters, Contact* contact, Renewals* renewals, Options options,
               Post post);
  ~SharedWriter() override;

  Result<void> Load() override;
  size_t Room() const override;
  void Work(std::vector<Pending> commands) override;
  std::chrono::nanoseconds TimeToWork() const override;
  void End() override;

  // All heartbeats that any server had accepted by then have been noted here: what has passed by
  // then without one may be acted on. Means nothing unless this server owns expiry. The writer's
  // thread.
  void HeardUntil(Clock::TimePoint time) { expiry_.HeardUntil(time); }

  // What this server says of itself; until then the others do not know of it. The writer's thread.
  void Announce(std::string about);
  // See HeartbeatDuty. The writer's thread.
  void SetDuty(HeartbeatDuty duty);
  // Lets another server own expiry, and does not try to for this long. The writer's thread.
  void Resign(std::chrono::nanoseconds pause);

  // Calls `done` once the snapshot is at least as new as every write that had been acknowledged
  // anywhere when this was called; kUnavailable when that cannot be found out. The writer's thread.
  void CatchUp(HeadWait::Reader done);

  // Any thread.
  store::LogFigures log_figures() const { return log_->figures(); }

 private:
  static constexpr size_t kRoom = 4096;
  // So often is a command resolved anew before its client is asked to try again.
  static constexpr int kMostAttempts = 20;

  // Waits until the snapshot has come to `index`.
  struct Reader {
    Index index;
    HeadWait::Reader done;
  };

  // The log's calls, on its threads.
  void OnEntry(store::Entry entry) override;
  void OnOutcome(store::ProposalId id, store::Outcome outcome) override;
  void OnContact(Clock::TimePoint as_of) override;
  void OnTrouble(Error error) override;
  void OnBroken(Error error) override;
  void OnLease(std::optional<Clock::TimePoint> until) override;

  // The same on the writer's thread.
  void Apply(const store::Entry& entry);
  void Take(store::ProposalId id, store::Outcome outcome);
  void TakeContact(Clock::TimePoint as_of);

  // Goes on from what has been loaded, and follows the log from there. Of what was under way it is
  // not known whether it was made: its clients are told so.
  void Adopt(LogReload::Loaded loaded, Clock::TimePoint as_of);
  void ReloadWhenDue();
  void TakeReload(Result<LogReload::Loaded> loaded);
  // Nothing is followed. All that comes waits for the first attempt to load it anew, for no longer
  // than a command may; then it is refused.
  bool IsBroken() const { return reload_at_ || reload_; }
  bool SomebodyWaits() const {
    return !waiting_.empty() || !readers_.empty() || !head_wait_.empty();
  }
  // Why nothing may be asked of the log, if that is so.
  std::optional<Error> RefusalAt(Clock::TimePoint now) const;
  // Publishes what has been applied since, and gives the answers that were waiting for it.
  void Flush();
  // Sees to it that nothing which was proposed until now can be made any more, once it is up.
  void PutFence();
  void TakeFence(const std::optional<std::string>& value);
  void Propose();
  void Settle(WriteRound* round);
  // Acts on deadlines that have passed, if that is this server's to do.
  void ProposeExpiries();
  void Send(ProposalInFlight in_flight, store::Proposal proposal);
  store::ProposalId ProposeForGroup(std::vector<store::Condition> conditions,
                                    std::vector<store::Operation> operations);
  void TakeGroup(const std::function<void()>& change);
  void Return(ProposalInFlight proposal, Index not_before);
  void ReadHead();
  void TakeHead(uint64_t number, const Result<Index>& head);
  void ReleaseReaders(const std::optional<Error>& refusal);
  void GiveUpWhatIsLate();
  void RefuseAll(const Error& error);
  // Lets the log forget what is older than options_.keep_history, if that is this server's to do.
  void CompactWhenDue();
  void AnswerNow(WaitingWrite waiting, Result<Written> written);
  void Warn(const std::string& text) const;

  const std::unique_ptr<store::SharedLog> log_;
  const Clock& clock_;
  const Options options_;
  Publisher* const publisher_;
  Counters* const counters_;
  Contact* const contact_;
  Renewals* const renewals_;
  const Post post_;

  // The writer thread's own.
  ServerGroup group_;
  Fence fence_;
  Upkeep upkeep_;
  ExpiryDuty expiry_;
  Clock::TimePoint next_expiry_warning_;
  size_t expiry_operations_;  // as many may the next proposal of expiries have
  model::ValuePool pool_;
  NodeRevisions revisions_;
  std::optional<SnapshotBuilder> applied_;  // entries that are not published yet
  std::vector<WriteAnswer> answers_;        // given once they are
  std::deque<WaitingWrite> waiting_;        // for being proposed, in the order in which they came
  ProposalsInFlight in_flight_;
  store::ProposalId last_id_ = 0;
  HeadWait head_wait_;
  std::vector<Reader> readers_;
  LogTrouble trouble_;
  bool has_reloaded_ = false;  // or begun to; and has had no contact since
  Clock::TimePoint patience_;  // until then all waits for the log to be loaded anew
  std::chrono::nanoseconds reload_pause_;
  store::ProposalId fence_proposal_ = 0;  // the last one that was to raise the fence
  std::optional<Error> fence_refusal_;    // why the log did not
  Index compact_to_;                      // the catalog's, at some time before
  Clock::TimePoint next_compact_;         // not before
  std::optional<Clock::TimePoint> reload_at_;
  std::optional<LogReload> reload_;  // while it is under way, pool_ is its own
};

}  // namespace rollcall::catalog
