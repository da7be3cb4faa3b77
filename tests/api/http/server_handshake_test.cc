// Agreeing on TLS: with clients that are good, slow, gone, old, or no clients of TLS at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "tests/api/http/client_in_pieces.h"
#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"
#include "tests/e2e/harness/certificates.h"

namespace rollcall::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

class ServerHandshakeTest : public testing::Test {
 protected:
  static ClientOptions OfVersion(int version) {
    ClientOptions options;
    options.version = version;
    return options;
  }
  const Counters& counters() { return server_.server().counters(); }
  bool AwaitFailed(uint64_t count) {
    const auto until = std::chrono::steady_clock::now() + RawClient::kPatience;
    while (counters().tls_failed.value() < count) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return counters().tls_failed.value() == count;
  }
  void ExpectServes() {
    RawClient client(server_.port());
    client.Send(Get("/hello"));
    EXPECT_EQ(client.Read().body, "hello");
  }

  TestServer server_;
};

TEST_F(ServerHandshakeTest, Tls12And13AreSpokenAndNothingOlder) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    RawClient client(server_.port(), OfVersion(version));
    client.Send(Get("/hello"));
    EXPECT_EQ(client.Read().body, "hello");
    EXPECT_EQ(client.tls()->version(), version);
  }
  EXPECT_EQ(counters().tls_full.value(), 2u);
  ClientOptions old = OfVersion(TLS1_1_VERSION);
  old.ciphers = "ALL:@SECLEVEL=0";
  RawClient client(server_.port(), old);
  EXPECT_FALSE(client.tls()->Handshake());
  EXPECT_THAT(client.tls()->failure(), HasSubstr("alert protocol version"));
  EXPECT_TRUE(AwaitFailed(1));
}

// With a certificate for each kind of cipher, so that it is the cipher for which they are refused.
TEST_F(ServerHandshakeTest, WeakCiphersAreNotSpoken) {
  const e2e::TempDir dir;
  const e2e::KeyPair rsa{dir.File("rsa.pem"), dir.File("rsa.key")};
  e2e::Openssl(dir, {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", rsa.key, "-out",
                     rsa.certificate, "-subj", "/CN=rsa", "-days", "2"});
  TestServer with_rsa({rsa.certificate, rsa.key, "", false});
  const auto speaks = [](TestServer& server, const std::string& cipher) {
    ClientOptions options = OfVersion(TLS1_2_VERSION);
    options.ciphers = cipher + ":@SECLEVEL=0";
    RawClient client(server.port(), options);
    if (client.tls()->Handshake()) return true;
    EXPECT_THAT(client.tls()->failure(), HasSubstr("alert handshake failure")) << cipher;
    return false;
  };
  EXPECT_TRUE(speaks(server_, "ECDHE-ECDSA-AES128-GCM-SHA256"));
  EXPECT_TRUE(speaks(with_rsa, "ECDHE-RSA-AES128-GCM-SHA256"));
  // No forward secrecy, no AEAD, no authentication, and finite fields.
  for (const char* weak : {"AES128-GCM-SHA256", "AES256-SHA", "ECDHE-RSA-AES128-SHA",
                           "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES128-GCM-SHA256", "aNULL"}) {
    EXPECT_FALSE(speaks(with_rsa, weak)) << weak;
  }
  for (const char* weak : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"}) {
    EXPECT_FALSE(speaks(server_, weak)) << weak;
  }
}

TEST_F(ServerHandshakeTest, Http11IsChosenAmongTheProtocolsOfAClient) {
  ClientOptions options;
  options.protocols = std::string("\x02h2\x08http/1.1", 12);
  RawClient both(server_.port(), options);
  ASSERT_TRUE(both.tls()->Handshake());
  EXPECT_EQ(both.tls()->protocol(), "http/1.1");
  options.protocols = "";
  RawClient none(server_.port(), options);
  none.Send(Get("/hello"));
  EXPECT_EQ(none.Read().body, "hello");
  EXPECT_EQ(none.tls()->protocol(), "");
  options.protocols = "\x02h2";
  RawClient other(server_.port(), options);
  EXPECT_FALSE(other.tls()->Handshake());
  EXPECT_THAT(other.tls()->failure(), HasSubstr("no application protocol"));
}

