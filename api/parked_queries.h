// ParkedQueries: the blocking queries of one worker. A query that has nothing new to tell is a
// record, a place in the watch table and a deadline; no thread waits.
//
// The rules of a blocking query (Consul's documentation, and what its clients rely on):
//   1. It is answered as soon as it is due: as a rule when its result's index is greater than the
//      one that it brought (api/read.h).
//   2. When its time is up, it is answered with what there is, under the index that it has.
//   3. The time is what was asked for plus up to a sixteenth, so that clients which began together
//      do not all come back together.
//   4. A client that goes away is forgotten at once; a server that stops answers with what it has.
//   5. However many a change wakes, the worker's other tasks get their turns meanwhile.
//   6. There are at most so many of them on all workers together; one more is refused with 503,
//      which says so.
//
// Threads: the worker's, but for OnChange and Wake, which post to the worker's loop.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <unordered_map>
#include <utility>

#include "api/http/exchange.h"
#include "registry/catalog/catalog.h"
#include "registry/catalog/watch.h"
#include "registry/catalog/watch_table.h"

namespace rollcall::api {

// A question that may have to wait for its answer. The functions are called on the worker's thread
// with the current snapshot.
struct BlockingQuery {
  // A change that may make it due names this key.
  catalog::WatchKey key;
  // How long it may wait.
  std::chrono::nanoseconds wait{0};
  // Whether it is to be answered now: asked when it arrives and on each wake-up.
  std::function<bool(const catalog::Snapshot&)> is_due;
  // The answer as things are now. Called once.
  std::function<http::Response(const catalog::Snapshot&)> respond;
};

// How many queries may be parked on all workers of a server together. Any thread.
class ParkedLimit {
 public:
  // 0: no limit.
  explicit ParkedLimit(size_t limit) : limit_(limit) {}
  // Every true is paired with one Leave.
  bool TryEnter() {
    if (count_.fetch_add(1, std::memory_order_relaxed) < limit_ || limit_ == 0) return true;
    Leave();
    return false;
  }
  void Leave() { count_.fetch_sub(1, std::memory_order_relaxed); }
  size_t limit() const { return limit_; }
  size_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  const size_t limit_;
  std::atomic<size_t> count_{0};
};

class ParkedQueries final : public catalog::ChangeListener {
 public:
  // Everything outlives the object. It listens to the catalog for as long as it exists; destroy it
  // only once the loop has stopped for good: tasks that are posted there refer to it.
  ParkedQueries(boost::asio::io_context& loop, catalog::Catalog& catalog,
                catalog::SnapshotReader& reader, ParkedLimit& limit, uint64_t seed);
  ~ParkedQueries() override;
  ParkedQueries(const ParkedQueries&) = delete;
  ParkedQueries& operator=(const ParkedQueries&) = delete;

  // Answers `exchange` now when the query is due, else when it is, or when its time is up.
  void Answer(std::shared_ptr<http::Exchange> exchange, BlockingQuery query);

  size_t size() const { return queries_.size(); }

  // The writer's thread.
  void OnChange(const std::shared_ptr<const catalog::ChangeSet>& changes) override;
  // Any thread: something that is not in the catalog has changed.
  void Wake(catalog::WatchKey key);

 private:
  // Its place among all workers' queries.
  class Place {
   public:
    explicit Place(ParkedLimit& limit) : limit_(limit) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { limit_.Leave(); }

   private:
    ParkedLimit& limit_;
  };
  // Hooks and timers name their query by number: one that is due may find it answered already.
  using QueryId = uint64_t;
  // Stays where it is from when it is parked until it is answered.
  struct Parked final : catalog::Waiter {
    Parked(QueryId number, std::shared_ptr<http::Exchange> asked, BlockingQuery question,
           ParkedLimit& limit, boost::asio::io_context& loop)
        : id(number),
          exchange(std::move(asked)),
          query(std::move(question)),
          place(limit),
          deadline(loop) {}

    const QueryId id;
    bool is_woken = false;  // and so in woken_
    std::shared_ptr<http::Exchange> exchange;
    BlockingQuery query;
    Place place;
    boost::asio::steady_timer deadline;
  };

  void Park(std::shared_ptr<http::Exchange> exchange, BlockingQuery query);
  // Notes whom the changes wake, and sees to their answers.
  void WakeWaiters(const catalog::ChangeSet& changes);
  // Answers those of the woken that are due, or as many of them as make a turn, and sees to the
  // next one.
  void AnswerWoken();
  void AnswerIfDue(QueryId id);
  // Takes the query out and answers it.
  void Finish(QueryId id);
  std::chrono::nanoseconds WithJitter(std::chrono::nanoseconds wait);

  boost::asio::io_context& loop_;
  catalog::Catalog& catalog_;
  catalog::SnapshotReader& reader_;
  ParkedLimit& limit_;
  std::minstd_rand random_;
  catalog::WatchTable table_;
  std::unordered_map<QueryId, Parked> queries_;  // after table_, which knows them
  QueryId last_id_ = 0;
  std::deque<QueryId> woken_;        // in the order in which they were woken
  bool is_answering_woken_ = false;  // a further turn is to come
};

}  // namespace rollcall::api
