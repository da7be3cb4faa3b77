#include "api/read_handlers.h"

#include <memory>
#include <string>
#include <utility>

#include "api/answer_read.h"
#include "api/catalog_reads.h"
#include "api/reply.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using http::Request;

Result<std::string> NameIn(const Request& request, const char* missing) {
  std::string name(request.PathParameter("name"));
  if (name.empty()) return InvalidArgument(missing);
  return name;
}

template <typename Record>
Result<ListOptions<Record>> ListOptionsOf(const ServerInfo& info, const QueryOptions& query) {
  Result<filter::Filter<Record>> filter = filter::Filter<Record>::Parse(query.filter);
  if (!filter) return filter.error();
  return ListOptions<Record>{info.datacenter, query, std::move(*filter)};
}

// The read of one named thing, in a list of Records.
template <typename Record>
Result<Read> NamedRead(const Request& request, const char* missing, const ServerInfo& info,
                       const QueryOptions& query, Read (*make)(std::string, ListOptions<Record>)) {
  Result<std::string> name = NameIn(request, missing);
  if (!name) return name.error();
  Result<ListOptions<Record>> options = ListOptionsOf<Record>(info, query);
  if (!options) return options.error();
  return make(std::move(*name), std::move(*options));
}

constexpr char kNoService[] = "Missing service name";
constexpr char kNoNode[] = "Missing node name";

}  // namespace

AccessHandler ReadHandler(ApiWorker& worker, MakeRead make) {
  return [&worker, make](const std::shared_ptr<Exchange>& exchange, const acl::BearerPtr& bearer) {
    const Request& request = exchange->request();
    const Result<QueryOptions> options = ParseQueryOptions(request, ContextOf(worker.info()));
    if (!options) return exchange->Respond(ErrorResponse(options.error()));
    const Result<Read> read = make(request, worker.info(), *options);
    if (!read) return exchange->Respond(ErrorResponse(read.error()));
    AnswerRead(worker, exchange, bearer, *options, *read);
  };
}

Result<Read> NodesRead(const Request&, const ServerInfo& info, const QueryOptions& query) {
  auto options = ListOptionsOf<filter::NodeRecord>(info, query);
  if (!options) return options.error();
  return ListNodes(std::move(*options));
}

Result<Read> ServicesRead(const Request&, const ServerInfo&, const QueryOptions& query) {
  return ListServices(query);
}

Result<Read> CatalogServiceRead(const Request& request, const ServerInfo& info,
                                const QueryOptions& query) {
  return NamedRead(request, kNoService, info, query, CatalogService);
}

Result<Read> CatalogNodeRead(const Request& request, const ServerInfo& info,
                             const QueryOptions& query) {
  return NamedRead(request, kNoNode, info, query, CatalogNode);
}

Result<Read> CatalogNodeServicesRead(const Request& request, const ServerInfo& info,
                                     const QueryOptions& query) {
  return NamedRead(request, kNoNode, info, query, CatalogNodeServices);
}

Result<Read> HealthServiceRead(const Request& request, const ServerInfo& info,
                               const QueryOptions& query) {
  return NamedRead(request, kNoService, info, query, HealthService);
}

Result<Read> HealthNodeRead(const Request& request, const ServerInfo& info,
                            const QueryOptions& query) {
  return NamedRead(request, kNoNode, info, query, HealthNode);
}

Result<Read> HealthChecksRead(const Request& request, const ServerInfo& info,
                              const QueryOptions& query) {
  return NamedRead(request, kNoService, info, query, HealthChecks);
}

Result<Read> HealthStateRead(const Request& request, const ServerInfo& info,
                             const QueryOptions& query) {
  return NamedRead(request, "Missing check state", info, query, HealthState);
}

Result<Read> MeshRead(const Request& request, const ServerInfo& info, const QueryOptions& query) {
  const Result<std::string> name = NameIn(request, kNoService);
  if (!name) return name.error();
  // There is nothing to filter, but a filter that is wrong is an error even so.
  const auto options = ListOptionsOf<filter::HealthRecord>(info, query);
  if (!options) return options.error();
  return NothingInTheMesh();
}

}  // namespace rollcall::api
