#include "api/acl/acl_enabled.h"

#include <memory>
#include <utility>

#include "api/reply.h"

namespace rollcall::api {
namespace {

using ExchangePtr = std::shared_ptr<http::Exchange>;

bool IsRefusedAsDisabled(ApiWorker& worker, const ExchangePtr& exchange) {
  if (worker.bearers().enabled()) return false;
  exchange->Respond(AclSupportDisabled());
  return true;
}

}  // namespace

http::Handler WhereControlled(ApiWorker& worker, http::Handler handler) {
  return [&worker, handler = std::move(handler)](const ExchangePtr& exchange) {
    if (!IsRefusedAsDisabled(worker, exchange)) handler(exchange);
  };
}

AccessHandler WhereControlled(ApiWorker& worker, AccessHandler handler) {
  return [&worker, handler = std::move(handler)](const ExchangePtr& exchange,
                                                 const acl::BearerPtr& bearer) {
    if (!IsRefusedAsDisabled(worker, exchange)) handler(exchange, bearer);
  };
}

}  // namespace rollcall::api
