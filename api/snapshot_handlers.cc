#include "api/snapshot_handlers.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/local_node.h"
#include "api/reply.h"
#include "api/snapshot_walk.h"
#include "api/writes.h"
#include "registry/store/snapshot_block.h"
#include "registry/store/snapshot_reader.h"
#include "registry/store/snapshot_writer.h"

namespace rollcall::api {
namespace {

using catalog::NodeEntry;
using catalog::Snapshot;
using http::Exchange;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<Exchange>;

// A snapshot on its way out. The stream holds it, by its hook, for as long as there is more to
// send. Once its client may not have it any more the connection is cut: what is missing then is not
// taken for the end.
class OutgoingSnapshot : public std::enable_shared_from_this<OutgoingSnapshot> {
 public:
  OutgoingSnapshot(std::shared_ptr<const Snapshot> snapshot, std::function<bool()> still_may,
                   std::shared_ptr<http::ResponseStream> stream)
      : walk_(std::move(snapshot)), still_may_(std::move(still_may)), stream_(std::move(stream)) {}

  void Begin(store::SnapshotHeader header) {
    header.expected = walk_.Expected();
    if (stream_->Write(writer_.Begin(header))) Continue();
  }

 private:
  void Continue() {
    stream_->OnSent([self = shared_from_this()] { self->SendNext(); });
  }

  void SendNext() {
    if (!still_may_()) return;
    if (walk_.Next(&block_)) {
      if (stream_->Write(writer_.Block(block_))) Continue();
    } else if (stream_->Write(writer_.End())) {
      stream_->End();
    }
  }

  SnapshotWalk walk_;
  store::SnapshotWriter writer_;
  store::SnapshotBlock block_;
  const std::function<bool()> still_may_;
  const std::shared_ptr<http::ResponseStream> stream_;
};

// What a snapshot file asks for.
struct Asked {
  store::RecordCounts counts;
  std::vector<model::Command> commands;
};

Result<Asked> ReadSnapshot(std::string_view body) {
  Asked asked;
  model::ValuePool pool;
  store::SnapshotReader reader([&](const store::SnapshotReader::Block& block) -> Result<void> {
    auto commands = store::CommandsOf(block.content, block.offset, &pool);
    if (!commands) return commands.error();
    std::move(commands->begin(), commands->end(), std::back_inserter(asked.commands));
    return {};
  });
  Result<void> fed = reader.Feed(body);
  Result<store::RecordCounts> counts = fed ? reader.Finish() : fed.error();
  if (!counts) return InvalidArgument("The snapshot cannot be read: " + counts.error().message);
  asked.counts = *counts;
  return asked;
}

bool HoldsMoreThanServers(const Snapshot& snapshot) {
  return std::any_of(snapshot.nodes().begin(), snapshot.nodes().end(),
                     [&](const NodeEntry& node) { return !HoldsOnlyServer(node, snapshot); });
}

// The node of a server here is what the server says; a snapshot may add to it what others
// registered there.
void LeaveServersAlone(const Snapshot& snapshot, std::vector<model::Command>* commands) {
  for (model::Command& command : *commands) {
    auto* const registration = std::get_if<model::Register>(&command);
    if (registration == nullptr) continue;
    const NodeEntry* node = snapshot.FindNode(registration->node.name);
    if (node == nullptr || !IsServersNode(*node)) continue;
    registration->skip_node_update = true;
    if (registration->instance && IsServersOwn(*registration->instance)) {
      registration->instance.reset();
    }
    std::erase_if(registration->checks, [](const model::Check& c) { return IsServersOwn(c); });
  }
}

// The answer to a PUT, given when its last command is done. The writer's thread, but for what is
// refused at once.
class ImportOutcome {
 public:
  ImportOutcome(ExchangePtr exchange, store::RecordCounts counts, size_t commands)
      : exchange_(std::move(exchange)), counts_(counts), left_(commands) {}

