// With a resolving function that is stuck as long as the test says, as with a mute name server.
#include "registry/jwt/remote/name_lookups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "registry/jwt/http_url.h"
#include "registry/jwt/remote/exchange.h"
#include "registry/jwt/remote/fetcher.h"

namespace rollcall::jwt {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
namespace asio = boost::asio;
using asio::ip::tcp;

// Names that begin with "mute" are not answered before GoOn, others at once: all are 127.0.0.1.
class MuteServer {
 public:
  MuteServer() : shared_(std::make_shared<Shared>()) {}
  ~MuteServer() { GoOn(); }

  ResolveName Resolve() const {
    return [shared = shared_](const std::string& name) -> Result<Addresses> {
      if (name.starts_with("mute")) {
        shared->stuck.fetch_add(1);
        shared->go_on.wait(false);
      }
      return Addresses{asio::ip::make_address("127.0.0.1")};
    };
  }

  void AwaitStuck(int count) const {
    while (shared_->stuck.load() < count) std::this_thread::yield();
  }
  int stuck() const { return shared_->stuck.load(); }
  void GoOn() {
    shared_->go_on = true;
    shared_->go_on.notify_all();
  }
  // Until no thread and no object has the resolving function any more.
  void AwaitEnd() const {
    while (shared_.use_count() > 1) std::this_thread::yield();
  }

 private:
  struct Shared {
    std::atomic<bool> go_on{false};
    std::atomic<int> stuck{0};
  };
  const std::shared_ptr<Shared> shared_;
};

// Answers one GET with "{}".
class OneAnswer {
 public:
  OneAnswer()
      : acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}), thread_([this] {
          tcp::socket socket(loop_);
          acceptor_.accept(socket);
          std::string request;
          asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n");
          asio::write(socket, asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 2"
                                                       "\r\nConnection: close\r\n\r\n{}")));
        }) {}
  ~OneAnswer() { thread_.join(); }

  std::string Url(const std::string& host) const {
    return "http://" + host + ':' + std::to_string(acceptor_.local_endpoint().port()) + "/keys";
  }

 private:
  asio::io_context loop_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

std::future<std::string> TextFrom(Fetcher& fetcher, const std::string& url) {
  auto answer = std::make_shared<std::promise<std::string>>();
  fetcher.Get(url, "", [answer](const Result<std::string>& body) {
    answer->set_value(body ? *body : body.error().message);
  });
  return answer->get_future();
}

TEST(NameLookupsTest, AMuteNameHoldsUpNeitherOtherFetchesNorTheEnd) {
  MuteServer server;
  std::future<std::string> mute;
  {
    Fetcher fetcher(server.Resolve());
    mute = TextFrom(fetcher, "http://mute.example/keys");
    server.AwaitStuck(1);
    const OneAnswer named;
    EXPECT_EQ(TextFrom(fetcher, named.Url("other.example")).get(), "{}");
    const OneAnswer numbered;
    EXPECT_EQ(TextFrom(fetcher, numbered.Url("127.0.0.1")).get(), "{}");
  }
  EXPECT_THAT(mute.get(), HasSubstr("shuts down"));
  // Its thread is still there, and ends after all that it might have touched.
  server.GoOn();
  server.AwaitEnd();
}

TEST(NameLookupsTest, OneThreadForANameAndNoMoreThanSoManyNames) {
  MuteServer server;
  Fetcher fetcher(server.Resolve());
  const OneAnswer last;
  std::vector<std::future<std::string>> under_way;
  for (size_t i = 0; i < NameLookups::kMax; ++i) {
    const std::string url = "http://mute" + std::to_string(i) + ".invalid:1/keys";
    under_way.push_back(TextFrom(fetcher, url));
    under_way.push_back(TextFrom(fetcher, url));
  }
  const std::string refused = TextFrom(fetcher, "http://other.example/keys").get();
  EXPECT_THAT(refused, HasSubstr("no key set from \"http://other.example/keys\": 16 other host "
                                 "names are being looked up"));
  EXPECT_THAT(refused, HasSubstr("name servers of /etc/resolv.conf"));
  server.AwaitStuck(static_cast<int>(NameLookups::kMax));
  server.GoOn();
  for (auto& text : under_way) EXPECT_THAT(text.get(), HasSubstr("no connection"));
  EXPECT_EQ(server.stuck(), static_cast<int>(NameLookups::kMax)) << "the same name was joined";
  EXPECT_EQ(TextFrom(fetcher, last.Url("other.example")).get(), "{}");
}

TEST(NameLookupsTest, WhatIsStuckKeepsNoLoopRunningAndAnExchangeHasItsDeadline) {
  MuteServer server;
  {
    asio::io_context loop;
    NameLookups names(loop, server.Resolve());
    std::string reason;
    StartExchange(loop, names, {ParseHttpUrl("http://mute/").value(), "", milliseconds(20), 100},
                  [&reason](const Result<std::string>& body) { reason = body.error().message; });
    loop.run();
    EXPECT_EQ(reason, "no answer within 20ms");
  }
  server.GoOn();
  server.AwaitEnd();
}

TEST(NameLookupsTest, WhoHasLostInterestIsNotCalledBack) {
  MuteServer server;
  asio::io_context loop;
  NameLookups names(loop, server.Resolve());
  auto until_told = asio::make_work_guard(loop);
  int told = 0;
  auto lost = names.Find("mute", [](const Result<Addresses>&) { ADD_FAILURE(); });
  const auto kept = names.Find("mute", [&](const Result<Addresses>& found) {
    EXPECT_EQ(found->size(), 1U);
    ++told;
    until_told.reset();
  });
  lost.reset();
  EXPECT_EQ(told, 0);
  server.GoOn();
  loop.run();
  EXPECT_EQ(told, 1);
}

TEST(NameLookupsTest, AddressesNeedNoLookup) {
  asio::io_context loop;
  NameLookups names(loop,
                    [](const std::string&) -> Result<Addresses> { return Unavailable("asked"); });
  for (const char* const address : {"192.0.2.1", "2001:db8::1"}) {
    Addresses found;
    const auto interest = names.Find(address, [&found](const auto& now) { found = now.value(); });
    EXPECT_TRUE(found.empty()) << "never before it returns";
    loop.restart();
    loop.run();
    EXPECT_EQ(found, Addresses{asio::ip::make_address(address)});
  }
}

TEST(ResolveBySystemTest, KnowsThisHostAndSaysWhatItDoesNotKnow) {
  const auto found = ResolveBySystem("localhost");
  ASSERT_TRUE(found) << found.error().message;
  for (const auto& address : *found) EXPECT_TRUE(address.is_loopback()) << address;
  const auto none = ResolveBySystem("issuer.invalid");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(none.error().message, HasSubstr("no such host: "));
}

}  // namespace
}  // namespace rollcall::jwt
