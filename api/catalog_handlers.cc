#include "api/catalog_handlers.h"

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/access/guarded_write.h"
#include "api/access/write_rights.h"
#include "api/local_node.h"
#include "api/reply.h"
#include "api/writes.h"
#include "registry/model/command_json.h"
#include "registry/model/json.h"
#include "registry/model/json_fields.h"

namespace rollcall::api {
namespace {

using catalog::Catalog;
using http::Exchange;
using http::Request;

http::Response True() { return http::JsonResponse("true"); }

// What a check says while its node's heartbeats arrive: Consul's words.
constexpr char kAliveOutput[] = "Agent alive and reachable";

// Consul takes ?dc= of a write over the body's.
Result<void> CheckDatacenter(const Request& request, const ServerInfo& info) {
  const std::string_view asked = request.FindQuery("dc").value_or("");
  if (asked.empty() || asked == info.datacenter) return {};
  return InvalidArgument("No path to datacenter");
}

struct HeartbeatRequest {
  std::string node;
  std::vector<std::string> check_ids;
};

Result<HeartbeatRequest> ParseHeartbeat(std::string_view body) {
  const auto decode_failed = [](const Error& error) {
    return InvalidArgument("Request decode failed: " + error.message);
  };
  const Result<nlohmann::json> parsed = model::ParseJson(body);
  if (!parsed) return decode_failed(parsed.error());
  HeartbeatRequest heartbeat;
  model::FieldReader reader(*parsed, "");
  reader.Read("Node", &heartbeat.node).Read("CheckIDs", &heartbeat.check_ids);
  if (Result<void> ok = reader.Finish(); !ok) return decode_failed(ok.error());
  if (heartbeat.node.empty()) return InvalidArgument("Must provide node");
  if (heartbeat.check_ids.empty()) return InvalidArgument("Must provide CheckIDs");
  return heartbeat;
}

// What a beat does to one check.
struct Beat {
  Catalog::HeartbeatResult result;
  model::UpdateCheck update;  // for kNeedsWrite
};

Beat BeatOf(Catalog& catalog, const catalog::Snapshot& snapshot, const std::string& node,
            const std::string& check_id) {
  const catalog::CheckEntry* entry = snapshot.FindCheck(node, check_id);
  if (entry == nullptr) return {Catalog::HeartbeatResult::kUnknown, {}};
  // A passing check keeps what it says.
  const bool passing = entry->check->status == model::CheckStatus::kPassing;
  std::string output = passing ? entry->check->output.str() : kAliveOutput;
  const auto result =
      catalog.Heartbeat(snapshot, node, check_id, model::CheckStatus::kPassing, output);
  return {result, {node, check_id, model::CheckStatus::kPassing, std::move(output)}};
}

// The answer to a heartbeat that needs several writes: given when the last one is done, and an
// error when any of them failed. The worker's thread or the writer's.
class Tally {
 public:
  Tally(std::shared_ptr<Exchange> exchange, size_t writes)
      : exchange_(std::move(exchange)), left_(writes) {}

  void Add(const Result<catalog::Written>& written) {
    {
      const std::lock_guard lock(mutex_);
      if (written) AddChange(*written, &change_);
      if (!written && !error_) error_ = written.error();
      if (--left_ > 0) return;
    }
    exchange_->PostToWorker([exchange = exchange_, error = error_, change = change_] {
      http::Response response = error ? ErrorResponse(*error) : True();
      response.change = change;
      exchange->Respond(std::move(response));
    });
  }

