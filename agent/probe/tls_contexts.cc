#include "agent/probe/tls_contexts.h"

namespace rollcall::probe {

namespace ssl = boost::asio::ssl;

ssl::context& TlsContexts::For(const model::CheckRun& run) {
  std::optional<ssl::context>& context = run.tls_skip_verify ? trusting_ : verifying_;
  if (!context) {
    context.emplace(ssl::context::tls_client);
    context->set_verify_mode(run.tls_skip_verify ? ssl::verify_none : ssl::verify_peer);
    // Without the system's certificates every verification fails, and the check says so.
    boost::system::error_code no_certificates;
    context->set_default_verify_paths(no_certificates);
  }
  return *context;
}

}  // namespace rollcall::probe
