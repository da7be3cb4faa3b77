#include "api/coordinate_handlers.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "api/answer_read.h"
#include "api/reply.h"
#include "api/writes.h"
#include "registry/base/ascii.h"
#include "registry/model/coordinate_json.h"

namespace rollcall::api {
namespace {

using catalog::CoordinateSet;
using catalog::Snapshot;
using catalog::WatchKey;
using http::Exchange;
using http::Request;
using nlohmann::ordered_json;

// Of ?segment=; without one all segments are meant, with an empty one that without a name.
using Segment = std::optional<std::string>;

Segment SegmentIn(const Request& request) {
  const auto value = request.FindQuery("segment");
  return value ? Segment(std::string(*value)) : std::nullopt;
}

void AddCoordinates(const CoordinateSet& set, const Segment& segment, ordered_json* list) {
  for (const auto& coordinate : set.coordinates) {
    if (segment && !EqualsIgnoreCase(coordinate->segment, *segment)) continue;
    list->push_back(model::CoordinateJson(*coordinate));
  }
}

// What Vivaldi starts from, and so what Consul shows of a server that has measured nothing yet.
model::Coordinate UnknownPlace(const std::string& node) {
  model::Coordinate coordinate;
  coordinate.node = node;
  coordinate.error = 1.5;
  coordinate.height = 1e-5;
  return coordinate;
}

ordered_json DatacentersJson(const ServerInfo& info, const Snapshot& snapshot) {
  const CoordinateSet* set = snapshot.FindCoordinates(info.node_name);
  const model::Coordinate* own = set == nullptr ? nullptr : set->Find("");
  ordered_json coordinates = ordered_json::array();
  coordinates.push_back(
      model::CoordinateJson(own == nullptr ? UnknownPlace(info.node_name) : *own));
  return ordered_json::array({{{"Datacenter", info.datacenter},
                               {"AreaID", "wan"},
                               {"Coordinates", std::move(coordinates)}}});
}

Read NodeCoordinates(const std::string& node, const Segment& segment) {
  return {WatchKey::Coordinates(node),
          [node](const Snapshot& snapshot) {
            const CoordinateSet* set = snapshot.FindCoordinates(node);
            return set == nullptr ? snapshot.IndexOfAbsentCoordinates(node) : set->index;
          },
          [node, segment](const Snapshot& snapshot, Sight&) {
            ordered_json list = ordered_json::array();
            const CoordinateSet* set = snapshot.FindCoordinates(node);
            if (set != nullptr) AddCoordinates(*set, segment, &list);
            return Render(list);
          }};
}

bool HasCoordinate(const Snapshot& snapshot, const std::string& node, const Segment& segment) {
  const CoordinateSet* set = snapshot.FindCoordinates(node);
  return set != nullptr && (!segment || set->Find(*segment) != nullptr);
}

// Carries the index, so that a client can wait for the first coordinate.
http::Response NoCoordinate(const std::string& node, Index index) {
  http::Response response =
      http::TextResponse(404, "There is no coordinate of node \"" + node + "\"");
  response.AddHeader("X-Consul-Index", std::to_string(std::max(index, Index(1)).value()));
  return response;
}

// Who may read the node is let through by the route table; whether he still may is asked for each
// answer.
http::Response AnswerOnNode(ApiWorker& worker, const acl::Bearer& bearer, const Read& read,
                            const QueryOptions& options, const std::string& node,
                            const Segment& segment, const Snapshot& snapshot) {
  const auto now = worker.bearers().FindAgain(bearer, snapshot);
  if (!now) return ErrorResponse(now.error());
  const acl::Authorizer& may = (*now)->authorizer;
  if (!may.MayRead(acl::Resource::kNode, node)) return ErrorResponse(PermissionDenied());
  const Index index = std::max(read.index(snapshot), Index(1));
  return HasCoordinate(snapshot, node, segment)
             ? CatalogResponse(read.answer(snapshot, may).result.body, index, options)
             : NoCoordinate(node, index);
}

void AnswerNode(ApiWorker& worker, const std::shared_ptr<Exchange>& exchange,
                const acl::BearerPtr& bearer) {
  const Request& request = exchange->request();
  const std::string node(request.PathParameter("name"));
  if (node.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing node name")));
  const Result<QueryOptions> options = ParseQueryOptions(request, ContextOf(worker.info()));
  if (!options) return exchange->Respond(ErrorResponse(options.error()));
  const Segment segment = SegmentIn(request);
  const Read read = NodeCoordinates(node, segment);
  worker.parked().Answer(
      exchange,
      {read.key(), options->wait,
       [read, min_index = options->min_index](const Snapshot& snapshot) {
         return IsReadDue(snapshot, read, min_index);
       },
       [&worker, bearer, read, options = *options, node, segment](const Snapshot& snapshot) {
         return AnswerOnNode(worker, *bearer, read, options, node, segment, snapshot);
       }});
}

void Update(ApiWorker& worker, const std::shared_ptr<Exchange>& exchange,
            const acl::BearerPtr& bearer) {
  const Request& request = exchange->request();
  const std::string_view datacenter = request.FindQuery("dc").value_or("");
  if (!datacenter.empty() && datacenter != worker.info().datacenter) {
    return exchange->Respond(ErrorResponse(InvalidArgument("No path to datacenter")));
  }
  Result<model::UpdateCoordinate> command =
      model::ParseUpdateCoordinate(request.body(), worker.info().datacenter);
  if (!command) return exchange->Respond(ErrorResponse(command.error()));
  SubmitAndAnswer(worker, exchange, *bearer, std::move(*command), EmptyOk);
}

}  // namespace

http::Handler CoordinateDatacentersHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(
        http::JsonResponse(Render(DatacentersJson(worker.info(), *worker.Snapshot()))));
  };
}

Result<Read> CoordinateNodesRead(const Request& request, const ServerInfo&, const QueryOptions&) {
  return Read(
             WatchKey::AllCoordinates(),
             [](const Snapshot& snapshot) { return snapshot.coordinates_index(); },
             [segment = SegmentIn(request)](const Snapshot& snapshot, Sight& sight) {
               ordered_json list = ordered_json::array();
               for (const CoordinateSet& set : snapshot.coordinates()) {
                 if (sight.Node(set.node)) AddCoordinates(set, segment, &list);
               }
               return Render(list);
             })
      .Telling({.services = false});
}

AccessHandler CoordinateNodeHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange, const acl::BearerPtr& bearer) {
    AnswerNode(worker, exchange, bearer);
  };
}

AccessHandler UpdateCoordinateHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange, const acl::BearerPtr& bearer) {
    Update(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
