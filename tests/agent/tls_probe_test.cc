// HTTPS probes against a server with a certificate that nobody has signed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl.hpp>

#include "agent/probe/prober.h"
#include "tests/agent/little_server.h"

namespace rollcall::probe {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using ::testing::HasSubstr;

// Gives `context` a new key and a certificate for 127.0.0.1, signed by itself.
void UseSelfSignedCertificate(ssl::context& context) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* address =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate, address, -1);
  X509_EXTENSION_free(address);
  X509_sign(certificate, key, EVP_sha256());
  SSL_CTX_use_certificate(context.native_handle(), certificate);
  SSL_CTX_use_PrivateKey(context.native_handle(), key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

class TlsProbeTest : public ::testing::Test {
 protected:
  using Stream = ssl::stream<asio::ip::tcp::socket>;

  TlsProbeTest() {
    UseSelfSignedCertificate(context_);
    Accept();
  }

  void Accept() {
    acceptor_.async_accept([this](boost::system::error_code error, asio::ip::tcp::socket socket) {
      if (error) return;
      Serve(std::make_shared<Stream>(std::move(socket), context_));
      Accept();
    });
  }

  void Serve(const std::shared_ptr<Stream>& stream) {
    stream->async_handshake(ssl::stream_base::server, [this,
                                                       stream](boost::system::error_code error) {
      if (error) return;
      auto request = std::make_shared<std::string>();
      asio::async_read_until(*stream, asio::dynamic_buffer(*request), "\r\n\r\n",
                             [this, stream, request](boost::system::error_code failed, size_t) {
                               if (failed) return;
                               asio::async_write(*stream, asio::buffer(answer_),
                                                 [stream](boost::system::error_code, size_t) {});
                             });
    });
  }

  ProbeResult Probe(bool skip_verify) {
    model::CheckRun definition;
    definition.kind = model::CheckKind::kHttp;
    definition.http =
        "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/";
    definition.interval = definition.timeout = std::chrono::seconds(15);
    definition.tls_skip_verify = skip_verify;
    ProbeResult first;
    bool done = false;
    Prober prober(
        loop_,
        [&](const std::string&, const ProbeResult& result) {
          first = result;
          done = true;
        },
        [] { return 0.0; });
    prober.Ensure("check", definition);
    EXPECT_TRUE(test::RunUntil(loop_, [&] { return done; }));
    return first;
  }

  const std::string answer_ = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
  asio::io_context loop_;
  ssl::context context_{ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::make_address("127.0.0.1"), 0}};
};

TEST_F(TlsProbeTest, UnknownCertificateIsCritical) {
  const ProbeResult result = Probe(/*skip_verify=*/false);
  EXPECT_EQ(result.status, model::CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("TLS handshake: "));
  EXPECT_THAT(result.output, HasSubstr("certificate verify failed"));
}

TEST_F(TlsProbeTest, UnknownCertificateIsTakenWhenToldTo) {
  const ProbeResult result = Probe(/*skip_verify=*/true);
  EXPECT_EQ(result.status, model::CheckStatus::kPassing);
  EXPECT_THAT(result.output, HasSubstr("200 OK Output: secret"));
}

}  // namespace
}  // namespace rollcall::probe
