// Against real servers on free ports, with certificates of an authority of the tests' own.
#include "registry/jwt/remote/fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/stat.h>

#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "registry/base/clock.h"
#include "registry/jwt/authenticator.h"
#include "registry/jwt/remote/key_sources.h"
#include "tests/registry/jwt/issuer.h"
#include "tests/registry/jwt/remote/certified.h"

namespace rollcall::jwt {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::HasSubstr;

// A server of httplib's that serves until it goes.
class Serving {
 public:
  explicit Serving(std::unique_ptr<httplib::Server> server) : server_(std::move(server)) {
    EXPECT_TRUE(server_->is_valid());
    server_->Get("/keys", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(Issuer::For(Algorithm::kEs256).JwksOf("k"), "application/json");
    });
    server_->Get("/away", [](const httplib::Request&, httplib::Response& response) {
      response.set_redirect("/keys");
    });
    server_->Get("/broken", [](const httplib::Request&, httplib::Response& response) {
      response.status = 503;
    });
    server_->Get("/huge", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(std::string(kMaxKeySetSize + 1, ' '), "application/json");
    });
    server_->Get("/trickle", [](const httplib::Request&, httplib::Response& response) {
      response.set_chunked_content_provider("application/json",
                                            [](size_t, httplib::DataSink& sink) {
                                              std::this_thread::sleep_for(milliseconds(10));
                                              return sink.is_writable() && sink.write(" ", 1);
                                            });
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }
  ~Serving() {
    server_->stop();
    thread_.join();
  }

  std::string Url(const std::string& scheme, const std::string& host,
                  const std::string& path) const {
    return scheme + "://" + host + ':' + std::to_string(port_) + path;
  }

 private:
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

std::unique_ptr<httplib::Server> TlsServer(const Certified& certified) {
  return std::make_unique<httplib::SSLServer>(certified.certificate.get(), certified.key.get());
}

Result<std::string> Get(const std::string& url, const std::string& ca = "") {
  Fetcher fetcher;
  std::promise<Result<std::string>> answer;
  fetcher.Get(url, ca, [&answer](Result<std::string> body) { answer.set_value(std::move(body)); });
  return answer.get_future().get();
}

std::string ReasonOf(const Result<std::string>& body) {
  if (body) return "fetched";
  EXPECT_EQ(body.error().code, ErrorCode::kUnavailable);
  return body.error().message;
}

TEST(FetcherTest, FetchesOverHttp) {
  const Serving server(std::make_unique<httplib::Server>());
  const auto body = Get(server.Url("http", "127.0.0.1", "/keys"));
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_TRUE(KeySet::FromJwks(*body)->Knows("k"));
}

TEST(FetcherTest, WhatIsNoKeySetIsNamedWithTheReason) {
  const Serving server(std::make_unique<httplib::Server>());
  EXPECT_THAT(ReasonOf(Get(server.Url("http", "127.0.0.1", "/none"))), HasSubstr("answered 404"));
  EXPECT_THAT(ReasonOf(Get(server.Url("http", "127.0.0.1", "/broken"))), HasSubstr("answered 503"));
  EXPECT_THAT(ReasonOf(Get(server.Url("http", "127.0.0.1", "/away"))),
              HasSubstr("answered 302, and redirects are not followed"));
  EXPECT_THAT(ReasonOf(Get(server.Url("http", "127.0.0.1", "/huge"))), HasSubstr("body limit"));
  EXPECT_THAT(ReasonOf(Get(server.Url("https", "127.0.0.1", "/keys"))), HasSubstr("TLS handshake"));
  EXPECT_THAT(ReasonOf(Get("http://issuer.invalid/keys")), HasSubstr("no such host"));
}

TEST(FetcherTest, NobodyListeningIsSaid) {
  int port = 0;
  {
    const Serving gone(std::make_unique<httplib::Server>());
    const std::string url = gone.Url("http", "x", "");
    port = std::stoi(url.substr(url.rfind(':') + 1));
  }
  EXPECT_THAT(ReasonOf(Get("http://127.0.0.1:" + std::to_string(port) + "/keys")),
              HasSubstr("no connection"));
}

TEST(FetcherTest, FetchesOverTlsWhatTheRightServerSays) {
  const Certified certified = CertifiedFor("localhost");
  const Serving server(TlsServer(certified));
  const auto body = Get(server.Url("https", "localhost", "/keys"), certified.ca);
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_TRUE(KeySet::FromJwks(*body)->Knows("k"));
}

TEST(FetcherTest, AWrongServerIsNotBelieved) {
  const Certified certified = CertifiedFor("localhost");
  const Serving server(TlsServer(certified));
  EXPECT_THAT(ReasonOf(Get(server.Url("https", "localhost", "/keys"))),
              HasSubstr("certificate verify failed"))
      << "of no authority of the system";
  EXPECT_THAT(
      ReasonOf(Get(server.Url("https", "localhost", "/keys"), CertifiedFor("localhost").ca)),
      HasSubstr("certificate verify failed"))
      << "of another authority";
  EXPECT_THAT(ReasonOf(Get(server.Url("https", "127.0.0.1", "/keys"), certified.ca)),
              HasSubstr("certificate verify failed"))
      << "of another name";
  EXPECT_THAT(ReasonOf(Get(server.Url("http", "localhost", "/keys"), certified.ca)),
              HasSubstr("answer"));
  EXPECT_THAT(ReasonOf(Get(server.Url("https", "localhost", "/keys"), "no certificate")),
              HasSubstr("CA certificates cannot be read"));
}

TEST(FetcherTest, AnExpiredCertificateIsRefused) {
  const Certified expired =
      CertifiedFor("localhost", {CertifiedNow() - hours(2), CertifiedNow() - hours(1)});
  const Serving server(TlsServer(expired));
  EXPECT_THAT(ReasonOf(Get(server.Url("https", "localhost", "/keys"), expired.ca)),
              HasSubstr("certificate verify failed"));
}

TEST(FetcherTest, SpeaksTls12AtLeast) {
  const Certified certified = CertifiedFor("localhost");
  for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION}) {
    const Serving server(std::make_unique<httplib::SSLServer>([&](SSL_CTX& context) {
      SSL_CTX_set_cipher_list(&context, "DEFAULT@SECLEVEL=0");
      SSL_CTX_set_min_proto_version(&context, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(&context, version);
      return SSL_CTX_use_certificate(&context, certified.certificate.get()) == 1 &&
             SSL_CTX_use_PrivateKey(&context, certified.key.get()) == 1;
    }));
    const auto body = Get(server.Url("https", "localhost", "/keys"), certified.ca);
    EXPECT_EQ(body.has_value(), version == TLS1_2_VERSION) << ReasonOf(body);
  }
}

// With the loop of the test, and less patience than the fetcher has.
std::string ReasonWithin(milliseconds timeout, const std::string& url) {
  boost::asio::io_context loop;
  NameLookups names(loop);
  std::string reason;
  StartExchange(loop, names, {ParseHttpUrl(url).value(), "", timeout, kMaxKeySetSize},
                [&reason](const Result<std::string>& body) { reason = ReasonOf(body); });
  loop.run();
  return reason;
}

TEST(ExchangeTest, ASilentServerAndATricklingOneAreGivenUp) {
  boost::asio::io_context loop;
  boost::asio::ip::tcp::acceptor silent(
      loop, {boost::asio::ip::address_v4::loopback(), 0});  // connects, for the kernel does that
  const std::string port = std::to_string(silent.local_endpoint().port());
  EXPECT_EQ(ReasonWithin(milliseconds(50), "http://127.0.0.1:" + port + "/"),
            "no answer within 50ms");
  EXPECT_EQ(ReasonWithin(milliseconds(50), "https://127.0.0.1:" + port + "/"),
            "no answer within 50ms");
  const Serving server(std::make_unique<httplib::Server>());
  EXPECT_EQ(ReasonWithin(milliseconds(200), server.Url("http", "127.0.0.1", "/trickle")),
            "no answer within 200ms");
}

TEST(FetcherTest, ItsEndAnswersWhatIsUnderWay) {
  boost::asio::io_context loop;
  boost::asio::ip::tcp::acceptor silent(loop, {boost::asio::ip::address_v4::loopback(), 0});
  boost::asio::ip::tcp::socket connected(loop);  // stays open: its end would be another answer
  std::string reason;
  {
    Fetcher fetcher;
    fetcher.Get("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/", "",
                [&reason](const Result<std::string>& body) { reason = ReasonOf(body); });
    silent.accept(connected);
  }
  EXPECT_THAT(reason, HasSubstr("shuts down"));
}

TEST(FetcherTest, CallsBackAfterATimeAndThatEndsWithIt) {
  bool is_called = false;
  {
    Fetcher fetcher;
    std::promise<void> soon;
    fetcher.After(milliseconds(1), [&soon] { soon.set_value(); });
    soon.get_future().wait();
    fetcher.After(hours(1), [&] {
      is_called = true;
      fetcher.After(hours(1), [] {});
    });
  }
  EXPECT_TRUE(is_called);
}

class KeyFileTest : public testing::Test {
 protected:
  KeyFileTest() {
    directory_ =
        std::filesystem::path(testing::TempDir()) / ("rollcall-keys-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  ~KeyFileTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const char* name) const { return (directory_ / name).string(); }

  static Result<std::string> Read(const std::string& path) {
    Fetcher fetcher;
    std::promise<Result<std::string>> answer;
    fetcher.ReadFile(path, [&](Result<std::string> body) { answer.set_value(std::move(body)); });
    return answer.get_future().get();
  }

 private:
  std::filesystem::path directory_;
};

TEST_F(KeyFileTest, IsReadUnlessItIsNoFile) {
  std::ofstream(Path("keys")) << "{}";
  EXPECT_EQ(*Read(Path("keys")), "{}");
  EXPECT_THAT(ReasonOf(Read(Path("none"))), HasSubstr("No such file"));
  EXPECT_THAT(ReasonOf(Read(Path(""))), HasSubstr("not a regular file"));
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(ReasonOf(Read(Path("pipe"))), HasSubstr("not a regular file"));
  std::ofstream(Path("large")) << std::string(2 * kMaxKeySetSize, ' ');
  EXPECT_EQ(Read(Path("large"))->size(), kMaxKeySetSize + 1)
      << "no more than shows it is too large";
}

// From the settings of a method to the answer to a token, over TLS.
TEST(KeySourcesTest, AMethodWithAUrlTakesTokensOfItsIssuer) {
  const Certified certified = CertifiedFor("localhost");
  const Serving server(TlsServer(certified));
  const SteadyClock clock;
  Fetcher fetcher;
  KeySources sources(fetcher, {}, clock);
  MethodConfig config;
  config.jwks_url = server.Url("https", "localhost", "/keys");
  config.jwks_ca_cert = certified.ca;
  const auto source = sources.For(config);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(*sources.For(config), *source) << "the same settings share one";
  const UtcTime now{std::chrono::seconds(1'795'724'134)};
  const Authenticator authenticator(config, *source);
  std::promise<Result<Identity>> answer;
  authenticator.Authenticate(
      Issuer::For(Algorithm::kEs256).Token(Algorithm::kEs256, {{"iat", 1'795'724'134}}, "k"), now,
      [&](Result<Identity> identity) { answer.set_value(std::move(identity)); });
  const auto identity = answer.get_future().get();
  EXPECT_TRUE(identity) << identity.error().message;
}

TEST(KeySourcesTest, BadSettingsAreRefusedBeforeAnythingIsFetched) {
  const SteadyClock clock;
  Fetcher fetcher;
  KeySources sources(fetcher, {}, clock);
  MethodConfig config;
  config.jwks_url = "file:///etc/passwd";
  EXPECT_THAT(sources.For(config).error().message, HasSubstr("error checking JWKSURL: "));
  config.jwks_url = "https://issuer.example/keys";
  EXPECT_TRUE(sources.For(config));
  config.jwks_ca_cert = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(sources.For(config).error().message,
            "error checking JWKSCACert: could not parse CA PEM value successfully");
  MethodConfig pem;
  pem.validation_pub_keys = {"x"};
  EXPECT_FALSE(sources.For(pem));
}

}  // namespace
}  // namespace rollcall::jwt