 private:
  const std::shared_ptr<Exchange> exchange_;
  std::mutex mutex_;
  size_t left_;  // guarded by mutex_
  // Likewise, and constant once nothing is left.
  std::optional<Error> error_;
  std::optional<http::Change> change_;
};

// kPermissionDenied unless the bearer may speak for all of them. What is not there is nobody's but
// those who may write the node.
Result<void> CheckBeats(ApiWorker& worker, const acl::Bearer& bearer,
                        const catalog::Snapshot& snapshot, const HeartbeatRequest& heartbeat) {
  if (!worker.bearers().enabled()) return {};
  for (const std::string& check_id : heartbeat.check_ids) {
    const catalog::CheckEntry* const entry = snapshot.FindCheck(heartbeat.node, check_id);
    const bool may = entry == nullptr
                         ? bearer.authorizer.MayWrite(acl::Resource::kNode, heartbeat.node)
                         : MayUpdate(bearer.authorizer, *entry->check);
    if (!may) return PermissionDenied();
  }
  return {};
}

void Heartbeat(ApiWorker& worker, const std::shared_ptr<Exchange>& exchange,
               const acl::BearerPtr& bearer) {
  const Result<HeartbeatRequest> heartbeat = ParseHeartbeat(exchange->request().body());
  if (!heartbeat) return exchange->Respond(ErrorResponse(heartbeat.error()));
  const auto snapshot = worker.Snapshot();
  if (Result<void> ok = CheckBeats(worker, *bearer, *snapshot, *heartbeat); !ok) {
    return exchange->Respond(ErrorResponse(ok.error()));
  }
  std::vector<model::UpdateCheck> updates;
  std::optional<Error> refused;
  for (const std::string& check_id : heartbeat->check_ids) {
    Beat beat = BeatOf(worker.catalog(), *snapshot, heartbeat->node, check_id);
    if (beat.result == Catalog::HeartbeatResult::kNeedsWrite) {
      updates.push_back(std::move(beat.update));
    } else if (beat.result == Catalog::HeartbeatResult::kNoTtl) {
      refused = InvalidArgument("CheckID \"" + check_id + "\" does not have associated TTL");
    } else if (beat.result == Catalog::HeartbeatResult::kNotNow) {
      refused = HeartbeatsNotAccepted();
    } else if (beat.result == Catalog::HeartbeatResult::kUnknown) {
      refused = NotFound("Unknown check \"" + check_id + "\" on node \"" + heartbeat->node + "\"");
    }
  }
  // The checks that are known have been renewed even so: they are alive.
  if (refused) return exchange->Respond(ErrorResponse(*refused));
  if (updates.empty()) return exchange->Respond(True());
  const auto tally = std::make_shared<Tally>(exchange, updates.size());
  for (model::UpdateCheck& update : updates) {
    SubmitAs(worker, exchange, *bearer, std::move(update),
             [tally](const Result<catalog::Written>& written) { tally->Add(written); });
  }
}

}  // namespace

AccessHandler RegisterHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange, const acl::BearerPtr& bearer) {
    if (Result<void> ok = CheckDatacenter(exchange->request(), worker.info()); !ok) {
      return exchange->Respond(ErrorResponse(ok.error()));
    }
    Result<model::Register> command =
        model::ParseRegister(exchange->request().body(), worker.info().datacenter);
    if (!command) return exchange->Respond(ErrorResponse(command.error()));
    SubmitAndAnswer(worker, exchange, *bearer, std::move(*command), True);
  };
}

AccessHandler DeregisterHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange, const acl::BearerPtr& bearer) {
    if (Result<void> ok = CheckDatacenter(exchange->request(), worker.info()); !ok) {
      return exchange->Respond(ErrorResponse(ok.error()));
    }
    Result<model::Deregister> command =
        model::ParseDeregister(exchange->request().body(), worker.info().datacenter);
    if (!command) return exchange->Respond(ErrorResponse(command.error()));
    SubmitAndAnswer(worker, exchange, *bearer, std::move(*command), True);
  };
}

AccessHandler HeartbeatHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange, const acl::BearerPtr& bearer) {
    Heartbeat(worker, exchange, bearer);
  };
}

http::Handler DatacentersHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(
        http::JsonResponse(Render(nlohmann::ordered_json::array({worker.info().datacenter}))));
  };
}

}  // namespace rollcall::api