  // Of a command about `node`, and there of `instance` if that is not empty. Once for each.
  void Add(const Text& node, const Text& instance, const Result<catalog::Written>& written) {
    const std::lock_guard lock(mutex_);
    if (written) {
      changed_ += written->changed ? 1 : 0;
      AddChange(*written, &change_);
    } else if (written.error().code == ErrorCode::kUnavailable) {
      unavailable_ = written.error();
    } else {
      ++refused_;
      if (refusals_.size() < kMaxRefusals) {
        refusals_.push_back("node \"" + node.str() + "\"" +
                            (instance.empty() ? "" : ", instance \"" + instance.str() + "\"") +
                            ": " + written.error().message);
      }
    }
    if (--left_ == 0) Answer();
  }

  void AnswerNothingToDo() {
    const std::lock_guard lock(mutex_);
    Answer();
  }

 private:
  static constexpr size_t kMaxRefusals = 8;

  void Answer() {
    http::Response response =
        unavailable_ ? ErrorResponse(*unavailable_) : http::JsonResponse(Render(Json()));
    response.change = change_;
    exchange_->PostToWorker([exchange = exchange_, response = std::move(response)]() mutable {
      exchange->Respond(std::move(response));
    });
  }

  ordered_json Json() const {
    return {{"Nodes", counts_.nodes},   {"Instances", counts_.instances},
            {"Checks", counts_.checks}, {"Coordinates", counts_.coordinates},
            {"Changed", changed_},      {"Refused", refused_},
            {"Refusals", refusals_}};
  }

  const ExchangePtr exchange_;
  const store::RecordCounts counts_;
  std::mutex mutex_;
  // Guarded by mutex_.
  size_t left_;
  size_t changed_ = 0;
  size_t refused_ = 0;
  std::vector<std::string> refusals_;
  std::optional<Error> unavailable_;
  std::optional<http::Change> change_;
};

void SubmitAll(ApiWorker& worker, const ExchangePtr& exchange, Asked asked) {
  const auto outcome =
      std::make_shared<ImportOutcome>(exchange, asked.counts, asked.commands.size());
  if (asked.commands.empty()) return outcome->AnswerNothingToDo();
  for (model::Command& command : asked.commands) {
    Text node, instance;
    if (const auto* registration = std::get_if<model::Register>(&command)) {
      node = registration->node.name;
      if (registration->instance) instance = registration->instance->id;
    } else if (const auto* update = std::get_if<model::UpdateCoordinate>(&command)) {
      node = update->coordinate.node;
    }
    worker.catalog().Submit(std::move(command),
                            [outcome, node, instance](const Result<catalog::Written>& written) {
                              outcome->Add(node, instance, written);
                            });
  }
}

}  // namespace

AccessHandler GetSnapshotHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    const auto options = ParseQueryOptions(exchange->request(), ContextOf(worker.info()));
    if (!options) return exchange->Respond(ErrorResponse(options.error()));
    const std::shared_ptr<const Snapshot> snapshot = worker.Snapshot();
    http::Response head = http::EmptyResponse(200);
    head.AddHeader("Content-Type", "application/octet-stream");
    head.AddHeader("X-Consul-Index", std::to_string(snapshot->index().value()));
    const auto sender = std::make_shared<OutgoingSnapshot>(
        snapshot,
        StillMay(worker, bearer,
                 [](const acl::Authorizer& may) { return may.MayWrite(acl::Scalar::kAcl); }),
        exchange->RespondStream(std::move(head)));
    sender->Begin({.version = worker.info().version,
                   .datacenter = worker.info().datacenter,
                   .time = std::chrono::system_clock::now().time_since_epoch(),
                   .index = snapshot->index()});
  };
}

http::Handler PutSnapshotHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    Result<Asked> asked = ReadSnapshot(exchange->request().body());
    if (!asked) return exchange->Respond(ErrorResponse(asked.error()));
    const std::shared_ptr<const Snapshot> snapshot = worker.Snapshot();
    if (!exchange->request().HasQuery("merge") && HoldsMoreThanServers(*snapshot)) {
      return exchange->Respond(ErrorResponse(
          Conflict("The catalog holds more than the registry's own servers: a snapshot is only "
                   "added to that with ?merge")));
    }
    LeaveServersAlone(*snapshot, &asked->commands);
    SubmitAll(worker, exchange, std::move(*asked));
  };
}

}  // namespace rollcall::api
