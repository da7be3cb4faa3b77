// One GET of a text over HTTP or HTTPS. Runs on its loop's one thread, which owns it: it lives
// until it has called back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "registry/base/result.h"
#include "registry/jwt/http_url.h"
#include "registry/jwt/remote/name_lookups.h"

namespace rollcall::jwt {

struct ExchangeOptions {
  HttpUrl url;
  std::string ca_cert;  // PEM: who may have issued the server's certificate; empty: the system's
  std::chrono::milliseconds timeout{};  // of all of it, however the server trickles
  size_t max_body = 0;
};

// kUnavailable for all that keeps the text away.
using OnBody = std::function<void(Result<std::string>)>;

class Exchange {
 public:
  virtual ~Exchange() = default;
  // It then calls back with kUnavailable. On the loop's thread, like all else.
  virtual void Cancel() = 0;
};

// Anything but 200 is an error, a redirect among it, which is never followed. TLS is 1.2 or later,
// and the certificate must be the host's. Calls back exactly once, from the loop and never before
// it returns. `names`: of the same loop, for as long as that runs.
std::shared_ptr<Exchange> StartExchange(boost::asio::io_context& loop, NameLookups& names,
                                        ExchangeOptions options, OnBody on_body);

}  // namespace rollcall::jwt
