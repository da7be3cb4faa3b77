#include "agent/probe/tls_contexts.h"

namespace rollcall::probe {

namespace ssl = boost::asio::ssl;

namespace {

ssl::context& Make(std::optional<ssl::context>* context, ssl::verify_mode mode) {
  if (!*context) {
    context->emplace(ssl::context::tls_client);
    (*context)->set_verify_mode(mode);
    // Without the system's certificates every verification fails, and the check says so.
    boost::system::error_code no_certificates;
    (*context)->set_default_verify_paths(no_certificates);
  }
  return **context;
}

}  // namespace

ssl::context& TlsContexts::Verifying() { return Make(&verifying_, ssl::verify_peer); }

ssl::context& TlsContexts::For(const model::CheckRun& run) {
  return run.tls_skip_verify ? Make(&trusting_, ssl::verify_none) : Verifying();
}

}  // namespace rollcall::probe
