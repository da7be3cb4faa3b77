// What a connection over TLS has beside those without: who the client is, new certificates while it
// runs, an end in good order, new keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

#include "tests/api/http/mutual_tls_test.h"
#include "tests/e2e/harness/eventually.h"

namespace rollcall::http {
namespace {

using testing::HasSubstr;

class ServerTlsTest : public MutualTlsTest {};

TEST_F(ServerTlsTest, ClientIsKnownByItsCertificateThatWasVerified) {
  TestServer server(Mutual());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ClientOptions options = With(client_pair_);
    options.version = version;
    RawClient client(server.port(), options);
    EXPECT_EQ(Ask(client, "/who"), "CN=web-1,O=Example");
    EXPECT_EQ(Ask(client, "/who"), "CN=web-1,O=Example");
  }
  TestServer open;
  RawClient client(open.port(), With(client_pair_).Trusting(""));
  EXPECT_EQ(Ask(client, "/who"), "nobody");  // it was not asked for one
}

TEST_F(ServerTlsTest, ClientWithoutAGoodCertificateIsRefusedAndToldWhy) {
  TestServer server(Mutual());
  const e2e::Authority other(dir_, "other-ca");
  const struct {
    ClientOptions options;
    const char* told;         // in TLS 1.3
    const char* told_in_1_2;  // which has no word of its own for the first
  } cases[] = {
      {{}, "alert certificate required", "alert handshake failure"},
      {With(MakeClient(other, "stranger")), "alert unknown ca", "alert unknown ca"},
      {With(MakeClient(authority_, "late", -1)), "alert certificate expired",
       "alert certificate expired"},
      // A server's.
      {With(server_pair_), "alert unsupported certificate", "alert unsupported certificate"},
  };
  for (const auto& each : cases) {
    ClientOptions options = each.options;
    options.version = TLS1_3_VERSION;
    EXPECT_THAT(Refusal(server, options), HasSubstr(each.told));
    options.version = TLS1_2_VERSION;
    EXPECT_THAT(Refusal(server, options), HasSubstr(each.told_in_1_2));
  }
  // A client may be told before it is counted.
  EXPECT_TRUE(e2e::Eventually([&] { return server.server().counters().tls_failed.value() == 8u; }));
  RawClient good(server.port(), With(client_pair_));
  EXPECT_EQ(Ask(good, "/hello"), "hello");
}

TEST_F(ServerTlsTest, AuthorityThatAnotherOneHasSignedIsTrustedForItselfAlone) {
  const e2e::Authority branch(authority_, "branch-ca");
  const e2e::Authority sibling(authority_, "sibling-ca");
  TlsFiles files = Mutual();
  files.authorities = branch.file();
  TestServer server(files);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ClientOptions options = With(MakeClient(branch, "web-1"));
    options.version = version;
    RawClient client(server.port(), options);
    EXPECT_EQ(Ask(client, "/who"), "CN=web-1,O=Example") << client.tls()->failure();
    for (const e2e::Authority* other : {&authority_, &sibling}) {
      options = With(MakeClient(*other, "stranger"));
      options.version = version;
      EXPECT_THAT(Refusal(server, options), HasSubstr("unknown ca"));
    }
  }
}

TEST_F(ServerTlsTest, NewCertificatesAreForNewConnections) {
  TestServer server(Mutual());
  ClientOptions options = With(client_pair_);
  RawClient kept(server.port(), options);
  EXPECT_EQ(Ask(kept, "/hello"), "hello");
  const SslSessionHandle session(kept.tls()->TakeSession());

  const e2e::Authority other(dir_, "other-ca");
  const e2e::KeyPair new_server = other.SignServer("new-server");
  ASSERT_TRUE(server.Reload({new_server.certificate, new_server.key, other.file(), true}));
  EXPECT_EQ(Ask(kept, "/who"), "CN=web-1,O=Example");
  // Nobody comes back by a ticket whom the new authority does not know.
  ClientOptions returning = options.Trusting(other.file());
  returning.session = session.get();
  EXPECT_THAT(Refusal(server, returning), HasSubstr("unknown ca"));
  // And the old authority does not vouch for the server any more.
  RawClient distrustful(server.port(), options);
  EXPECT_FALSE(distrustful.tls()->Handshake());
  RawClient fresh(server.port(), With(MakeClient(other, "web-2")).Trusting(other.file()));
  EXPECT_EQ(Ask(fresh, "/who"), "CN=web-2,O=Example");

  EXPECT_FALSE(server.Reload({new_server.certificate, server_pair_.key, "", false}));
  RawClient still(server.port(), With(MakeClient(other, "web-3")).Trusting(other.file()));
  EXPECT_EQ(Ask(still, "/who"), "CN=web-3,O=Example");
  EXPECT_EQ(Ask(kept, "/hello"), "hello");
}

