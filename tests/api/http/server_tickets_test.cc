// Sessions of TLS that are resumed with tickets: by whom, and for how long.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "api/http/ticket_life.h"
#include "tests/api/http/mutual_tls_test.h"

namespace rollcall::http {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// A client that brings the session of its last connection to the next one.
class ReturningClient {
 public:
  ReturningClient(TestServer& server, ClientOptions options, int version)
      : server_(server), options_(std::move(options)) {
    options_.version = version;
  }

  // One connection with one request. Whether its session was resumed.
  bool Come() {
    RawClient client(server_.port(), options_);
    client.Send(Get("/who"));
    who_ = client.Read().body;
    session_.reset(client.tls()->TakeSession());
    options_.session = session_.get();
    client.CloseSending();  // OpenSSL resumes no session whose connection ended without a word
    return client.tls()->resumed();
  }
  const std::string& who() const { return who_; }
  seconds told() const { return seconds(SSL_SESSION_get_ticket_lifetime_hint(session_.get())); }

 private:
  TestServer& server_;
  ClientOptions options_;
  SslSessionHandle session_;
  std::string who_;
};

// For each version of TLS that is spoken.
class ServerTicketsTest : public MutualTlsTest, public testing::WithParamInterface<int> {
 protected:
  ReturningClient Returning(TestServer& server, const e2e::KeyPair& pair) const {
    return {server, With(pair), GetParam()};
  }
};

TEST_P(ServerTicketsTest, SessionIsResumedWithWhoTheClientIs) {
  TestServer server(Mutual());
  ReturningClient client = Returning(server, client_pair_);
  EXPECT_FALSE(client.Come());
  EXPECT_EQ(client.who(), "CN=web-1,O=Example");
  EXPECT_TRUE(client.Come());
  EXPECT_EQ(client.who(), "CN=web-1,O=Example");
  EXPECT_EQ(server.server().counters().tls_full.value(), 1u);
  EXPECT_EQ(server.server().counters().tls_resumed.value(), 1u);
}

TEST_P(ServerTicketsTest, ComingBackProlongsNothing) {
  TestServer server(Mutual());
  ReturningClient client = Returning(server, client_pair_);
  EXPECT_FALSE(client.Come());
  for (int i = 0; i < 3; ++i) {
    server.PassTime(TicketLife::kLongest / 4);
    EXPECT_TRUE(client.Come()) << i;
  }
  server.PassTime(TicketLife::kLongest / 4 - seconds(60));
  EXPECT_TRUE(client.Come());
  server.PassTime(seconds(60));
  EXPECT_FALSE(client.Come());
  EXPECT_EQ(client.who(), "CN=web-1,O=Example");
  // And that was a full handshake, which counts anew.
  server.PassTime(TicketLife::kLongest / 2);
  EXPECT_TRUE(client.Come());
}

TEST_P(ServerTicketsTest, ClientIsToldHowLongItsTicketIsGood) {
  TestServer server(Mutual());
  ReturningClient client = Returning(server, client_pair_);
  client.Come();
  EXPECT_LE(client.told(), TicketLife::kLongest);
  EXPECT_GT(client.told(), TicketLife::kLongest - hours(1));
  server.PassTime(hours(9));
  EXPECT_TRUE(client.Come());
  if (GetParam() == TLS1_2_VERSION) return;  // it gets no other ticket
  EXPECT_LE(client.told(), hours(3));
  EXPECT_GT(client.told(), hours(2));
}

TEST_P(ServerTicketsTest, SessionEndsWithTheClientsCertificate) {
  TestServer server(Mutual());
  ReturningClient client = Returning(server, MakeClient(authority_, "brief", 1));
  client.Come();
  server.PassTimeOfDay(hours(23));
  EXPECT_TRUE(client.Come());
  server.PassTimeOfDay(hours(1));
  EXPECT_FALSE(client.Come());
}

TEST_P(ServerTicketsTest, SessionEndsWithTheAuthoritysCertificate) {
  TestServer server(Mutual());
  ReturningClient client = Returning(server, MakeClient(authority_, "long", 9));
  client.Come();
  server.PassTimeOfDay(hours(47));
  EXPECT_TRUE(client.Come());
  server.PassTimeOfDay(hours(1));
  EXPECT_FALSE(client.Come());
}

TEST_P(ServerTicketsTest, TimeOfDayIsNothingToAClientWithoutACertificate) {
  TestServer server({server_pair_.certificate, server_pair_.key, "", false});
  ReturningClient client(server, {}, GetParam());
  client.Come();
  EXPECT_EQ(client.who(), "nobody");
  server.PassTimeOfDay(hours(24 * 365));
  EXPECT_TRUE(client.Come());
  server.PassTime(TicketLife::kLongest);
  EXPECT_FALSE(client.Come());
}

TEST_P(ServerTicketsTest, NobodyComesBackWhoseAuthorityIsTrustedNoMore) {
  TestServer server(Mutual());
  ReturningClient client = Returning(server, client_pair_);
  client.Come();
  const e2e::Authority other(dir_, "other-ca");
  TlsFiles files = Mutual();
  files.authorities = other.file();
  ASSERT_TRUE(server.Reload(files));
  EXPECT_FALSE(client.Come());
  EXPECT_EQ(client.who(), "");
  // The old one is back, and with it a full handshake.
  ASSERT_TRUE(server.Reload(Mutual()));
  EXPECT_FALSE(client.Come());
  EXPECT_EQ(client.who(), "CN=web-1,O=Example");
}

TEST_P(ServerTicketsTest, NobodyComesBackWithoutACertificateOnceThatIsAsked) {
  TlsFiles files = Mutual();
  files.verify_clients = false;
  TestServer server(files);
  ReturningClient client(server, {}, GetParam());
  client.Come();
  EXPECT_TRUE(client.Come());
  EXPECT_EQ(client.who(), "nobody");
  ASSERT_TRUE(server.Reload(Mutual()));
  EXPECT_FALSE(client.Come());
  EXPECT_EQ(client.who(), "");
}

TEST_P(ServerTicketsTest, TicketThatWasChangedMeansAFullHandshake) {
  TestServer server(Mutual());
  ClientOptions options = With(client_pair_);
  options.version = GetParam();
  RawClient first(server.port(), options);
  EXPECT_EQ(Ask(first, "/hello"), "hello");
  const SslSessionHandle session(first.tls()->TakeSession());
  options.session = session.get();
  RawClient second(server.port(), options);
  EXPECT_EQ(Ask(second, "/hello"), "hello");
  EXPECT_TRUE(second.tls()->resumed());
  const unsigned char* ticket = nullptr;
  size_t size = 0;
  SSL_SESSION_get0_ticket(session.get(), &ticket, &size);
  ASSERT_GT(size, 0u);
  const_cast<unsigned char*>(ticket)[size / 2] ^= 1;
  RawClient third(server.port(), options);
  EXPECT_EQ(Ask(third, "/hello"), "hello");
  EXPECT_FALSE(third.tls()->resumed());
}

INSTANTIATE_TEST_SUITE_P(Versions, ServerTicketsTest,
                         testing::Values(TLS1_2_VERSION, TLS1_3_VERSION), [](const auto& version) {
                           return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

}  // namespace
}  // namespace rollcall::http
