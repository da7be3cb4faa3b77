// SharedLog: the durable log of several servers. Each of them follows it into a catalog of its own,
// and any of them may write to it: a write names what it relies on, and is made only if that still
// holds. An entry is what one such write did, at one revision of the log; all servers are told the
// same entries in the same order.
//
// What a log holds is keys with values. Keys are as documents.h has them; the log's own prefix is
// not part of them.
//
// Threads: Load blocks and is called while nothing is followed. All else may be called from any
// thread and returns at once. The listener is called on threads of the log's own, one call at a
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/index.h"
#include "registry/base/result.h"

namespace rollcall::store {

struct KeyValue {
  std::string key;
  std::string value;
  Index revision;  // of its last write
};

// What must hold for a write to be made.
struct Condition {
  enum class Kind {
    kAbsent,     // there is no such key
    kUnchanged,  // its last write was at `revision`
    kHasValue,   // it is there and holds `value`
  };
  Kind kind;
  std::string key;
  Index revision;
  std::string value;

  static Condition Absent(std::string key) { return {Kind::kAbsent, std::move(key), {}, {}}; }
  static Condition Unchanged(std::string key, Index revision) {
    return {Kind::kUnchanged, std::move(key), revision, {}};
  }
  static Condition HasValue(std::string key, std::string value) {
    return {Kind::kHasValue, std::move(key), {}, std::move(value)};
  }
};

// One operation of a write. No two of one proposal may concern the same key.
struct Operation {
  enum class Kind {
    kPut,
    kPutWhileAlive,  // the log removes it when this server has not been heard of for a lease
    kRemove,
    kRemoveAllUnder,  // every key that begins with `key`
  };
  Kind kind;
  std::string key;
  std::string value;  // of a kPut
};

// What a log may hold, by the number of its format; each may hold what those before it may. A
// server that does not know a log's format does not read that log, or stops when it changes to
// that.
inline constexpr uint32_t kFirstLogFormat = 1;
inline constexpr uint32_t kAclLogFormat = 2;  // objects of access control too
inline constexpr uint32_t kNewestLogFormat = kAclLogFormat;

// A number that this server gives to a write of its own; never 0, and never given again.
using ProposalId = uint64_t;

struct Proposal {
  ProposalId id = 0;
  std::vector<Condition> conditions;
  std::vector<Operation> operations;
  // Makes an entry of the catalog: moves the head of the log. What concerns the servers themselves
  // does not.
  bool moves_head = true;
  // The first format that may hold what is written. A log of an older one gets it by the same
  // write, so that no server goes on with what it does not know.
  uint32_t format = kFirstLogFormat;
};

// What a proposal came to.
struct Outcome {
  enum class Kind {
    kCommitted,  // as the entry at `index`, which the listener is told of too, before or after
    kConflict,   // a condition does not hold; nothing was written. The log's head was at `index`
    kRefused,    // the log will never take it, or not now: nothing was written; see `error`
    kUnknown,    // no answer came: it may have been made, or be made yet; see `error`
  };
  Kind kind;
  Index index;
  Error error;
};

struct KeyChange {
  std::string key;
  std::optional<std::string> value;  // none: removed
};

// All that was written at one revision.
struct Entry {
  Index index;
  bool moved_head = false;
  ProposalId proposal = 0;  // by which it was made, if that was one of this server; else 0
  std::vector<KeyChange> changes;
};

// How far a server has come in the log.
struct Position {
  Index revision;     // all entries up to this one are known
  Index head;         // the last of them that moved the head; unset: none has yet
  std::string token;  // what that one wrote there: tells it from another log's entry of that number
};

class SharedLogListener {
 public:
  virtual ~SharedLogListener() = default;

  // The next entry. In order, each once, whole.
  virtual void OnEntry(Entry entry) = 0;
  virtual void OnOutcome(ProposalId id, Outcome outcome) = 0;
  // Everything that had been committed by `as_of` has been handed to OnEntry. Called about once a
  // second while there is contact.
  virtual void OnContact(Clock::TimePoint as_of) = 0;
  // The log cannot be reached, or not be followed, and why; said again when the reason changes. The
  // log goes on trying: an OnContact tells when it has succeeded.
  virtual void OnTrouble(Error error) = 0;
  // It cannot be followed from where this server is: Load, and Follow anew. `error` says why: what
  // is missing has been compacted away (kUnavailable), or the log is not the one that was followed
  // but, say, an older copy that was restored (kCorruption), or a newer rollcall has written to it
  // what this one does not know (kInvalidArgument). Nothing more is told until then, but
  // what comes of proposals: each gets its one outcome.
  virtual void OnBroken(Error error) = 0;
  // Keys that were put with kPutWhileAlive stay until `until` at least. Unset: they are gone, or
  // may be: they have to be put again, when this has been called with a time.
  virtual void OnLease(std::optional<Clock::TimePoint> until) = 0;
};

// What a log tells of itself in numbers.
struct LogFigures {
  Index head;                     // as the log said when it was last asked
  uint64_t endpoint_changes = 0;  // how often a server of the log was given up for another one
};

class SharedLog {
 public:
  // What it holds, in the order of keys (as bytes). False: no more is wanted.
  using KeySink = std::function<bool(std::vector<KeyValue>)>;

  virtual ~SharedLog() = default;

  // Hands everything that the log holds at one moment to `sink`. Returns where that was. Blocks.
  // Errors: kUnavailable (no server of the log answers), kPermissionDenied (the log refuses this
  // server's name or certificate), kCorruption, kInvalidArgument (made by a newer rollcall, or by
  // another program). Given up, it returns soon, with any of these or with what it has.
  virtual Result<Position> Load(const KeySink& sink, const std::stop_token& given_up) = 0;

  // Tells `listener` of what comes after `position`, which Load has returned or OnEntry has come
  // to, until Stop.
  virtual void Follow(Position position, SharedLogListener* listener) = 0;
  // The listener is not called any more once it has returned, also for what was proposed: that may
  // have been made, or be made yet. Keys that were put with kPutWhileAlive are removed.
  virtual void Stop() = 0;

  // Writes all operations or none, at one revision. OnOutcome tells what came of it, once.
  virtual void Propose(Proposal proposal) = 0;

  // The index of the newest entry that moved the head: at least as new as any entry that had been
  // acknowledged, by any server, when this was called. `done` is called once, on the log's threads.
  // kUnavailable: the log cannot be reached.
  virtual void ReadHead(std::function<void(Result<Index>)> done) = 0;

  // The log may forget how it came to be as it was at `before`: who has not come so far is told
  // OnBroken. To be called by one server, now and then; a log that keeps no history has nothing to
  // do. What comes of it is not told.
  virtual void Compact(Index /*before*/) {}

  virtual LogFigures figures() const { return {}; }
};

}  // namespace rollcall::store