TEST_F(ServerTlsTest, KeyOfBeforeAReloadGoesWithTheLastConnectionThatHasIt) {
  TestServer server(Mutual());
  const std::weak_ptr<const TlsContext> first = server.tls();
  RawClient kept(server.port(), With(client_pair_));
  EXPECT_EQ(Ask(kept, "/hello"), "hello");
  ASSERT_TRUE(server.Reload(Mutual()));
  EXPECT_FALSE(first.expired());
  EXPECT_EQ(Ask(kept, "/hello"), "hello");
  kept.Close();
  ASSERT_TRUE(server.AwaitConnections(0));
  server.OnWorker([] {});  // the session has gone, too
  EXPECT_TRUE(first.expired());
}

TEST_F(ServerTlsTest, KeyOfBeforeAReloadIsKeptByNoWorker) {
  const SteadyClock clock;
  boost::asio::io_context loop;
  const Router router({});
  auto context = TlsContext::Load(Mutual(), clock).value();
  const std::weak_ptr<const TlsContext> first = context;
  Server::Options options;
  options.tls = Server::Tls{"127.0.0.1", 0, std::move(context)};
  const auto one = Server::Listen(loop, options, router).value();
  options.tls.reset();
  const auto other = one->ListenAlongside(loop, router).value();
  context = TlsContext::Load(Mutual(), clock).value();
  one->SetTls(context);
  EXPECT_FALSE(first.expired());
  other->SetTls(context);
  EXPECT_TRUE(first.expired());
}

TEST_F(ServerTlsTest, ConnectionEndsInGoodOrder) {
  TestServer server;
  RawClient told(server.port());
  told.Send("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(told.Read().body, "hello");
  EXPECT_EQ(told.ReadAll(), "");
  EXPECT_TRUE(told.ended_well());
  RawClient idle(server.port());
  EXPECT_EQ(Ask(idle, "/hello"), "hello");
  server.Drain(std::chrono::seconds(60));
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_TRUE(idle.ended_well());
}

// Where the end of the connection is that of the answer, nothing else tells that a part is missing.
TEST_F(ServerTlsTest, AnswerThatIsCutDoesNotEndInGoodOrder) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /stream HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(server.AwaitStreams(1));
  client.ReadHead();
  server.WriteStream("a part");
  EXPECT_EQ(client.ReadSome(), "a part");
  server.DropStream();
  EXPECT_EQ(client.ReadAll(), "");
  EXPECT_FALSE(client.ended_well());
}

// The socket on which this process listens at a port.
int ListenerAt(uint16_t port) {
  for (int file = 3; file < 1024; ++file) {
    int listens = 0;
    socklen_t size = sizeof listens;
    sockaddr_in address{};
    socklen_t address_size = sizeof address;
    if (::getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens == 1 &&
        ::getsockname(file, reinterpret_cast<sockaddr*>(&address), &address_size) == 0 &&
        ntohs(address.sin_port) == port) {
      return file;
    }
  }
  ADD_FAILURE() << "nobody listens at " << port;
  return -1;
}

// The last word has to wait where the socket is full. How many bytes fill it is found out with a
// first client; then answers end around there, and so also just where nothing more fits.
TEST_F(ServerTlsTest, AnswerThatFillsTheSocketEndsInGoodOrder) {
  TestServer server;
  const int bytes = 4096;
  ASSERT_EQ(::setsockopt(ListenerAt(server.port()), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes),
            0);
  size_t streams = 0;
  const auto begin = [&] {
    RawClient client(server.port(), 4096);
    client.Send("GET /stream HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(server.AwaitStreams(++streams));
    return client;
  };
  size_t room = 0;
  {
    RawClient probe = begin();
    for (; server.QueuedInStream() == 0; ++room) server.WriteStream("x");
    server.EndStream();
  }
  for (size_t length = 1; length <= room + 4; ++length) {
    RawClient client = begin();
    for (size_t i = 0; i < length; ++i) server.WriteStream("x");
    server.EndStream();
    client.ReadHead();
    EXPECT_EQ(client.ReadAll(), std::string(length, 'x'));
    EXPECT_TRUE(client.ended_well()) << length << " of " << room;
  }
}

TEST_F(ServerTlsTest, ClientThatClosesWithoutAWordIsAnswered) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/busy"));
  ASSERT_TRUE(server.AwaitParked(1));
  client.ShutDownWithoutGoodbye();
  server.AnswerParked("late");
  EXPECT_EQ(client.Read().body, "late");
  EXPECT_TRUE(server.AwaitConnections(0));
}

