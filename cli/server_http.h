// Where a server's options say that HTTP and HTTPS are served. Called by the main thread.
#pragma once

#include <memory>

#include "api/http/limits.h"
#include "api/http/tls_context.h"
#include "cli/server_metrics.h"
#include "cli/server_options.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"

namespace rollcall::cli {

using TlsContextPtr = std::shared_ptr<const http::TlsContext>;

// With the files as they are now. Null where there is no HTTPS.
Result<TlsContextPtr> LoadTls(const ServerOptions& options, const Clock& clock);

// Before the workers start.
Result<void> ListenHttp(const ServerOptions& options, const http::Limits& limits, TlsContextPtr tls,
                        const ServerMetrics::Workers& workers);

}  // namespace rollcall::cli
