// MutualTlsTest: a server's certificate, clients' certificates and the authority of both, for the
// tests of what a connection over TLS has beside those without. The test's thread's alone.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "api/http/ssl_handles.h"
#include "api/http/tls_files.h"
#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"
#include "tests/e2e/harness/certificates.h"

namespace rollcall::http {

class MutualTlsTest : public testing::Test {
 protected:
  // The body of the answer.
  static std::string Ask(RawClient& client, const std::string& path) {
    client.Send(Get(path));
    return client.Read().body;
  }
  TlsFiles Mutual() const {
    return {server_pair_.certificate, server_pair_.key, authority_.file(), true};
  }
  ClientOptions With(const e2e::KeyPair& pair) const {
    ClientOptions options;
    options.authority = authority_.file();
    options.certificate = pair.certificate;
    options.key = pair.key;
    return options;
  }
  static e2e::KeyPair MakeClient(const e2e::Authority& authority, const std::string& name,
                                 int days = 2) {
    return authority.Sign({.name = name,
                           .subject = "/O=Example/CN=" + name,
                           .extensions = "extendedKeyUsage=clientAuth\n",
                           .days = days});
  }
  // What a client that is refused is told. In TLS 1.3 it learns of that after its own part is done.
  static std::string Refusal(TestServer& server, const ClientOptions& options) {
    RawClient client(server.port(), options);
    EXPECT_EQ(Ask(client, "/hello"), "");
    return client.tls()->failure();
  }

  const e2e::TempDir dir_;
  const e2e::Authority authority_{dir_};
  const e2e::KeyPair server_pair_ = authority_.SignServer();
  const e2e::KeyPair client_pair_ = MakeClient(authority_, "web-1");
};

}  // namespace rollcall::http