// 32 MB, and a client that takes it in small parts.
TEST_F(ServerTlsTest, LargeAnswerReachesAClientOfLittleRoom) {
  TestServer server;
  RawClient client(server.port(), 4096);
  client.Send(Get("/large") + Get("/hello"));
  const Answer answer = client.Read();
  EXPECT_EQ(answer.body.size(), TestServer::kLarge);
  EXPECT_EQ(answer.body.find_first_not_of('x'), std::string::npos);
  EXPECT_EQ(client.Read().body, "hello");
}

TEST_F(ServerTlsTest, NewKeysAreTakenBetweenAndDuringAnswers) {
  TestServer server;
  ClientOptions options;
  options.version = TLS1_3_VERSION;
  RawClient client(server.port(), options);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(Ask(client, "/hello"), "hello");
    client.tls()->RenewKeys();
  }
  client.Send(Get("/park"));
  ASSERT_TRUE(server.AwaitParked(1));
  client.tls()->RenewKeys();
  client.Send(Get("/hello"));
  server.AnswerParked("parked");
  EXPECT_EQ(client.Read().body, "parked");
  EXPECT_EQ(client.Read().body, "hello");
}

TEST_F(ServerTlsTest, ClientThatOnlyRenewsItsKeysIsCutOff) {
  TestServer server{Limits()};
  ClientOptions options;
  options.version = TLS1_3_VERSION;
  RawClient client(server.port(), options);
  // Often enough for any client that is sound, with requests in between.
  for (int i = 0; i < 5; ++i) {
    client.Send(Get("/hello"));
    ASSERT_EQ(client.Read().body, "hello");
    ASSERT_TRUE(client.tls()->RenewOwnKeys(50)) << client.tls()->failure();
  }
  // For ever: until it is told to stop, or finds out.
  while (client.tls()->RenewOwnKeys(50) && !client.HasInput(std::chrono::milliseconds(0))) {
  }
  EXPECT_TRUE(client.IsClosed());
  RawClient other(server.port());
  other.Send(Get("/hello"));
  EXPECT_EQ(other.Read().body, "hello");
}

// As slow as it can be read: a byte in a record.
TEST_F(ServerTlsTest, ManySmallRecordsAreRead) {
  TestServer server{Limits()};
  RawClient client(server.port());
  const std::string request = Get("/hello");
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += request;
  for (const char c : requests) ASSERT_TRUE(client.Send({&c, 1}));
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.Read().body, "hello");
}

// The server is to say that it has new keys, too, and has no room to say so.
TEST_F(ServerTlsTest, NewKeysAreTakenWhileTheSocketIsFull) {
  Limits limits;
  limits.max_stream_bytes = 100'000'000;
  TestServer server(limits);
  ClientOptions options;
  options.version = TLS1_3_VERSION;
  options.receive_buffer = 4096;
  RawClient client(server.port(), options);
  client.Send(Get("/stream"));
  ASSERT_TRUE(server.AwaitStreams(1));
  EXPECT_EQ(client.ReadHead().status, 200);
  const std::string part(TestServer::kLarge, 'x');
  server.WriteStream(part);
  ASSERT_GT(server.QueuedInStream(), 0u);
  for (int i = 0; i < 3; ++i) {
    client.tls()->RenewKeys();
    client.Send(Get("/hello"));  // carries the word, and waits for its turn
  }
  server.WriteStream("and more");
  EXPECT_TRUE(client.ReadChunk() == part) << client.tls()->failure();
  EXPECT_EQ(client.ReadChunk(), "and more");
  server.EndStream();
  EXPECT_EQ(client.ReadChunk(), "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Read().body, "hello");
}

}  // namespace
}  // namespace rollcall::http