TEST_F(ServerHandshakeTest, HandshakeAndRequestMayComeByteByByte) {
  ClientInPieces client(server_.port());
  ASSERT_TRUE(client.Handshake(1));
  client.SendInPieces(client.Encrypt(Put("/echo/x", "slow")), 1);
  EXPECT_THAT(client.ReadUntil("slow"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerHandshakeTest, RequestsThatComeWithTheEndOfTheHandshakeAreAnswered) {
  ClientInPieces client(server_.port());
  client.raw().Send(client.NextFlight());
  std::string last;
  while (last.empty()) {
    ASSERT_TRUE(client.Take());
    last = client.NextFlight();
  }
  client.raw().Send(last + client.Encrypt(Put("/echo/x", "one") + Put("/echo/x", "two")));
  const std::string answers = client.ReadUntil("two");
  EXPECT_LT(answers.find("one"), answers.find("two"));
}

TEST_F(ServerHandshakeTest, ManySmallRecordsAreOneRequest) {
  ClientInPieces client(server_.port());
  ASSERT_TRUE(client.Handshake(1 << 20));
  std::string records;
  for (const char c : Put("/echo/x", "small")) records += client.Encrypt({&c, 1});
  client.raw().Send(records);
  EXPECT_THAT(client.ReadUntil("small"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerHandshakeTest, RecordLongerThanAnyMayBeEndsTheConnection) {
  ClientInPieces client(server_.port());
  ASSERT_TRUE(client.Handshake(1 << 20));
  std::string record = "\x17\x03\x03\xff\xff";
  client.raw().Send(record.append(0xffff, 'x'));
  client.raw().ReadAll();
  EXPECT_TRUE(server_.AwaitConnections(0));
  ExpectServes();
}

TEST_F(ServerHandshakeTest, RecordThatWasChangedOnItsWayEndsTheConnection) {
  for (const std::string& before : {std::string(), Get("/hello").substr(0, 10)}) {
    ClientInPieces client(server_.port());
    ASSERT_TRUE(client.Handshake(1 << 20));
    std::string record = client.Encrypt(Get("/hello"));
    record.back() = static_cast<char>(record.back() ^ 1);
    // With more behind it than is read at once: also then the client can read why, to the end.
    client.raw().Send((before.empty() ? "" : client.Encrypt(before)) + record +
                      std::string(1'000'000, 'x'));
    EXPECT_EQ(client.ReadUntil("HTTP"), "");
    EXPECT_THAT(client.failure(), HasSubstr("alert bad record mac"));
    EXPECT_TRUE(client.raw().ended_well());
  }
  EXPECT_TRUE(server_.AwaitConnections(0));
}

TEST_F(ServerHandshakeTest, ClientThatLeavesInTheMiddleIsForgotten) {
  uint64_t failed = 0;
  for (const size_t of_first : {size_t{0}, size_t{1}, size_t{5}, size_t{100}}) {
    for (const bool politely : {true, false}) {
      ClientInPieces client(server_.port());
      client.raw().Send(client.NextFlight().substr(0, of_first));
      politely ? client.raw().Close() : client.raw().Reset();
      EXPECT_TRUE(AwaitFailed(++failed));
    }
  }
  ClientInPieces client(server_.port());
  client.raw().Send(client.NextFlight());
  ASSERT_TRUE(client.Take());  // and does not say the last word
  client.raw().Reset();
  EXPECT_TRUE(AwaitFailed(++failed));
  EXPECT_TRUE(server_.AwaitConnections(0));
  ExpectServes();
}

TEST_F(ServerHandshakeTest, PlainRequestIsToldWhatThisPortSpeaksWhateverItsMethod) {
  std::vector<std::string> methods = {"CONNECT", "TRACE"};
  for (int i = 0; i < static_cast<int>(Method::kOther); ++i) {
    methods.emplace_back(MethodName(static_cast<Method>(i)));
  }
  uint64_t asked = 0;
  for (const std::string& method : methods) {
    // Whole, and cut where OpenSSL has just seen enough.
    const std::string request = method + " /hello HTTP/1.1\r\nHost: h\r\n\r\n";
    for (const size_t first : {request.size(), size_t{5}}) {
      RawClient client = RawClient::WithoutTls(server_.port());
      client.Send(request.substr(0, first));
      EXPECT_TRUE(AwaitFailed(++asked)) << method;
      client.Send(request.substr(first));
      const Answer answer = method == "HEAD" ? client.ReadHead() : client.Read();
      EXPECT_EQ(answer.status, 400) << method;
      EXPECT_EQ(answer.Header("Connection"), "close");
      EXPECT_EQ(answer.body,
                method == "HEAD" ? "" : "This port speaks TLS alone: ask it with https://");
      EXPECT_TRUE(client.IsClosed());
      EXPECT_TRUE(client.ended_well());
    }
  }
  ExpectServes();
}

// Nor what only looks like a method for as long as that is.
TEST_F(ServerHandshakeTest, WhatIsNeitherTlsNorARequestGetsNoAnswerOfHttp) {
  for (const std::string bytes : {"GETTING on", "DELETES /x", "get /hello", "SSH-2.0-OpenSSH",
                                  "\r\n\r\n\r\n", "     ", "PURGE /hello HTTP/1.1"}) {
    RawClient client = RawClient::WithoutTls(server_.port());
    client.Send(bytes);
    EXPECT_EQ(client.ReadAll().find("HTTP"), std::string::npos) << bytes;
  }
  ExpectServes();
}

TEST_F(ServerHandshakeTest, GarbageHarmsNobody) {
  std::mt19937 random(7);
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    ClientInPieces client(server_.port());
    std::string bytes = client.NextFlight();
    if (round % 3 == 0) {
      for (char& c : bytes) c = static_cast<char>(random());
    } else {
      // Mostly right, so that it gets further.
      for (int i = 0; i < 1 + round % 4; ++i) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
    }
    client.raw().Send(bytes);
    client.raw().CloseSending();
    client.raw().ReadAll();
  }
  EXPECT_TRUE(server_.AwaitConnections(0));
  EXPECT_EQ(counters().tls_failed.value(), static_cast<uint64_t>(kRounds));
  ExpectServes();
}

TEST_F(ServerHandshakeTest, OthersAreServedWhileHandshakesHang) {
  std::vector<RawClient> hanging;
  hanging.reserve(200);
  for (int i = 0; i < 200; ++i) hanging.push_back(RawClient::WithoutTls(server_.port()));
  ASSERT_TRUE(server_.AwaitConnections(200));
  ExpectServes();
}

TEST(ServerHandshakeLimitsTest, HandshakeThatTakesTooLongIsEndedHoweverItTrickles) {
  Limits limits;
  limits.handshake_timeout = milliseconds(100);
  TestServer server(limits);
  RawClient silent = RawClient::WithoutTls(server.port());
  EXPECT_TRUE(silent.IsClosed());
  ClientInPieces slow(server.port());
  const std::string flight = slow.NextFlight();
  for (size_t i = 0; i < flight.size() && !slow.raw().HasInput(milliseconds(20)); ++i) {
    slow.raw().Send(flight.substr(i, 1));
  }
  EXPECT_TRUE(slow.raw().IsClosed());
  EXPECT_TRUE(server.AwaitConnections(0));
  EXPECT_EQ(server.server().counters().tls_failed.value(), 2u);
}

TEST(ServerHandshakeLimitsTest, HandshakeHasALimitWhereNothingElseHas) {
  Limits limits;
  limits.header_timeout = limits.body_timeout = limits.idle_timeout = milliseconds(0);
  limits.write_timeout = limits.linger_timeout = milliseconds(0);
  ASSERT_GT(limits.handshake_timeout.count(), 0);
  limits.handshake_timeout = milliseconds(100);
  TestServer server(limits);
  RawClient silent = RawClient::WithoutTls(server.port());
  EXPECT_TRUE(silent.IsClosed());
  ClientInPieces halfway(server.port());
  halfway.raw().Send(halfway.NextFlight());
  ASSERT_TRUE(halfway.Take());
  halfway.raw().ReadAll();
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerHandshakeLimitsTest, ConnectionCountsFromItsBeginning) {
  Limits limits;
  limits.max_connections = 1;
  TestServer server(limits);
  RawClient hanging = RawClient::WithoutTls(server.port());
  ASSERT_TRUE(server.AwaitConnections(1));
  RawClient second(server.port());
  EXPECT_FALSE(second.tls()->Handshake());
  EXPECT_THAT(second.tls()->failure(), HasSubstr("alert internal error"));
}

// Also not to one who has waited for nothing and sent everything.
TEST(ServerHandshakeLimitsTest, ConnectionThatIsOneTooManyCostsNoHandshake) {
  Limits limits;
  limits.max_connections_per_address = 1;
  TestServer server(limits);
  RawClient welcome(server.port());
  ASSERT_TRUE(welcome.tls()->Handshake());
  for (int i = 0; i < 20; ++i) {
    ClientInPieces client(server.port());
    client.raw().Send(client.NextFlight());
    EXPECT_EQ(client.raw().ReadAll(), std::string("\x15\x03\x03\x00\x02\x02\x50", 7));
    EXPECT_TRUE(client.raw().ended_well());
  }
  EXPECT_EQ(server.server().counters().tls_full.value(), 1u);
  EXPECT_EQ(server.server().counters().tls_failed.value(), 0u);
}

TEST(ServerHandshakeLimitsTest, DrainLetsAHandshakeFinishAndClosesWhatThenIsIdle) {
  TestServer server;
  ClientInPieces asking(server.port());
  ClientInPieces idle(server.port());
  for (ClientInPieces* client : {&asking, &idle}) client->raw().Send(client->NextFlight());
  // The server's flight shows that it has seen theirs.
  ASSERT_TRUE(asking.Take() && idle.Take());
  server.Drain(std::chrono::seconds(60));
  std::string last = asking.NextFlight();
  ASSERT_NE(last, "");
  asking.raw().Send(last + asking.Encrypt(Get("/hello")));
  EXPECT_THAT(asking.ReadUntil("hello"), HasSubstr("Connection: close"));
  idle.raw().Send(idle.NextFlight());
  idle.raw().ReadAll();
  asking.raw().ReadAll();
  asking.raw().Close();
  idle.raw().Close();
  EXPECT_TRUE(server.AwaitDrained());
}

TEST(ServerHandshakeLimitsTest, RecordThatHasBegunHasToComeInTime) {
  Limits limits;
  limits.header_timeout = milliseconds(100);
  limits.idle_timeout = std::chrono::minutes(10);
  TestServer server(limits);
  ClientInPieces client(server.port());
  ASSERT_TRUE(client.Handshake(1 << 20));
  client.raw().Send(client.Encrypt(Get("/hello")));
  ASSERT_THAT(client.ReadUntil("hello"), HasSubstr("200 OK"));
  const std::string record = client.Encrypt(Get("/hello"));
  // What trickles in does not prolong it.
  for (size_t i = 0; i + 1 < record.size() && !client.raw().HasInput(milliseconds(20)); ++i) {
    client.raw().Send(record.substr(i, 1));
  }
  EXPECT_EQ(client.ReadUntil("HTTP"), "");
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerHandshakeLimitsTest, ConnectionIsIdleBehindARecordThatCameInParts) {
  Limits limits;
  limits.header_timeout = milliseconds(50);
  TestServer server(limits);
  ClientInPieces client(server.port());
  ASSERT_TRUE(client.Handshake(1 << 20));
  client.raw().Send(client.Encrypt(Get("/hello")));
  ASSERT_THAT(client.ReadUntil("hello"), HasSubstr("200 OK"));
  client.SendInPieces(client.Encrypt("\r\n"), 1);
  EXPECT_FALSE(client.raw().HasInput(milliseconds(200)));
  client.raw().Send(client.Encrypt(Get("/hello")));
  EXPECT_THAT(client.ReadUntil("hello"), HasSubstr("200 OK"));
}

TEST(ServerHandshakeLimitsTest, DrainLetsARecordThatHasBegunComeToItsEnd) {
  TestServer server;
  ClientInPieces client(server.port());
  ASSERT_TRUE(client.Handshake(1 << 20));
  const std::string record = client.Encrypt(Get("/hello"));
  client.raw().Send(record.substr(0, 10));
  server.Drain(std::chrono::minutes(10));
  client.raw().Send(record.substr(10));
  EXPECT_THAT(client.ReadUntil("\r\n\r\nhello"), HasSubstr("Connection: close"));
}

TEST(ServerHandshakeLimitsTest, DrainDoesNotWaitForARecordThatNeverEnds) {
  Limits limits;
  limits.header_timeout = milliseconds(100);
  limits.idle_timeout = std::chrono::minutes(10);
  TestServer server(limits);
  ClientInPieces client(server.port());
  ASSERT_TRUE(client.Handshake(1 << 20));
  client.raw().Send(client.Encrypt(Get("/hello")).substr(0, 10));
  server.Drain(std::chrono::minutes(10));
  EXPECT_TRUE(server.AwaitDrained());
}

TEST(ServerHandshakeLimitsTest, ThousandConnectionsLeaveNothingBehind) {
  TestServer server;
  for (int i = 0; i < 1000; ++i) {
    RawClient client(server.port());
    if (i % 3 == 0) {
      EXPECT_TRUE(client.tls()->Handshake());
      i % 2 == 0 ? client.Close() : client.Reset();
      continue;
    }
    client.Send(Get("/hello"));
    EXPECT_EQ(client.Read().body, "hello");
    if (i % 5 == 0) client.CloseSending();
  }
  EXPECT_TRUE(server.AwaitConnections(0));
}

}  // namespace
}  // namespace rollcall::http
