// Read: one question to the catalog, in the form that serves a plain and a blocking query alike:
// what to wait on, the index of the result, and the result, as far as who asks may see it.
// Immutable, and cheap to copy. Any thread, on any snapshot.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/http/response.h"
#include "api/shared/sight.h"
#include "registry/acl/authorizer.h"
#include "registry/base/index.h"
#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/watch.h"

namespace rollcall::api {

// A result's JSON, and whether it was there already, kept from an earlier request; or why there is
// none.
struct Rendered {
  Rendered(http::Body json) : body(std::move(json)) {}  // NOLINT: made for this request
  Rendered(http::Body json, bool was_kept_before) : body(std::move(json)), kept(was_kept_before) {}
  Rendered(Error error) : problem(std::move(error)) {}  // NOLINT: likewise

  http::Body body;
  bool kept = false;
  std::optional<Error> problem;  // told with the index, so that its end can be waited for
};

// Whether the index of a read can move although its result stays as it is.
enum class IndexMoves {
  kWithTheResult,
  // The result shows a part of what the index counts: only passing instances, those that a filter
  // lets through. Who waits for it is woken by a change of the result itself.
  kAlsoWithoutIt,
};

// Of which records a read tells, so that it is known beforehand whether somebody sees all of them.
struct Scope {
  bool nodes = true;
  bool services = true;
  std::string service = {};  // empty: any

  // Whether nothing can be left out of the answer.
  bool IsSeenBy(const Sight& sight) const {
    return (!nodes || sight.SeesAllNodes()) &&
           (!services || sight.SeesAllServices() || (!service.empty() && sight.MaySee(service)));
  }
  // Whether nothing can be left in it.
  bool IsHiddenFrom(const Sight& sight) const {
    if (nodes && sight.SeesNoNode()) return true;
    if (!service.empty()) return !sight.MaySee(service);
    return services && !nodes && sight.SeesNoService();
  }
};

class Read {
 public:
  struct Answer {
    Index index;
    Rendered result;
    bool narrowed;  // something was kept from who asks
  };

  // A change that may move the index names `key`. `index_of(snapshot)` is cheap: it is looked at on
  // every wake-up. `render(snapshot, sight)` makes the result, of what `sight` (a Sight) shows.
  template <typename IndexOf, typename Render>
  Read(catalog::WatchKey key, IndexOf index_of, Render render,
       IndexMoves index_moves = IndexMoves::kWithTheResult)
      : Read(Of(
            key, [](const catalog::Snapshot& snapshot) { return &snapshot; },
            [index_of = std::move(index_of)](const catalog::Snapshot& snapshot, const void*) {
              return index_of(snapshot);
            },
            [render = std::move(render)](const catalog::Snapshot& snapshot, const void*,
                                         Sight& sight) { return render(snapshot, sight); },
            index_moves)) {}

  // The same of one thing in the catalog, which is looked for once in an answer: `find(snapshot)`
  // points to it or is null, `index_of(snapshot, found)` and `render(snapshot, found, sight)` are
  // given that.
  template <typename Find, typename IndexOf, typename Render>
  static Read Of(catalog::WatchKey key, Find find, IndexOf index_of, Render render,
                 IndexMoves index_moves) {
    using Made = QuestionOf<Find, IndexOf, Render>;
    return Read(
        std::make_shared<const Made>(std::move(find), std::move(index_of), std::move(render)), key,
        index_moves);
  }

  // As long as nothing is said: nodes and services.
  Read Telling(Scope scope) && {
    scope_ = std::move(scope);
    return std::move(*this);
  }

  catalog::WatchKey key() const { return key_; }
  const Scope& scope() const { return scope_; }
  IndexMoves index_moves() const { return index_moves_; }
  Index index(const catalog::Snapshot& snapshot) const { return question_->IndexIn(snapshot); }
  Answer answer(const catalog::Snapshot& snapshot, const acl::Authorizer& may) const {
    return question_->AnswerIn(snapshot, may);
  }

 private:
  struct Question {
    virtual ~Question() = default;
    virtual Index IndexIn(const catalog::Snapshot& snapshot) const = 0;
    virtual Answer AnswerIn(const catalog::Snapshot& snapshot,
                            const acl::Authorizer& may) const = 0;
  };

  template <typename Find, typename IndexOf, typename Render>
  struct QuestionOf final : Question {
    QuestionOf(Find its_find, IndexOf its_index_of, Render its_render)
        : find(std::move(its_find)),
          index_of(std::move(its_index_of)),
          render(std::move(its_render)) {}

    Index IndexIn(const catalog::Snapshot& snapshot) const override {
      return index_of(snapshot, find(snapshot));
    }
    Answer AnswerIn(const catalog::Snapshot& snapshot, const acl::Authorizer& may) const override {
      const auto* const found = find(snapshot);
      Sight sight(may);
      Rendered result = render(snapshot, found, sight);
      return {index_of(snapshot, found), std::move(result), sight.was_narrowed()};
    }

    const Find find;
    const IndexOf index_of;
    const Render render;
  };

  Read(std::shared_ptr<const Question> question, catalog::WatchKey key, IndexMoves index_moves)
      : key_(key), index_moves_(index_moves), question_(std::move(question)) {}

  catalog::WatchKey key_;
  IndexMoves index_moves_;
  Scope scope_;
  std::shared_ptr<const Question> question_;
};

}  // namespace rollcall::api
