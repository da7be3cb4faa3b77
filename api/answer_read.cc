#include "api/answer_read.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/reply.h"

namespace rollcall::api {
namespace {

using catalog::Snapshot;

// What tells one result from another; bodies of thousands of waiters are not kept for it.
struct Fingerprint {
  size_t size = 0;
  size_t hash = 0;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

Fingerprint FingerprintOf(const Read& read, const Snapshot& snapshot, const acl::Bearer& bearer) {
  const Read::Answer answer = read.answer(snapshot, bearer.authorizer);
  const auto& problem = answer.result.problem;
  const std::string_view bytes = problem ? problem->message : answer.result.body.view();
  return {bytes.size(), std::hash<std::string_view>()(bytes)};
}

// The condition of a parked query whose index moves more often than its result (rule 3).
class ResultChanged {
 public:
  ResultChanged(ApiWorker& worker, acl::BearerPtr bearer, Read read, Index min_index)
      : worker_(worker),
        bearer_(std::move(bearer)),
        read_(std::move(read)),
        min_index_(min_index) {}

  bool operator()(const Snapshot& snapshot) {
    const bool moved = IsReadDue(snapshot, read_, min_index_);
    if (!parked_with_) {
      if (moved) return true;
      parked_with_ = FingerprintOf(read_, snapshot, *bearer_);
      return false;
    }
    if (!moved) return false;
    // Who is good no more gets to know it.
    const auto now = worker_.bearers().FindAgain(*bearer_, snapshot);
    return !now || FingerprintOf(read_, snapshot, **now) != *parked_with_;
  }

 private:
  ApiWorker& worker_;
  acl::BearerPtr bearer_;
  Read read_;
  Index min_index_;
  std::optional<Fingerprint> parked_with_;
};

}  // namespace

bool IsReadDue(const Snapshot& snapshot, const Read& read, Index min_index) {
  if (!min_index.is_set()) return true;
  const Index known = std::max(snapshot.index(), Index(1));
  return min_index > known || read.index(snapshot) > min_index;
}

namespace {

// Why a read that asked for this much cannot be answered from what is here; none: it can be.
std::optional<Error> TooOld(ApiWorker& worker, const QueryOptions& options,
                            std::chrono::nanoseconds age) {
  const ReadBounds& bounds = worker.shared().bounds;
  const bool is_stale = options.consistency == Consistency::kStale &&
                        (!options.max_stale || age <= *options.max_stale);
  if (is_stale ? !bounds.stale || age <= *bounds.stale : age <= bounds.by_default) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  return Unavailable("No cluster leader: this server has had no word of its log for " +
                     std::to_string(seconds) + " s" +
                     (is_stale ? ", which is longer than it may answer without (--max-stale)"
                               : "; ?stale answers with what it knew then"));
}

http::Response Answer(ApiWorker& worker, const acl::Bearer& bearer, const Read& read,
                      const QueryOptions& options, const Snapshot& snapshot) {
  const auto now = worker.bearers().FindAgain(bearer, snapshot);
  if (!now) return ErrorResponse(now.error());
  Freshness freshness;
  if (worker.catalog().is_shared() && options.consistency != Consistency::kConsistent) {
    const std::chrono::nanoseconds age = worker.catalog().Age();
    if (const auto error = TooOld(worker, options, age)) return ErrorResponse(*error);
    freshness.known_leader = age <= worker.shared().bounds.by_default;
    freshness.last_contact = std::chrono::duration_cast<std::chrono::milliseconds>(age);
  }
  Read::Answer answer = read.answer(snapshot, (*now)->authorizer);
  const Index index = std::max(answer.index, Index(1));
  if (answer.result.problem) {
    http::Response response = ErrorResponse(*answer.result.problem);
    response.AddHeader("X-Consul-Index", std::to_string(index.value()));
    return response;
  }
  http::Response response =
      CatalogResponse(std::move(answer.result.body), index, options, freshness);
  // What is kept is dropped by the change that would make it stale, so that its age is always 0.
  if (options.cached)
    response.header_block +=
        answer.result.kept ? "X-Cache: HIT\r\nAge: 0\r\n" : "X-Cache: MISS\r\n";
  AddNarrowed(answer.narrowed, &response);
  return response;
}

// When a query that is parked is to be answered before its time is up.
// `found_in`: that the bearer was.
std::function<bool(const Snapshot&)> ConditionOf(ApiWorker& worker, const acl::BearerPtr& bearer,
                                                 const Snapshot& found_in,
                                                 const QueryOptions& options, const Read& read) {
  const Sight sight(bearer->authorizer);
  if (read.scope().IsHiddenFrom(sight)) {
    // Whoever sees nothing of it is woken by nothing of it, as long as nobody's rights change: many
    // that ask cost next to nothing then.
    return [&worker, bearer, read, min_index = options.min_index,
            rights = found_in.acl_edition()](const Snapshot& snapshot) {
      if (snapshot.acl_edition() == rights) return false;
      const auto now = worker.bearers().FindAgain(*bearer, snapshot);
      if (!now) return true;
      return !read.scope().IsHiddenFrom(Sight((*now)->authorizer)) &&
             IsReadDue(snapshot, read, min_index);
    };
  }
  if (read.index_moves() == IndexMoves::kAlsoWithoutIt || !read.scope().IsSeenBy(sight)) {
    return ResultChanged(worker, bearer, read, options.min_index);
  }
  return [read, min_index = options.min_index](const Snapshot& snapshot) {
    return IsReadDue(snapshot, read, min_index);
  };
}

void AnswerFromHere(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                    const acl::BearerPtr& bearer, const QueryOptions& options, const Read& read) {
  const std::shared_ptr<const Snapshot> now = worker.Snapshot();
  if (IsReadDue(*now, read, options.min_index)) {
    return exchange->Respond(Answer(worker, *bearer, read, options, *now));
  }
  // As of the same snapshot as the condition: he may have been found in an older one, and a grant
  // that has come meanwhile would not be noticed.
  const Result<acl::BearerPtr> found = worker.bearers().FindAgain(*bearer, *now);
  if (!found) return exchange->Respond(ErrorResponse(found.error()));
  BlockingQuery query{read.key(), options.wait, ConditionOf(worker, *found, *now, options, read),
                      [&worker, bearer, read, options](const Snapshot& snapshot) {
                        return Answer(worker, *bearer, read, options, snapshot);
                      }};
  worker.parked().Answer(std::move(exchange), std::move(query));
}

// Once this server knows all that had been acknowledged when the read came.
void AnswerWhenCaughtUp(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                        const acl::BearerPtr& bearer, const QueryOptions& options,
                        const Read& read) {
  worker.catalog().CatchUp([&worker, exchange, bearer, options, read](Result<void> done) {
    exchange->PostToWorker([&worker, exchange, bearer, options, read, done = std::move(done)] {
      if (!done) return exchange->Respond(ErrorResponse(done.error()));
      AnswerFromHere(worker, exchange, bearer, options, read);
    });
  });
}

}  // namespace

void AnswerRead(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                const acl::BearerPtr& bearer, const QueryOptions& options, const Read& read) {
  if (worker.catalog().is_shared()) {
    // Another server, which is ahead of this one, may have given the client its index.
    const bool is_ahead = options.min_index > worker.Snapshot()->index() &&
                          options.consistency != Consistency::kStale;
    if (options.consistency == Consistency::kConsistent || is_ahead) {
      return AnswerWhenCaughtUp(worker, std::move(exchange), bearer, options, read);
    }
  }
  AnswerFromHere(worker, std::move(exchange), bearer, options, read);
}

}  // namespace rollcall::api
