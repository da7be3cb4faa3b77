#include "api/parked_queries.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "api/reply.h"

namespace rollcall::api {

ParkedQueries::ParkedQueries(boost::asio::io_context& loop, catalog::Catalog& catalog,
                             catalog::SnapshotReader& reader, uint64_t seed)
    : loop_(loop),
      catalog_(catalog),
      reader_(reader),
      random_(static_cast<std::minstd_rand::result_type>(seed)) {
  catalog_.AddListener(this);
}

ParkedQueries::~ParkedQueries() { catalog_.RemoveListener(this); }

void ParkedQueries::OnChange(const std::shared_ptr<const catalog::ChangeSet>& changes) {
  // The snapshot is published already, so a query that parks after this message was sent has seen
  // it, and one that parked before is in the table when it arrives: no change is missed.
  boost::asio::post(loop_, [this, changes] {
    // Also lets go of the old snapshot, which an idle worker would keep for ever.
    reader_.Current();
    table_.Wake(*changes);
  });
}

bool ParkedQueries::IsDue(const QueryOptions& options, const Read& read) const {
  if (!options.min_index.is_set()) return true;
  const auto& snapshot = *reader_.Current();
  const Index known = std::max(snapshot.index(), Index(1));
  return options.min_index > known || read.index(snapshot) > options.min_index;
}

void ParkedQueries::Answer(std::shared_ptr<http::Exchange> exchange, const QueryOptions& options,
                           Read read) {
  if (IsDue(options, read)) return Respond(*exchange, options, read);
  Park(std::move(exchange), options, std::move(read));
}

void ParkedQueries::Park(std::shared_ptr<http::Exchange> exchange, const QueryOptions& options,
                         Read read) {
  const QueryId id = ++last_id_;
  const catalog::WatchKey key = read.key;
  Query& query = queries_
                     .emplace(id, Query{std::move(exchange),
                                        options,
                                        std::move(read),
                                        boost::asio::steady_timer(loop_),
                                        {}})
                     .first->second;
  query.ticket = table_.Park(key, [this, id] { OnWake(id); });
  query.deadline.expires_after(WithJitter(options.wait));
  query.deadline.async_wait([this, id](boost::system::error_code cancelled) {
    if (!cancelled) Finish(id);
  });
  query.exchange->OnShutdown([this, id] { Finish(id); });
  query.exchange->OnClosed([this, id] { queries_.erase(id); });
}

void ParkedQueries::OnWake(QueryId id) {
  const auto found = queries_.find(id);
  if (found != queries_.end() && IsDue(found->second.options, found->second.read)) Finish(id);
}

void ParkedQueries::Finish(QueryId id) {
  // Out of the table first: answering may park the connection's next query.
  auto taken = queries_.extract(id);
  if (taken.empty()) return;
  Query& query = taken.mapped();
  query.ticket.Leave();
  query.deadline.cancel();
  Respond(*query.exchange, query.options, query.read);
}

void ParkedQueries::Respond(http::Exchange& exchange, const QueryOptions& options,
                            const Read& read) {
  const std::shared_ptr<const catalog::Snapshot> snapshot = reader_.Current();
  const Index index = std::max(read.index(*snapshot), Index(1));
  exchange.Respond(CatalogResponse(read.render(*snapshot), index, options));
}

std::chrono::nanoseconds ParkedQueries::WithJitter(std::chrono::nanoseconds wait) {
  return wait + std::chrono::nanoseconds(
                    std::uniform_int_distribution<int64_t>(0, wait.count() / 16)(random_));
}

}  // namespace rollcall::api
