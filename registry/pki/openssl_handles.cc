#include "registry/pki/openssl_handles.h"

#include <openssl/err.h>

#include <limits>

namespace rollcall::pki {

std::string TakeOpensslReason() {
  const char* const reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return reason == nullptr ? "OpenSSL says no more" : reason;
}

Error OpensslError(std::string_view what) {
  return IoError(std::string(what) + ": " + TakeOpensslReason());
}

BioHandle ReadFrom(std::string_view pem) {
  if (pem.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return nullptr;
  return BioHandle(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::string TextOf(BIO* memory) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(memory, &bytes);
  return size > 0 ? std::string(bytes, static_cast<size_t>(size)) : std::string();
}

}  // namespace rollcall::pki
