// TlsPeer: who a client is by the certificate that it has shown and that has been verified.
// A plain value; immutable once a connection has it, so any thread may read it.
#pragma once

#include <string>

namespace rollcall::http {

struct TlsPeer {
  std::string subject;  // as RFC 2253 writes it: "CN=web-1,O=Example"
};

}  // namespace rollcall::http
