// HTTPS probes against a server whose certificate only it has signed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/agent/little_server.h"
#include "tests/agent/prober_fixture.h"

namespace rollcall::probe {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using ::testing::HasSubstr;

// Gives `context` a new key and a certificate for 127.0.0.1 and db.example, signed by itself;
// returns the certificate as a PEM text.
std::string UseSelfSignedCertificate(ssl::context& context) {
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
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:db.example");
  X509_add_ext(certificate, address, -1);
  X509_EXTENSION_free(address);
  X509_sign(certificate, key, EVP_sha256());
  SSL_CTX_use_certificate(context.native_handle(), certificate);
  SSL_CTX_use_PrivateKey(context.native_handle(), key);
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate);
  char* text = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(memory, &text));
  std::string pem(text, size);
  BIO_free(memory);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pem;
}

// While it lives, the system's certificates are this one.
class TrustedCertificate {
 public:
  explicit TrustedCertificate(const std::string& pem)
      : path_(::testing::TempDir() + "tls-probe-" + std::to_string(getpid()) + ".pem") {
    std::ofstream(path_) << pem;
    setenv("SSL_CERT_FILE", path_.c_str(), 1);
  }
  ~TrustedCertificate() {
    unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(path_);
  }
  TrustedCertificate(const TrustedCertificate&) = delete;
  TrustedCertificate& operator=(const TrustedCertificate&) = delete;

 private:
  const std::string path_;
};

class TlsProbeTest : public ProberFixture {
 protected:
  using Stream = ssl::stream<asio::ip::tcp::socket>;

  TlsProbeTest() { Accept(); }

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
      const char* name = SSL_get_servername(stream->native_handle(), TLSEXT_NAMETYPE_host_name);
      names_.emplace_back(name == nullptr ? "" : name);
      auto request = std::make_shared<std::string>();
      asio::async_read_until(*stream, asio::dynamic_buffer(*request), "\r\n\r\n",
                             [this, stream, request](boost::system::error_code failed, size_t) {
                               if (failed) return;
                               asio::async_write(*stream, asio::buffer(answer_),
                                                 [stream](boost::system::error_code, size_t) {});
                             });
    });
  }

  std::string Url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(acceptor_.local_endpoint().port()) + "/";
  }

  static model::CheckRun Http(const std::string& url) {
    model::CheckRun run = RunOf(model::CheckKind::kHttp);
    run.http = url;
    return run;
  }

  std::string answer_ = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
  std::vector<std::string> names_;  // that clients asked for, empty where they named none
  ssl::context context_{ssl::context::tls_server};
  const std::string certificate_ = UseSelfSignedCertificate(context_);
  asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::make_address("127.0.0.1"), 0}};
};

TEST_F(TlsProbeTest, UnknownCertificateIsCritical) {
  const ProbeResult result = FirstResult(Http(Url("127.0.0.1")));
  EXPECT_EQ(result.status, model::CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("TLS handshake: "));
  EXPECT_THAT(result.output, HasSubstr("certificate verify failed"));
}

TEST_F(TlsProbeTest, UnknownCertificateIsTakenWhenToldTo) {
  model::CheckRun run = Http(Url("127.0.0.1"));
  run.tls_skip_verify = true;
  const ProbeResult result = FirstResult(run);
  EXPECT_EQ(result.status, model::CheckStatus::kPassing);
  EXPECT_THAT(result.output, HasSubstr("200 OK Output: secret"));
}

TEST_F(TlsProbeTest, CertificateMustBeForTheHost) {
  const TrustedCertificate trusted(certificate_);
  EXPECT_EQ(FirstResult(Http(Url("127.0.0.1"))).status, model::CheckStatus::kPassing);
  EXPECT_EQ(names_.back(), "") << "no address is sent as a name";
  EXPECT_THAT(FirstResult(Http(Url("localhost"))).output, HasSubstr("certificate verify failed"));
}

TEST_F(TlsProbeTest, ServerNameIsExpectedInsteadOfTheHost) {
  const TrustedCertificate trusted(certificate_);
  model::CheckRun run = Http(Url("localhost"));
  run.tls_server_name = "db.example";
  EXPECT_EQ(FirstResult(run).status, model::CheckStatus::kPassing);
  EXPECT_EQ(names_.back(), "db.example");
  run.http = Url("127.0.0.1");
  run.tls_server_name = "other.example";
  EXPECT_THAT(FirstResult(run).output, HasSubstr("certificate verify failed"));
}

TEST_F(TlsProbeTest, RedirectToHttpsIsVerifiedLikeAnyOther) {
  test::LittleServer plain(loop_, {.answer = "HTTP/1.1 301 Moved Permanently\r\nLocation: " +
                                             Url("127.0.0.1") + "\r\nContent-Length: 0\r\n\r\n"});
  const std::string url = "http://" + plain.address() + "/";
  const ProbeResult refused = FirstResult(Http(url));
  EXPECT_EQ(refused.status, model::CheckStatus::kCritical);
  EXPECT_THAT(refused.output, HasSubstr("redirected to " + Url("127.0.0.1") + ": TLS handshake: "));
  model::CheckRun run = Http(url);
  run.tls_skip_verify = true;
  EXPECT_EQ(FirstResult(run).output, "HTTP GET " + url + ": 200 OK Output: secret");
}

TEST_F(TlsProbeTest, RedirectFromHttpsToHttpsLoopsOnlySoOften) {
  answer_ = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
  model::CheckRun run = Http(Url("127.0.0.1"));
  run.tls_skip_verify = true;
  EXPECT_THAT(FirstResult(run).output, HasSubstr("stopped after 10 redirects"));
}

TEST_F(TlsProbeTest, SecretsMeantForTlsAreNotSentInClear) {
  test::LittleServer plain(loop_, {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
  answer_ = "HTTP/1.1 302 Found\r\nLocation: http://" + plain.address() +
            "/\r\nContent-Length: 0\r\n\r\n";
  model::CheckRun run = Http(Url("127.0.0.1"));
  run.tls_skip_verify = true;
  run.header = {{"Authorization", {"Bearer x"}}};
  EXPECT_EQ(FirstResult(run).status, model::CheckStatus::kPassing);
  EXPECT_THAT(plain.requests().front(), ::testing::Not(HasSubstr("Bearer")));
}

}  // namespace
}  // namespace rollcall::probe
