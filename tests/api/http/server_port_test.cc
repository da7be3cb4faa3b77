#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

Router EmptyTable() { return Router({}); }

Server::Options Local(std::string address, uint16_t port) {
  Server::Options options;
  options.address = std::move(address);
  options.port = port;
  return options;
}

TEST(ServerPortTest, PortInUseIsAnErrorThatNamesIt) {
  boost::asio::io_context loop;
  const Router router = EmptyTable();
  const auto first = Server::Listen(loop, Local("127.0.0.1", 0), router);
  ASSERT_TRUE(first);
  ASSERT_NE((*first)->port(), 0);
  // A server shares its port (SO_REUSEPORT) only with those that it invites.
  const auto second = Server::Listen(loop, Local("127.0.0.1", (*first)->port()), router);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "cannot listen on 127.0.0.1:" + std::to_string((*first)->port()) +
                ": address already in use");
}

TEST(ServerPortTest, PortThatAnotherProgramSharesIsInUseToo) {
  const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(other, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  ::setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(other, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(other, 1), 0);
  ASSERT_EQ(::getsockname(other, reinterpret_cast<sockaddr*>(&address), &size), 0);
  boost::asio::io_context loop;
  const Router router = EmptyTable();
  EXPECT_FALSE(Server::Listen(loop, Local("127.0.0.1", ntohs(address.sin_port)), router));
  ::close(other);
  EXPECT_TRUE(Server::Listen(loop, Local("127.0.0.1", ntohs(address.sin_port)), router));
}

TEST(ServerPortTest, BadAddressIsAnErrorThatNamesIt) {
  boost::asio::io_context loop;
  const Router router = EmptyTable();
  const auto nonsense = Server::Listen(loop, Local("nonsense", 1), router);
  ASSERT_FALSE(nonsense);
  EXPECT_EQ(nonsense.error().message, "cannot listen on nonsense:1: not an IP address");
  const auto foreign = Server::Listen(loop, Local("2001:db8::1", 1), router);
  ASSERT_FALSE(foreign);
  EXPECT_TRUE(foreign.error().message.starts_with("cannot listen on [2001:db8::1]:1: "));
}

TEST(ServerPortTest, WorkersShareOnePortAndItsLimits) {
  // Two servers on one loop stand for two workers; the kernel spreads the connections over both.
  boost::asio::io_context loop;
  std::vector<Route> routes;
  routes.push_back({Method::kGet, "/hello",
                    [](const auto& exchange) { exchange->Respond(TextResponse(200, "hello")); },
                    "Says hello"});
  const Router router(std::move(routes));
  Server::Options options;
  options.limits.max_connections = 40;
  const auto first = Server::Listen(loop, options, router).value();
  const auto second = first->ListenAlongside(loop, router).value();
  EXPECT_EQ(first->port(), second->port());
  first->Start();
  second->Start();
  std::thread thread([&] { loop.run(); });
  {
    std::vector<RawClient> clients;
    for (int i = 0; i < 40; ++i) {
      clients.emplace_back(first->port());
      clients.back().Send(Get("/hello"));
      EXPECT_EQ(clients.back().Read().status, 200);
    }
    EXPECT_GT(first->connection_count(), 0u);
    EXPECT_GT(second->connection_count(), 0u);
    EXPECT_EQ(first->connection_count() + second->connection_count(), 40u);
    RawClient beyond(first->port());
    EXPECT_EQ(beyond.Read().status, 503);
  }
  loop.stop();
  thread.join();
}

}  // namespace
}  // namespace rollcall::http
