#include "api/acl/acl_change.h"

#include <optional>
#include <string_view>

#include "api/reply.h"
#include "api/writes.h"
#include "registry/model/command.h"

namespace rollcall::api {
namespace {

using catalog::Written;

// One request's way to its change. Belongs to the worker's thread, but for being held meanwhile.
class AclAttempts : public std::enable_shared_from_this<AclAttempts> {
 public:
  AclAttempts(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange, acl::BearerPtr bearer,
              MakeAclDraft make)
      : worker_(worker),
        exchange_(std::move(exchange)),
        bearer_(std::move(bearer)),
        make_(std::move(make)) {}

  void Begin() {
    worker_.shared().acl_changes.Enter([self = shared_from_this()](Turnstile::Turn turn) {
      self->exchange_->PostToWorker([self, turn = std::move(turn)] {
        self->turn_ = turn;
        self->Try();
      });
    });
  }

 private:
  void Try() {
    ++attempts_;
    const std::shared_ptr<const catalog::Snapshot> now = worker_.Snapshot();
    Result<AclDraft> draft = make_(worker_.DirectoryOf(*now), *now);
    if (!draft && !worker_.catalog().is_shared()) return End(ErrorResponse(draft.error()));
    model::ChangeAcl command{now->acl_index(), {}, {}};
    if (draft) {
      command.put = std::move(draft->put);
      command.remove = std::move(draft->remove);
    }
    if (Result<void> ok = MayChange(command, *now); !ok) return End(ErrorResponse(ok.error()));
    // Of a draft that failed this only finds out whether it has seen everything.
    worker_.catalog().Submit(
        std::move(command),
        [self = shared_from_this(), draft = std::move(draft)](const Result<Written>& written) {
          self->exchange_->PostToWorker([self, draft, written] { self->Continue(draft, written); });
        });
  }

  Result<void> MayChange(const model::ChangeAcl& command, const catalog::Snapshot& snapshot) {
    if (bearer_ == nullptr) return {};
    const Result<acl::BearerPtr> now = worker_.bearers().FindAgain(*bearer_, snapshot);
    if (!now) return now.error();
    return CheckWrite(worker_, **now, command);
  }

  void Continue(const Result<AclDraft>& draft, const Result<Written>& written) {
    if (!written) {
      const bool is_late = written.error().code == ErrorCode::kConflict;
      if (is_late && attempts_ < kMaxAclAttempts) return Try();
      return End(ErrorResponse(is_late ? TooManyChanges() : written.error()));
    }
    if (!draft) return End(ErrorResponse(draft.error()));
    if (!draft->is_last) {
      attempts_ = 0;
      return Try();
    }
    http::Response response =
        draft->answer(worker_.DirectoryOf(*worker_.Snapshot()), written->index);
    response.change = ChangeOf(*written);
    End(std::move(response));
  }

  static Error TooManyChanges() {
    return Conflict("access control was changed through other servers " +
                    std::to_string(kMaxAclAttempts) + " times meanwhile; try again");
  }

  void End(http::Response response) {
    turn_.reset();
    exchange_->Respond(std::move(response));
  }

  ApiWorker& worker_;
  const std::shared_ptr<http::Exchange> exchange_;
  const acl::BearerPtr bearer_;
  const MakeAclDraft make_;
  Turnstile::Turn turn_;
  int attempts_ = 0;
};

}  // namespace

void ChangeAccess(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                  acl::BearerPtr bearer, MakeAclDraft make) {
  const std::string_view datacenter = exchange->request().FindQuery("dc").value_or("");
  if (!datacenter.empty() && datacenter != worker.info().datacenter) {
    return exchange->Respond(ErrorResponse(InvalidArgument("No path to datacenter")));
  }
  std::make_shared<AclAttempts>(worker, std::move(exchange), std::move(bearer), std::move(make))
      ->Begin();
}

acl::NameOfObject NamesIn(const acl::Directory& directory) {
  return
      [&directory](model::AclKind kind, std::string_view id) { return directory.NameOf(kind, id); };
}

}  // namespace rollcall::api
