// haproxy fills the slots of a server-template from our SRV records, and empties them again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/haproxy.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

class HaproxyTest : public testing::Test {
 protected:
  std::string Nameserver() const { return "127.0.0.1:" + std::to_string(server_.dns_port()); }
  std::string OverUdp() const { return Haproxy::OverUdp({Nameserver()}); }
  // As docs/dns.md has it, but asking more often.
  std::string OverTcp() const {
    return With(BlockOf(ROLLCALL_DNS_PAGE, "haproxy", "tcp@"), "127.0.0.1:8600", Nameserver()) +
           "  timeout resolve 200ms\n";
  }

  testing::AssertionResult BecomeFilledWith(const Endpoints& expected) {
    if (Eventually([&] { return haproxy_.FilledSlots() == expected; }, std::chrono::seconds(15))) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << "filled: " << testing::PrintToString(haproxy_.FilledSlots()) << "\n"
           << haproxy_.Ask("show servers state web\n");
  }

  void Register(const std::string& id, int port, const std::string& address = "127.0.0.1") {
    ASSERT_TRUE(server_
                    .Put("/v1/catalog/register",
                         {{"Node", "host-" + id},
                          {"Address", address},
                          {"Service", {{"ID", id}, {"Service", "web"}, {"Port", port}}}})
                    .ok());
  }

  void Deregister(const std::string& id) {
    ASSERT_TRUE(
        server_.Put("/v1/catalog/deregister", {{"Node", "host-" + id}, {"ServiceID", id}}).ok());
  }

  const Port first_;
  const Port second_;
  Server server_;
  Haproxy haproxy_;
};

TEST_F(HaproxyTest, SlotsFollowTheInstances) {
  ASSERT_TRUE(server_.Start());
  Backend first("127.0.0.1", first_.number(), "first");
  Backend second("127.0.0.1", second_.number(), "second");
  Register("web-1", first_.number());
  Register("web-2", second_.number());
  haproxy_.Start({.resolvers = OverUdp()});
  EXPECT_TRUE(BecomeFilledWith({first_.address(), second_.address()}));
  EXPECT_THAT(Http(haproxy_.port()).Get("/").body, testing::AnyOf("first", "second"));

  Deregister("web-1");
  EXPECT_TRUE(BecomeFilledWith({second_.address()}));
  EXPECT_EQ(Http(haproxy_.port()).Get("/").body, "second");

  Deregister("web-2");
  EXPECT_TRUE(BecomeFilledWith({}));
  EXPECT_EQ(Http(haproxy_.port()).Get("/").status, 503);

  Register("web-1", first_.number());
  EXPECT_TRUE(BecomeFilledWith({first_.address()}));
  EXPECT_TRUE(haproxy_.process().Running());
}

class HaproxyLargeServiceTest : public HaproxyTest {
 protected:
  // Registers the instances up to `number` that are not there yet, and deregisters those above it.
  Endpoints HaveInstances(int number) {
    for (; instances_ < number; ++instances_) Register(Id(instances_), 8080, Address(instances_));
    for (; instances_ > number; --instances_) Deregister(Id(instances_ - 1));
    Endpoints all;
    for (int i = 0; i < number; ++i) all.insert(Address(i) + ":8080");
    return all;
  }

  void FillAndEmpty(const Haproxy::Options& options) {
    ASSERT_TRUE(server_.Start());
    const Endpoints all = HaveInstances(options.slots);
    haproxy_.Start(options);
    EXPECT_TRUE(BecomeFilledWith(all));
    const std::string log = haproxy_.process().Output();
    // Every answer is whole: no slot is emptied and filled again. Each question is 200 ms after the
    // one before.
    const int asked = Answers();
    EXPECT_TRUE(Eventually([&] { return Answers() >= asked + 5; }));
    EXPECT_EQ(haproxy_.FilledSlots(), all);
    EXPECT_EQ(haproxy_.process().Output(), log);

    EXPECT_TRUE(BecomeFilledWith(HaveInstances(options.slots / 4)));
    EXPECT_TRUE(BecomeFilledWith(HaveInstances(0)));
    EXPECT_TRUE(BecomeFilledWith(HaveInstances(options.slots / 2)));
  }

 private:
  static std::string Id(int i) { return std::to_string(i); }
  static std::string Address(int i) { return "10.0.0." + std::to_string(i + 1); }

  // How many answers haproxy took.
  int Answers() const {
    const std::string resolvers = haproxy_.Ask("show resolvers rollcall\n");
    const size_t valid = resolvers.find("valid:");
    return valid == std::string::npos ? 0 : std::stoi(resolvers.substr(valid + 6));
  }

  int instances_ = 0;
};

TEST_F(HaproxyLargeServiceTest, OverUdpAHundredInstancesFit) {
  FillAndEmpty({.slots = 100, .resolvers = OverUdp(), .checks = ""});
}

TEST_F(HaproxyLargeServiceTest, OverUdpTwoHundredInstancesComeAndGo) {
  ASSERT_TRUE(server_.Start());
  HaveInstances(200);
  haproxy_.Start({.slots = 200, .resolvers = OverUdp(), .checks = ""});
  EXPECT_TRUE(Eventually([&] {
    return haproxy_.process().Output().find("(entry removed from SRV record)") != std::string::npos;
  })) << haproxy_.process().Output();
}

TEST_F(HaproxyLargeServiceTest, OverTcpTwoHundredInstancesFit) {
  FillAndEmpty({.slots = 200, .resolvers = OverTcp(), .checks = ""});
}

}  // namespace
}  // namespace rollcall::e2e
