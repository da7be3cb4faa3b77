#include "api/event_handlers.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/event_log.h"
#include "api/reply.h"
#include "api/shared/query_options.h"
#include "api/shared/sight.h"
#include "registry/base/base64.h"

namespace rollcall::api {
namespace {

using catalog::WatchKey;
using http::Exchange;
using http::Request;
using nlohmann::ordered_json;

WatchKey AnyEventKey() { return WatchKey::Outside("event"); }
WatchKey EventKey(const std::string& name) { return WatchKey::Outside("event/" + name); }

ordered_json EventJson(const UserEvent& event) {
  return {{"ID", event.id},
          {"Name", event.name},
          {"Payload", event.payload.empty() ? ordered_json(nullptr)
                                            : ordered_json(EncodeBase64(event.payload))},
          {"NodeFilter", event.node.text()},
          {"ServiceFilter", event.service.text()},
          {"TagFilter", event.tag.text()},
          {"Version", 1},
          {"LTime", event.ltime}};
}

std::string QueryText(const Request& request, std::string_view name) {
  return std::string(request.FindQuery(name).value_or(""));
}

Result<NameFilter> FilterIn(const Request& request, const std::string& name) {
  Result<NameFilter> filter = NameFilter::Compile(QueryText(request, name));
  if (!filter) return InvalidArgument("Invalid " + name + " filter: " + filter.error().message);
  return filter;
}

// The event that a request asks for, in Consul's words for what is wrong with it.
Result<UserEvent> EventIn(const Request& request, const ServerInfo& info) {
  UserEvent event;
  event.name = request.PathParameter("name");
  if (event.name.empty()) return InvalidArgument("Missing name");
  const std::string datacenter = QueryText(request, "dc");
  if (!datacenter.empty() && datacenter != info.datacenter) {
    return InvalidArgument("No path to datacenter");
  }
  Result<NameFilter> node = FilterIn(request, "node");
  if (!node) return node.error();
  Result<NameFilter> service = FilterIn(request, "service");
  if (!service) return service.error();
  Result<NameFilter> tag = FilterIn(request, "tag");
  if (!tag) return tag.error();
  event.node = std::move(*node);
  event.service = std::move(*service);
  event.tag = std::move(*tag);
  if (!event.tag.text().empty() && event.service.text().empty()) {
    return InvalidArgument("Cannot provide tag filter without service filter");
  }
  event.payload = request.body();
  return event;
}

void Fire(ApiWorker& worker, const std::shared_ptr<Exchange>& exchange) {
  const size_t size = exchange->request().body().size();
  if (size > kMaxEventPayload) {
    return exchange->Respond(http::TextResponse(
        413, "The payload of an event is at most " + std::to_string(kMaxEventPayload) +
                 " bytes, this one has " + std::to_string(size)));
  }
  Result<UserEvent> asked = EventIn(exchange->request(), worker.info());
  if (!asked) return exchange->Respond(ErrorResponse(asked.error()));
  const UserEventPtr event = worker.shared().events.Add(std::move(*asked));
  worker.shared().parked.Wake(AnyEventKey());
  worker.shared().parked.Wake(EventKey(event->name));
  exchange->Respond(http::JsonResponse(Render(EventJson(*event))));
}

// Which events a list shows; an empty text means any.
struct Wanted {
  std::string name;
  std::string node;
  std::string service;
  std::string tag;

  bool Matches(const UserEvent& event) const {
    return (name.empty() || event.name == name) && (node.empty() || event.node.Matches(node)) &&
           (service.empty() || event.service.Matches(service)) &&
           (tag.empty() || event.tag.Matches(tag));
  }
};

// Of those that may be seen: the index tells of an event's name, and of whom it is for.
Index IndexOf(const std::vector<UserEventPtr>& events, const Wanted& wanted,
              const acl::Authorizer& may) {
  Sight sight(may);
  const auto newest = std::find_if(events.rbegin(), events.rend(), [&](const UserEventPtr& event) {
    return sight.Event(event->name) && wanted.Matches(*event);
  });
  return newest == events.rend() ? Index(1) : (*newest)->index;
}

// As the bearer's rights are now.
http::Response ListResponse(ApiWorker& worker, const acl::Bearer& bearer,
                            const catalog::Snapshot& snapshot, const Wanted& wanted,
                            const QueryOptions& options) {
  const auto now = worker.bearers().FindAgain(bearer, snapshot);
  if (!now) return ErrorResponse(now.error());
  const auto events = worker.shared().events.Events();
  Sight sight((*now)->authorizer);
  ordered_json list = ordered_json::array();
  for (const UserEventPtr& event : *events) {
    if (sight.Event(event->name) && wanted.Matches(*event)) list.push_back(EventJson(*event));
  }
  http::Response response =
      CatalogResponse(Render(list), IndexOf(*events, wanted, (*now)->authorizer), options);
  AddNarrowed(sight.was_narrowed(), &response);
  return response;
}

// Likewise; who is good no more gets to know it.
bool HasMoved(ApiWorker& worker, const acl::Bearer& bearer, const catalog::Snapshot& snapshot,
              const Wanted& wanted, Index min_index) {
  const auto now = worker.bearers().FindAgain(bearer, snapshot);
  return !now || IndexOf(*worker.shared().events.Events(), wanted, (*now)->authorizer) != min_index;
}

void List(ApiWorker& worker, const std::shared_ptr<Exchange>& exchange,
          const acl::BearerPtr& bearer) {
  const Request& request = exchange->request();
  const Result<QueryOptions> options = ParseQueryOptions(request, ContextOf(worker.info()));
  if (!options) return exchange->Respond(ErrorResponse(options.error()));
  const auto wanted = std::make_shared<const Wanted>(
      Wanted{QueryText(request, "name"), QueryText(request, "node"), QueryText(request, "service"),
             QueryText(request, "tag")});
  worker.parked().Answer(
      exchange, {wanted->name.empty() ? AnyEventKey() : EventKey(wanted->name), options->wait,
                 [&worker, wanted, bearer,
                  min_index = options->min_index](const catalog::Snapshot& snapshot) {
                   return !min_index.is_set() ||
                          HasMoved(worker, *bearer, snapshot, *wanted, min_index);
                 },
                 [&worker, bearer, wanted, options = *options](const catalog::Snapshot& snapshot) {
                   return ListResponse(worker, *bearer, snapshot, *wanted, options);
                 }});
}

}  // namespace

http::Handler FireEventHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange) { Fire(worker, exchange); };
}

AccessHandler ListEventsHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange, const acl::BearerPtr& bearer) {
    List(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
