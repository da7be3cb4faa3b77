// H2PING checks of nghttpd, with and without TLS. Bad servers: http2_bad_server_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ssl.hpp>

#include "tests/agent/one_check.h"
#include "tests/agent/self_signed.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::probe {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using model::CheckStatus;
using test::OneCheck;
using ::testing::HasSubstr;

// Of Debian's package nghttp2-server; not in the PATH of everybody.
constexpr const char* kNghttpd = "/usr/sbin/nghttpd";

class Nghttpd {
 public:
  Nghttpd()
      : process_({.argv = {kNghttpd, "--no-tls", "-a", "127.0.0.1", port_.text()},
                  .output_path = dir_.File("log")}) {}
  explicit Nghttpd(const test::SelfSigned& certificate)
      : process_({.argv = {kNghttpd, "-a", "127.0.0.1", port_.text(), certificate.key_path(),
                           certificate.certificate_path()},
                  .output_path = dir_.File("log")}) {}

  std::string address() const { return port_.address(); }

 private:
  const e2e::TempDir dir_;
  const e2e::Port port_;
  e2e::Process process_;
};

model::CheckRun TlsPing(const std::string& target) {
  model::CheckRun run = OneCheck::H2Ping(target);
  run.use_tls = true;
  return run;
}

TEST(H2PingProbeTest, AcknowledgedPingIsPassing) {
  const Nghttpd server;
  OneCheck check;
  const ProbeResult result = check.ResultOncePassing(OneCheck::H2Ping(server.address()));
  EXPECT_EQ(result.status, CheckStatus::kPassing);
  EXPECT_EQ(result.output, "HTTP2 ping was successful");
}

TEST(H2PingProbeTest, TlsTakesACertificateThatTheSystemTrusts) {
  const test::SelfSigned certificate("IP:127.0.0.1");
  const test::SystemCertificates trusted(certificate.certificate_path());
  const Nghttpd server(certificate);
  OneCheck check;
  EXPECT_EQ(check.ResultOncePassing(TlsPing(server.address())).output, "HTTP2 ping was successful");
}

TEST(H2PingProbeTest, UnknownCertificateIsTakenOnlyWhenToldTo) {
  const test::SelfSigned certificate("IP:127.0.0.1");
  const Nghttpd server(certificate);
  OneCheck check;
  model::CheckRun run = TlsPing(server.address());
  run.tls_skip_verify = true;
  EXPECT_EQ(check.ResultOncePassing(run).status, CheckStatus::kPassing);
  run.tls_skip_verify = false;
  const ProbeResult result = check.Result(run);
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("TLS handshake: "));
  EXPECT_THAT(result.output, HasSubstr("certificate verify failed"));
}

TEST(H2PingProbeTest, CertificateMustBeTheExpectedName) {
  const test::SelfSigned certificate("DNS:db.test");
  const test::SystemCertificates trusted(certificate.certificate_path());
  const Nghttpd server(certificate);
  OneCheck check;
  model::CheckRun run = TlsPing(server.address());
  run.tls_server_name = "db.test";
  EXPECT_EQ(check.ResultOncePassing(run).status, CheckStatus::kPassing);
  for (const char* other : {"", "other.test"}) {
    run.tls_server_name = other;
    EXPECT_THAT(check.Result(run).output, HasSubstr("certificate verify failed")) << other;
  }
}

// nghttpd without ALPN does not exist, so the server is a handshake and nothing more.
TEST(H2PingProbeTest, TlsServerThatDoesNotOfferHttp2IsCritical) {
  const test::SelfSigned certificate("IP:127.0.0.1");
  OneCheck check;
  ssl::context context(ssl::context::tls_server);
  context.use_certificate_file(certificate.certificate_path(), ssl::context::pem);
  context.use_private_key_file(certificate.key_path(), ssl::context::pem);
  asio::ip::tcp::acceptor acceptor(check.loop(), {asio::ip::make_address("127.0.0.1"), 0});
  ssl::stream<asio::ip::tcp::socket> stream(check.loop(), context);
  acceptor.async_accept(stream.next_layer(), [&stream](boost::system::error_code error) {
    if (!error) stream.async_handshake(ssl::stream_base::server, [](boost::system::error_code) {});
  });
  model::CheckRun run = TlsPing("127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
  run.tls_skip_verify = true;
  const ProbeResult result = check.Result(run);
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("does not offer HTTP/2"));
}

TEST(H2PingProbeTest, TlsServerAskedWithoutTlsIsCritical) {
  const test::SelfSigned certificate("IP:127.0.0.1");
  const Nghttpd server(certificate);
  OneCheck check;
  model::CheckRun run = TlsPing(server.address());
  run.tls_skip_verify = true;
  ASSERT_EQ(check.ResultOncePassing(run).status, CheckStatus::kPassing);
  EXPECT_EQ(check.Result(OneCheck::H2Ping(server.address())).status, CheckStatus::kCritical);
}

TEST(H2PingProbeTest, TargetThatCannotBeReadIsCriticalAndSaysWhy) {
  OneCheck check;
  const ProbeResult result = check.Result(OneCheck::H2Ping("no-port"));
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("expected HOST:PORT, found \"no-port\""));
}

TEST(H2PingProbeTest, RefusedConnectionIsCritical) {
  const e2e::Port closed;
  OneCheck check;
  EXPECT_EQ(check.Result(OneCheck::H2Ping(closed.address())).output,
            "HTTP2 ping " + closed.address() + ": Connection refused");
}

}  // namespace
}  // namespace rollcall::probe
