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
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/catalog/contact.h"
#include "registry/catalog/counters.h"
#include "registry/catalog/expiry_duty.h"
#include "registry/catalog/expiry_tally.h"
#include "registry/catalog/fence.h"
#include "registry/catalog/head_wait.h"
#include "registry/catalog/proposal_builder.h"
#include "registry/catalog/publisher.h"
#include "registry/catalog/renewals.h"
#include "registry/catalog/server_group.h"
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
  struct Options {
    // Of one proposal; the log's limits less what it adds.
    size_t max_operations = 120;
    size_t max_bytes = size_t{1} << 20;
    // Proposals under way at a time. While they are, commands gather for the next one.
    size_t max_in_flight = 4;
    // How long a command may wait for the log; then its client is told that it is not known what
    // became of it.
    std::chrono::nanoseconds write_timeout = std::chrono::seconds(10);
    // How long the log keeps its history: a server that was away for less catches up by it, one
    // that was away for up to twice as long may have to load everything.
    std::chrono::nanoseconds keep_history = std::chrono::minutes(5);
    // Who this server is for the others: another ID in each run.
    std::string id = "server";
    // Told, on the writer's thread, of each change of the servers and of who owns expiry.
    std::function<void(const GroupView&)> on_group;
    // Told of what an operator should know, a sentence each.
    std::function<void(const std::string&)> on_warning;
    // Told that what was warned of is over.
    std::function<void(const std::string&)> on_relief;
  };

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

  struct InFlight {
    std::vector<WaitingWrite> commands;
    std::vector<boost::intrusive_ptr<Deadline>> expired;  // acted on
    ExpiryTally tally;                                    // what those did
    std::set<std::string> nodes;
    Clock::TimePoint began;
    uint64_t fence = 0;                    // that it was proposed under
    std::optional<Clock::TimePoint> lost;  // since when nothing is known of it
  };
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

  // Loads the log and follows it from there. Of what was under way it is not known whether it was
  // made: its clients are told so.
  Result<void> Restart();
  void RestartWhenDue();
  // Publishes what has been applied since, and gives the answers that were waiting for it.
  void Flush();
  std::set<std::string> NodesInFlight() const;
  // Sees to it that nothing which was proposed until now can be made any more, once it is up.
  void PutFence();
  void TakeFence(const std::optional<std::string>& value);
  void Propose();
  void Settle(WriteRound* round);
  // Acts on deadlines that have passed, if that is this server's to do.
  void ProposeExpiries();
  void Send(InFlight in_flight, store::Proposal proposal);
  void ProposeForGroup(std::vector<store::Condition> conditions,
                       std::vector<store::Operation> operations);
  void TakeGroup(const std::function<void()>& change);
  void Return(InFlight proposal, Index not_before);
  void ReadHead();
  void TakeHead(uint64_t number, const Result<Index>& head);
  void ReleaseReaders();
  void GiveUpWhatIsLate();
  void RefuseAll(const Error& error);
  void BeInTrouble(const Error& error);
  void BeOutOfTrouble();
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
  std::map<store::ProposalId, InFlight> in_flight_;
  store::ProposalId last_id_ = 0;
  HeadWait head_wait_;
  std::vector<Reader> readers_;
  std::optional<Error> trouble_;  // why the log cannot be written to
  std::optional<Clock::TimePoint> trouble_since_;
  bool has_restarted_ = false;     // and has had no contact since
  Index compact_to_;               // the catalog's, at some time before
  Clock::TimePoint next_compact_;  // not before
  std::optional<Clock::TimePoint> restart_at_;
};

}  // namespace rollcall::catalog
