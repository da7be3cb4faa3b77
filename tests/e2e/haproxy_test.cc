// haproxy fills the slots of a server-template from our SRV records, and empties them again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <sstream>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using Endpoints = std::set<std::string>;

class HaproxyTest : public testing::Test {
 protected:
  struct Slots {
    int number = 5;
    std::string resolvers;  // the section of that name
    std::string checks = " check inter 200ms";
  };

  std::string OverUdp() const {
    return "resolvers rollcall\n  nameserver n1 127.0.0.1:" + std::to_string(server_.dns_port()) +
           "\n"
           "  accepted_payload_size 8192\n"
           "  timeout resolve 200ms\n"
           "  timeout retry 200ms\n"
           "  hold valid 200ms\n"
           "  hold nx 200ms\n"
           "  hold obsolete 200ms\n";
  }
  // As docs/dns.md has it, but asking more often.
  std::string OverTcp() const {
    return With(BlockOf(ROLLCALL_DNS_PAGE, "haproxy", "tcp@"), "127.0.0.1:8600",
                "127.0.0.1:" + std::to_string(server_.dns_port())) +
           "  timeout resolve 200ms\n";
  }

  void StartHaproxy(const Slots& slots) {
    const std::string config =
        "global\n"
        "  stats socket " +
        dir_.File("stats") +
        " mode 600 level admin\n"
        "defaults\n"
        "  mode http\n"
        "  timeout connect 1s\n"
        "  timeout client 5s\n"
        "  timeout server 5s\n" +
        slots.resolvers +
        "frontend web\n"
        "  bind " +
        listen_.address() +
        "\n"
        "  default_backend web\n"
        "backend web\n"
        "  server-template web " +
        std::to_string(slots.number) +
        " _web._tcp.service.consul resolvers rollcall resolve-prefer ipv4 init-addr none" +
        slots.checks + "\n";
    haproxy_ = std::make_unique<Process>(ProcessOptions{
        .argv = {"/usr/sbin/haproxy", "-db", "-f", dir_.Write("haproxy.cfg", config)},
        .output_path = dir_.File("haproxy.log")});
  }

  // What haproxy answers to a command on its stats socket.
  std::string Ask(const std::string& command) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, dir_.File("stats").c_str(), sizeof(address.sun_path) - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string answer;
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
        send(fd, command.data(), command.size(), MSG_NOSIGNAL) > 0) {
      char buffer[4096];
      for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;) {
        answer.append(buffer, static_cast<size_t>(n));
      }
    }
    close(fd);
    return answer;
  }

  // "address:port" of the slots that haproxy uses. The CSV names its columns in its first line.
  Endpoints FilledSlots() const {
    std::istringstream lines(Ask("show stat\n"));
    std::vector<std::string> names;
    Endpoints filled;
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> fields;
      std::istringstream cells(line);
      for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
      if (names.empty()) {
        names = fields;
        continue;
      }
      const auto field = [&](const std::string& name) -> std::string {
        for (size_t i = 0; i < names.size() && i < fields.size(); ++i) {
          if (names[i] == name) return fields[i];
        }
        return "";
      };
      // "UP", or "UP 1/2" while a check begins to fail; "no check" where there is none.
      const std::string status = field("status");
      if (field("svname").starts_with("web") &&
          (status.starts_with("UP") || status == "no check")) {
        filled.insert(field("addr"));
      }
    }
    return filled;
  }

  testing::AssertionResult BecomeFilledWith(const Endpoints& expected) {
    if (Eventually([&] { return FilledSlots() == expected; }, std::chrono::seconds(15))) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << "filled: " << testing::PrintToString(FilledSlots()) << "\n"
           << Ask("show servers state web\n");
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

  const TempDir dir_;
  const Port listen_;
  const Port first_;
  const Port second_;
  Server server_;
  std::unique_ptr<Process> haproxy_;
};

TEST_F(HaproxyTest, SlotsFollowTheInstances) {
  ASSERT_TRUE(server_.Start());
  Backend first("127.0.0.1", first_.number(), "first");
  Backend second("127.0.0.1", second_.number(), "second");
  Register("web-1", first_.number());
  Register("web-2", second_.number());
  StartHaproxy({.resolvers = OverUdp()});
  EXPECT_TRUE(BecomeFilledWith({first_.address(), second_.address()}));
  EXPECT_THAT(Http(listen_.number()).Get("/").body, testing::AnyOf("first", "second"));

  Deregister("web-1");
  EXPECT_TRUE(BecomeFilledWith({second_.address()}));
  EXPECT_EQ(Http(listen_.number()).Get("/").body, "second");

  Deregister("web-2");
  EXPECT_TRUE(BecomeFilledWith({}));
  EXPECT_EQ(Http(listen_.number()).Get("/").status, 503);

  Register("web-1", first_.number());
  EXPECT_TRUE(BecomeFilledWith({first_.address()}));
  EXPECT_TRUE(haproxy_->Running());
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

  void FillAndEmpty(const Slots& slots) {
    ASSERT_TRUE(server_.Start());
    const Endpoints all = HaveInstances(slots.number);
    StartHaproxy(slots);
    EXPECT_TRUE(BecomeFilledWith(all));
    const std::string log = haproxy_->Output();
    // Every answer is whole: no slot is emptied and filled again. Each question is 200 ms after the
    // one before.
    const int asked = Answers();
    EXPECT_TRUE(Eventually([&] { return Answers() >= asked + 5; }));
    EXPECT_EQ(FilledSlots(), all);
    EXPECT_EQ(haproxy_->Output(), log);

    EXPECT_TRUE(BecomeFilledWith(HaveInstances(slots.number / 4)));
    EXPECT_TRUE(BecomeFilledWith(HaveInstances(0)));
    EXPECT_TRUE(BecomeFilledWith(HaveInstances(slots.number / 2)));
  }

 private:
  static std::string Id(int i) { return std::to_string(i); }
  static std::string Address(int i) { return "10.0.0." + std::to_string(i + 1); }

  // How many answers haproxy took.
  int Answers() const {
    const std::string resolvers = Ask("show resolvers rollcall\n");
    const size_t valid = resolvers.find("valid:");
    return valid == std::string::npos ? 0 : std::stoi(resolvers.substr(valid + 6));
  }

  int instances_ = 0;
};

TEST_F(HaproxyLargeServiceTest, OverUdpAHundredInstancesFit) {
  FillAndEmpty({.number = 100, .resolvers = OverUdp(), .checks = ""});
}

TEST_F(HaproxyLargeServiceTest, OverUdpTwoHundredInstancesComeAndGo) {
  ASSERT_TRUE(server_.Start());
  HaveInstances(200);
  StartHaproxy({.number = 200, .resolvers = OverUdp(), .checks = ""});
  EXPECT_TRUE(Eventually([&] {
    return haproxy_->Output().find("(entry removed from SRV record)") != std::string::npos;
  })) << haproxy_->Output();
}

TEST_F(HaproxyLargeServiceTest, OverTcpTwoHundredInstancesFit) {
  FillAndEmpty({.number = 200, .resolvers = OverTcp(), .checks = ""});
}

}  // namespace
}  // namespace rollcall::e2e
