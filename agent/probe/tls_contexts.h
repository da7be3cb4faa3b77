// TlsContexts: whom TLS clients trust; made when it is first needed. Of one thread.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>

#include "registry/model/definition.h"

namespace rollcall::probe {

class TlsContexts {
 public:
  // That of a check: who issued a certificate is checked with the system's ones, unless it says not
  // to. Lives as long as this object.
  boost::asio::ssl::context& For(const model::CheckRun& run);

 private:
  std::optional<boost::asio::ssl::context> verifying_;
  std::optional<boost::asio::ssl::context> trusting_;
};

}  // namespace rollcall::probe
