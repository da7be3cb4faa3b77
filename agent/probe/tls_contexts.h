// TlsContexts: whom TLS clients trust; made when it is first needed, because whoever needs none
// then also does without OpenSSL's tables, two megabytes. Of one thread.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>

#include "registry/model/definition.h"

namespace rollcall::probe {

class TlsContexts {
 public:
  // Who issued a certificate is checked with the system's ones. Lives as long as this object.
  boost::asio::ssl::context& Verifying();
  // That of a check: the same, unless it says not to check.
  boost::asio::ssl::context& For(const model::CheckRun& run);

 private:
  std::optional<boost::asio::ssl::context> verifying_;
  std::optional<boost::asio::ssl::context> trusting_;
};

}  // namespace rollcall::probe
