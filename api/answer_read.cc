#include "api/answer_read.h"

#include <algorithm>
#include <functional>
#include <optional>
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

Fingerprint FingerprintOf(const Read& read, const Snapshot& snapshot) {
  const Rendered result = read.render(snapshot);
  const std::string_view bytes = result.body.view();
  return {bytes.size(), std::hash<std::string_view>()(bytes)};
}

// The condition of a parked query whose index moves more often than its result (rule 3).
class ResultChanged {
 public:
  ResultChanged(std::shared_ptr<const Read> read, Index min_index)
      : read_(std::move(read)), min_index_(min_index) {}

  bool operator()(const Snapshot& snapshot) {
    const bool moved = IsReadDue(snapshot, *read_, min_index_);
    if (!parked_with_) {
      if (moved) return true;
      parked_with_ = FingerprintOf(*read_, snapshot);
      return false;
    }
    return moved && FingerprintOf(*read_, snapshot) != *parked_with_;
  }

 private:
  std::shared_ptr<const Read> read_;
  Index min_index_;
  std::optional<Fingerprint> parked_with_;
};

http::Response Answer(const Read& read, const QueryOptions& options, const Snapshot& snapshot) {
  const Index index = std::max(read.index(snapshot), Index(1));
  Rendered result = read.render(snapshot);
  http::Response response = CatalogResponse(std::move(result.body), index, options);
  // What is kept is dropped by the change that would make it stale, so that its age is always 0.
  if (options.cached)
    response.header_block += result.kept ? "X-Cache: HIT\r\nAge: 0\r\n" : "X-Cache: MISS\r\n";
  return response;
}

}  // namespace

bool IsReadDue(const Snapshot& snapshot, const Read& read, Index min_index) {
  if (!min_index.is_set()) return true;
  const Index known = std::max(snapshot.index(), Index(1));
  return min_index > known || read.index(snapshot) > min_index;
}

void AnswerRead(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                const QueryOptions& options, Read read) {
  const auto shared = std::make_shared<const Read>(std::move(read));
  BlockingQuery query{
      shared->key, options.wait, nullptr,
      [shared, options](const Snapshot& snapshot) { return Answer(*shared, options, snapshot); }};
  if (shared->index_moves == IndexMoves::kAlsoWithoutIt) {
    query.is_due = ResultChanged(shared, options.min_index);
  } else {
    query.is_due = [shared, min_index = options.min_index](const Snapshot& snapshot) {
      return IsReadDue(snapshot, *shared, min_index);
    };
  }
  worker.parked().Answer(std::move(exchange), std::move(query));
}

}  // namespace rollcall::api
