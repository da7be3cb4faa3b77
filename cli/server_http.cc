#include "cli/server_http.h"

#include <cstddef>
#include <utility>

#include "api/http/server.h"
#include "cli/server_worker.h"
#include "cli/tls_settings.h"

namespace rollcall::cli {

Result<TlsContextPtr> LoadTls(const ServerOptions& options, const Clock& clock) {
  if (!options.https) return TlsContextPtr();
  Result<TlsContextPtr> context = http::TlsContext::Load(TlsFilesOf(options), clock);
  if (!context) return Error{context.error().code, "HTTPS: " + context.error().message};
  return context;
}

Result<void> ListenHttp(const ServerOptions& options, const http::Limits& limits, TlsContextPtr tls,
                        const ServerMetrics::Workers& workers) {
  http::Server::Options listen;
  listen.plain = options.http.has_value();
  if (options.http) {
    listen.address = options.http->address;
    listen.port = options.http->port;
  }
  if (options.https) {
    listen.tls = http::Server::Tls{options.https->address, options.https->port, std::move(tls)};
  }
  listen.limits = limits;
  if (Result<void> ok = workers.front()->ListenHttp(listen); !ok) return ok;
  for (size_t i = 1; i < workers.size(); ++i) {
    if (Result<void> ok = workers[i]->ListenHttpAlongside(*workers.front()); !ok) return ok;
  }
  return {};
}

}  // namespace rollcall::cli
