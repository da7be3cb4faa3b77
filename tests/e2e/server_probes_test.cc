// HTTP and TCP checks that are registered at the server's own agent API: the server probes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ServerProbesTest : public testing::Test {
 protected:
  void StartBackend() {
    backend_ = std::make_unique<Backend>("127.0.0.1", target_.number(), "hello");
  }

  Reply Register(const Json& check) {
    return server_.Put(
        "/v1/agent/service/register",
        {{"Name", "web"}, {"Address", "127.0.0.1"}, {"Port", target_.number()}, {"Check", check}});
  }

  Json Check() { return server_.Get("/v1/agent/checks").json().at("probed"); }

  bool Becomes(const char* status) {
    return Eventually([&] { return Check().at("Status") == status; });
  }

  std::vector<std::string> InDns() {
    return Dig(server_.dns_port(), "web.service.consul", "A").answers;
  }

  const Port target_;
  Server server_;
  std::unique_ptr<Backend> backend_;
};

TEST_F(ServerProbesTest, AnHttpCheckFollowsItsTarget) {
  ASSERT_TRUE(server_.Start());
  const std::string url = "http://" + target_.address() + "/";
  ASSERT_TRUE(
      Register({{"CheckID", "probed"}, {"HTTP", url}, {"Interval", "200ms"}, {"Timeout", "5s"}})
          .ok());
  ASSERT_TRUE(Eventually([&] { return Check().at("Output") != ""; }));
  EXPECT_EQ(Check().at("Status"), "critical");
  EXPECT_THAT(server_.PassingInstances("web"), IsEmpty());
  EXPECT_THAT(InDns(), IsEmpty());

  StartBackend();
  ASSERT_TRUE(Becomes("passing"));
  EXPECT_EQ(Check().at("Output"), "HTTP GET " + url + ": 200 OK Output: hello");
  EXPECT_THAT(server_.PassingInstances("web"), ElementsAre("web"));
  EXPECT_THAT(InDns(), ElementsAre("127.0.0.1"));

  backend_->Kill();
  ASSERT_TRUE(Becomes("critical"));
  EXPECT_THAT(server_.PassingInstances("web"), IsEmpty());
  EXPECT_THAT(InDns(), IsEmpty());

  StartBackend();
  EXPECT_TRUE(Becomes("passing"));
}

TEST_F(ServerProbesTest, ATcpCheckFollowsItsTarget) {
  ASSERT_TRUE(server_.Start());
  StartBackend();
  ASSERT_TRUE(
      Register({{"CheckID", "probed"}, {"TCP", target_.address()}, {"Interval", "200ms"}}).ok());
  ASSERT_TRUE(Becomes("passing"));
  backend_->Kill();
  ASSERT_TRUE(Becomes("critical"));
  EXPECT_THAT(Check().at("Output").get<std::string>(), HasSubstr(target_.address()));
  StartBackend();
  EXPECT_TRUE(Becomes("passing"));
}

TEST_F(ServerProbesTest, AreTakenUpAgainAfterARestart) {
  ASSERT_TRUE(server_.Start());
  StartBackend();
  ASSERT_TRUE(Register({{"CheckID", "probed"},
                        {"HTTP", "http://" + target_.address() + "/"},
                        {"Interval", "200ms"}})
                  .ok());
  ASSERT_TRUE(Becomes("passing"));
  server_.Kill();
  backend_->Kill();
  ASSERT_TRUE(server_.Start());
  EXPECT_TRUE(Becomes("critical"));
  // Registered anew with another target: the old one is left alone.
  ASSERT_TRUE(Register({{"CheckID", "probed"},
                        {"HTTP", server_.Url() + "/v1/status/leader"},
                        {"Interval", "200ms"}})
                  .ok());
  EXPECT_TRUE(Becomes("passing"));
}

}  // namespace
}  // namespace rollcall::e2e
