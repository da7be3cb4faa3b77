#include "api/access/guarded_write.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "api/access/write_rights.h"
#include "registry/base/ascii.h"
#include "registry/base/counted.h"
#include "registry/catalog/edition.h"
#include "registry/catalog/write_guard.h"

namespace rollcall::api {
namespace {

void SubmitGuarded(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                   const acl::Bearer& bearer, model::Command command, catalog::Done done,
                   std::shared_ptr<WriteOrder> order, int attempt);

struct NodeNameOf {
  std::string_view operator()(const model::Register& put) const { return put.node.name; }
  std::string_view operator()(const model::UpdateCoordinate& put) const {
    return put.coordinate.node;
  }
  std::string_view operator()(const model::ChangeAcl&) const { return {}; }
  template <typename Command>
  std::string_view operator()(const Command& command) const {
    return command.node;
  }
};

// The node that a command is about, as it was when the command was judged. All records that the
// rights to it depend on are that node's, but where it takes the ID of another node: while the node
// is as it was, all of it is. That spares the writer the judgement, for one look-up.
class JudgedNode {
 public:
  JudgedNode(const catalog::Snapshot& snapshot, const model::Command& command)
      : entry_(snapshot.FindNode(std::visit(NodeNameOf(), command))),
        is_all_(entry_ != nullptr && !TakesAnId(command)) {}

  bool IsAsItWas(const catalog::Snapshot& state, const model::Command& command) const {
    return is_all_ && state.FindNode(std::visit(NodeNameOf(), command)) == entry_.get();
  }

 private:
  bool TakesAnId(const model::Command& command) const {
    const auto* const put = std::get_if<model::Register>(&command);
    return put != nullptr && !put->node.id.empty() &&
           !EqualsIgnoreCase(put->node.id, entry_->node->id);
  }

  const Ref<catalog::NodeEntry> entry_;  // null: there was none
  const bool is_all_;
};

// The rights that one attempt was submitted by.
class RightsGuard final : public catalog::WriteGuard {
 public:
  // `snapshot`: that `bearer` was found in, and that allows him `command`.
  RightsGuard(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange, acl::BearerPtr bearer,
              const catalog::Snapshot& snapshot, const model::Command& command,
              std::shared_ptr<WriteOrder> order, int attempt)
      : worker_(worker),
        exchange_(std::move(exchange)),
        bearer_(std::move(bearer)),
        as_of_(snapshot.acl_edition()),
        node_(snapshot, command),
        order_(std::move(order)),
        attempt_(attempt) {}

  // Of the worker it looks at what is constant only.
  bool Holds(const catalog::Snapshot& state, const model::Command& command) const override {
    if (order_ != nullptr && attempt_ <= order_->given_back) return false;
    if (state.acl_edition() != as_of_ && !bearer_->grounds->AreIn(state)) return false;
    if (bearer_->expires && bearer_->HasExpired(worker_.bearers().options().now())) return false;
    return node_.IsAsItWas(state, command) || MayStillWrite(bearer_->authorizer, state, command);
  }

  void WillGiveBack() const override {
    if (order_ != nullptr) order_->given_back = std::max(order_->given_back, attempt_);
  }

  // What is posted to the worker is done in the order in which it was posted.
  void GiveBack(model::Command command, catalog::Done done) const override {
    exchange_->PostToWorker([&worker = worker_, exchange = exchange_, bearer = bearer_,
                             order = order_, attempt = attempt_, command = std::move(command),
                             done = std::move(done)]() mutable {
      SubmitGuarded(worker, std::move(exchange), *bearer, std::move(command), std::move(done),
                    order, attempt + 1);
    });
  }

 private:
  ApiWorker& worker_;
  const std::shared_ptr<http::Exchange> exchange_;
  const acl::BearerPtr bearer_;
  const catalog::Edition as_of_;
  const JudgedNode node_;
  const std::shared_ptr<WriteOrder> order_;
  const int attempt_;
};

void SubmitGuarded(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                   const acl::Bearer& bearer, model::Command command, catalog::Done done,
                   std::shared_ptr<WriteOrder> order, int attempt) {
  if (attempt > kMostGuardedAttempts) {
    return done(Unavailable("what this writes to, or who may, keeps changing; try again"));
  }
  const std::shared_ptr<const catalog::Snapshot> now = worker.Snapshot();
  // The bearer may have been found in an older snapshot.
  const Result<acl::BearerPtr> found = worker.bearers().FindAgain(bearer, *now);
  if (!found) return done(found.error());
  if (Result<void> ok = CheckWrite((*found)->authorizer, *now, command); !ok) {
    return done(ok.error());
  }
  auto guard = std::make_shared<const RightsGuard>(worker, std::move(exchange), *found, *now,
                                                   command, std::move(order), attempt);
  worker.catalog().Submit(std::move(command), std::move(done), std::move(guard));
}

}  // namespace

void SubmitAs(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
              const acl::Bearer& bearer, model::Command command, catalog::Done done,
              std::shared_ptr<WriteOrder> order) {
  if (!worker.bearers().enabled()) {
    return worker.catalog().Submit(std::move(command), std::move(done));
  }
  SubmitGuarded(worker, std::move(exchange), bearer, std::move(command), std::move(done),
                std::move(order), 1);
}

}  // namespace rollcall::api
