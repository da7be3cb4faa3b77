// ParkedQueries: the blocking queries of one worker. A query that has nothing new to tell is a
// record, a place in the watch table and a deadline; no thread waits.
//
// The rules of a blocking query (Consul's documentation, and what its clients rely on):
//   1. It is answered as soon as its result's index is greater than the one that it brought.
//   2. An index that the catalog has not reached yet (it was restored from an older state) is
//      answered at once.
//   3. When its time is up, it is answered with what there is, under the index that it has.
//   4. The time is what was asked for plus up to a sixteenth, so that clients which began together
//      do not all come back together.
//   5. The index in the answer is never 0: a client would take it for "do not block".
//   6. A client that goes away is forgotten at once; a server that stops answers with what it has.
//
// Threads: the worker's. Changes come in through OnChange, called by the writer, which posts to
// the worker's loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <random>
#include <unordered_map>

#include "api/http/exchange.h"
#include "api/query_options.h"
#include "api/read.h"
#include "registry/catalog/catalog.h"
#include "registry/catalog/watch.h"

namespace rollcall::api {

class ParkedQueries final : public catalog::ChangeListener {
 public:
  // Everything outlives the object. It listens to the catalog for as long as it exists; destroy it
  // only once the loop has stopped, or on the worker's thread.
  ParkedQueries(boost::asio::io_context& loop, catalog::Catalog& catalog,
                catalog::SnapshotReader& reader, uint64_t seed);
  ~ParkedQueries() override;
  ParkedQueries(const ParkedQueries&) = delete;
  ParkedQueries& operator=(const ParkedQueries&) = delete;

  // Answers `exchange` with the read's result, now or when it has changed.
  void Answer(std::shared_ptr<http::Exchange> exchange, const QueryOptions& options, Read read);

  size_t size() const { return queries_.size(); }

  // The writer's thread.
  void OnChange(const std::shared_ptr<const catalog::ChangeSet>& changes) override;

 private:
  struct Query {
    std::shared_ptr<http::Exchange> exchange;
    QueryOptions options;
    Read read;
    boost::asio::steady_timer deadline;
    catalog::WatchTable::Ticket ticket;
  };
  // Hooks and timers name their query by number: one that is due may find it answered already.
  using QueryId = uint64_t;

  bool IsDue(const QueryOptions& options, const Read& read) const;
  void Park(std::shared_ptr<http::Exchange> exchange, const QueryOptions& options, Read read);
  void OnWake(QueryId id);
  // Takes the query out and answers it.
  void Finish(QueryId id);
  void Respond(http::Exchange& exchange, const QueryOptions& options, const Read& read);
  std::chrono::nanoseconds WithJitter(std::chrono::nanoseconds wait);

  boost::asio::io_context& loop_;
  catalog::Catalog& catalog_;
  catalog::SnapshotReader& reader_;
  std::minstd_rand random_;
  catalog::WatchTable table_;
  std::unordered_map<QueryId, Query> queries_;  // after table_, which their tickets point into
  QueryId last_id_ = 0;
};

}  // namespace rollcall::api
