// Upstream with an https server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <list>

#include "agent/front/upstream.h"
#include "tests/agent/self_signed.h"
#include "tests/agent/upstream_fixture.h"

namespace rollcall::front {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;

class UpstreamTlsTest : public UpstreamTest {
 protected:
  using Stream = asio::ssl::stream<asio::ip::tcp::socket>;
  struct Connection {
    Stream stream;
    boost::beast::flat_buffer buffer = {};
    boost::beast::http::request<boost::beast::http::string_body> request = {};
  };

  UpstreamTlsTest() {
    tls_.use_certificate_chain_file(certificate_.certificate_path());
    tls_.use_private_key_file(certificate_.key_path(), asio::ssl::context::pem);
    Accept();
  }

  std::string Url() const {
    return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  void Accept() {
    acceptor_.async_accept([this](boost::system::error_code error, asio::ip::tcp::socket socket) {
      if (error) return;
      Connection& connection =
          connections_.emplace_back(Connection{Stream(std::move(socket), tls_)});
      connection.stream.async_handshake(asio::ssl::stream_base::server,
                                        [this, &connection](boost::system::error_code failed) {
                                          if (!failed) Serve(connection);
                                        });
      Accept();
    });
  }

  void Serve(Connection& connection) {
    connection.request = {};
    boost::beast::http::async_read(
        connection.stream, connection.buffer, connection.request,
        [this, &connection](boost::system::error_code error, size_t) {
          if (error) return;
          asio::async_write(connection.stream, asio::buffer(answer_),
                            [this, &connection](boost::system::error_code failed, size_t) {
                              if (!failed) Serve(connection);
                            });
        });
  }

  const test::SelfSigned certificate_{"IP:127.0.0.1"};
  const std::string answer_ = HttpAnswer(200, "secret");
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::list<Connection> connections_;
};

TEST_F(UpstreamTlsTest, ServerThatTheHostTrustsIsAskedOverOneConnection) {
  const test::SystemCertificates trusted(certificate_.certificate_path());
  Start({Url()});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get("/"), "200 secret");
  EXPECT_EQ(connections_.size(), 1u);
}

TEST_F(UpstreamTlsTest, ServerThatTheHostDoesNotTrustIsNot) {
  Start({Url()});
  EXPECT_THAT(Get("/"), HasSubstr("an authority that is not trusted here"));
}

TEST_F(UpstreamTlsTest, CertificateHasToBeTheServers) {
  const test::SystemCertificates trusted(certificate_.certificate_path());
  Start({"https://localhost:" + std::to_string(acceptor_.local_endpoint().port())});
  EXPECT_THAT(Get("/"), HasSubstr("its certificate is not for localhost but for 127.0.0.1"));
}

TEST_F(UpstreamTlsTest, AnotherNameMayBeAskedFor) {
  const test::SystemCertificates trusted(certificate_.certificate_path());
  options_.tls_name = "127.0.0.1";
  Start({"https://localhost:" + std::to_string(acceptor_.local_endpoint().port())});
  EXPECT_EQ(Get("/"), "200 secret");
}

TEST_F(UpstreamTlsTest, NewConnectionsTakeTheNewestContextUp) {
  auto trusting = http::TlsClientContext::Load({.authorities = certificate_.certificate_path()});
  auto distrustful = http::TlsClientContext::Load({});
  ASSERT_TRUE(trusting && distrustful);
  options_.tls = std::make_shared<http::TlsClient>(*trusting);
  options_.pool.keep = milliseconds(0);
  Start({Url()});
  EXPECT_EQ(Get("/"), "200 secret");
  // Not even a session that was agreed on before is taken up.
  options_.tls->Replace(*distrustful);
  ASSERT_TRUE(RunUntil(loop_, [this] {
    return Get("/").find("an authority that is not trusted here") != std::string::npos;
  }));
  options_.tls->Replace(*trusting);
  EXPECT_EQ(Get("/"), "200 secret");
}

}  // namespace
}  // namespace rollcall::front
