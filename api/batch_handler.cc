#include "api/batch_handler.h"

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/access/guarded_write.h"
#include "api/reply.h"
#include "api/writes.h"
#include "registry/model/command_json.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<Exchange>;

// The answer to a batch, given when its last command is done. The worker's thread or the writer's.
class Outcome {
 public:
  Outcome(ExchangePtr exchange, size_t commands)
      : exchange_(std::move(exchange)), errors_(commands), left_(commands) {}

  // Of the command at that place of the batch. Once for each.
  void Add(size_t at, const Result<catalog::Written>& written) {
    const std::lock_guard lock(mutex_);
    if (written) {
      AddChange(*written, &change_);
    } else {
      errors_[at] = written.error();
    }
    if (--left_ > 0) return;
    exchange_->PostToWorker([exchange = exchange_, errors = std::move(errors_), change = change_] {
      http::Response response = http::JsonResponse(Render(Json(errors)));
      response.change = change;
      exchange->Respond(std::move(response));
    });
  }

 private:
  static ordered_json Json(const std::vector<Result<void>>& results) {
    ordered_json list = ordered_json::array();
    for (const Result<void>& result : results) {
      if (result) {
        list.push_back({{"Status", 200}, {"Error", ""}});
      } else {
        list.push_back(
            {{"Status", ErrorResponse(result.error()).status}, {"Error", result.error().message}});
      }
    }
    return list;
  }

  const ExchangePtr exchange_;
  std::mutex mutex_;
  std::vector<Result<void>> errors_;    // guarded by mutex_
  size_t left_;                         // likewise
  std::optional<http::Change> change_;  // likewise
};

// What the bearer may not write is refused for itself.
void SubmitAll(ApiWorker& worker, const ExchangePtr& exchange, const acl::Bearer& bearer,
               std::vector<model::BatchCommand> batch) {
  const auto outcome = std::make_shared<Outcome>(exchange, batch.size());
  const auto order = std::make_shared<WriteOrder>();
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i]) {
      outcome->Add(i, batch[i].error());
      continue;
    }
    const auto done = [outcome, i](const Result<catalog::Written>& written) {
      outcome->Add(i, written);
    };
    std::visit(
        [&](auto& each) {
          model::Command command = std::move(each);
          SubmitAs(worker, exchange, bearer, std::move(command), done, order);
        },
        *batch[i]);
  }
}

}  // namespace

AccessHandler BatchHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    Result<std::vector<model::BatchCommand>> batch =
        model::ParseBatch(exchange->request().body(), worker.info().datacenter);
    if (!batch) return exchange->Respond(ErrorResponse(batch.error()));
    if (batch->empty()) return exchange->Respond(http::JsonResponse("[]"));
    SubmitAll(worker, exchange, *bearer, std::move(*batch));
  };
}

}  // namespace rollcall::api
