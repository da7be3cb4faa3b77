// Two thousand real clients wait for one service at the same time: curl, `--parallel`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <iomanip>
#include <memory>
#include <set>
#include <sstream>
#include <vector>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;

constexpr int kCurls = 16;
constexpr int kWatchersOfEach = 125;  // curl takes 300 at the most
constexpr size_t kWatchers = kCurls * kWatchersOfEach;
constexpr seconds kPatience{60};

struct WatchersAnswer {
  int status = 0;
  uint64_t index = 0;
  size_t instances = 0;

  auto operator<=>(const WatchersAnswer&) const = default;
};

void PrintTo(const WatchersAnswer& answer, std::ostream* out) {
  *out << answer.status << ", index " << answer.index << ", " << answer.instances << " instances";
}

// One curl that waits many times over, from an address of its own: how many connections a server
// takes from one address may be limited.
class CurlWatchers {
 public:
  CurlWatchers(int number, const std::string& url) {
    std::string config =
        "silent\nshow-error\nhttp1.1\nmax-time = 120\n"
        "parallel\nparallel-immediate\nparallel-max = 300\n"
        "interface = \"host!127.0.0." +
        std::to_string(number + 2) +
        "\"\n"
        // What is behind the # is curl's own: it is not sent.
        "write-out = \"%{http_code} %header{x-consul-index} %{url}\\n\"\n";
    for (int i = 0; i < kWatchersOfEach; ++i) {
      config +=
          "url = \"" + url + "#" + std::to_string(i) + "\"\noutput = \"" + BodyPath(i) + "\"\n";
    }
    curl_ = std::make_unique<Process>(
        ProcessOptions{.argv = {"curl", "--disable", "--config", dir_.Write("curl.conf", config)},
                       .output_path = dir_.File("answers"),
                       .error_path = dir_.File("errors")});
  }

  bool HasAnswers() const { return !curl_->Output().empty(); }

  // Waits for the end of all; what each was answered.
  std::vector<WatchersAnswer> Finish() {
    const std::optional<int> code = curl_->Wait(kPatience);
    EXPECT_EQ(code, 0) << curl_->Errors();
    std::vector<WatchersAnswer> answers;
    std::istringstream lines(curl_->Output());
    WatchersAnswer answer;
    std::set<int> answered;
    for (std::string url; lines >> answer.status >> answer.index >> url;) {
      const int number = std::stoi(url.substr(url.find('#') + 1));
      EXPECT_TRUE(answered.insert(number).second) << number << " was answered twice";
      const std::string body = ReadFile(BodyPath(number));
      answer.instances = Json::accept(body) ? Json::parse(body).size() : 0;
      answers.push_back(answer);
    }
    return answers;
  }

 private:
  std::string BodyPath(int i) const { return dir_.File("body-" + std::to_string(i)); }

  const TempDir dir_;
  std::unique_ptr<Process> curl_;
};

// How many connections to `port` are open and have nothing that the server has yet to read.
size_t QuietConnections(const Server& server, pid_t pid) {
  std::ostringstream port;
  port << ':' << std::uppercase << std::hex << std::setw(4) << std::setfill('0')
       << server.http_port();
  std::ifstream table("/proc/" + std::to_string(pid) + "/net/tcp");
  std::string line;
  std::getline(table, line);
  size_t count = 0;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues;
    words >> slot >> local >> remote >> state >> queues;
    if (local.ends_with(port.str()) && state == "01" && queues.ends_with(":00000000")) ++count;
  }
  return count;
}

class ParkedWatchersTest : public testing::Test {
 protected:
  bool Register(const std::string& id) {
    return server_.Put("/v1/agent/service/register", {{"ID", id}, {"Name", "web"}, {"Port", 80}})
        .ok();
  }

  bool Deregister(const std::string& id) {
    return server_.Put("/v1/agent/service/deregister/" + id).ok();
  }

  WatchersAnswer Now() {
    const Reply reply = server_.Get("/v1/health/service/web");
    return {reply.status, reply.index, reply.json().size()};
  }

  // All the watchers, waiting for what comes after `index`.
  void Park(uint64_t index) {
    curls_.clear();
    const std::string url =
        server_.Url() + "/v1/health/service/web?wait=10m&index=" + std::to_string(index);
    for (int i = 0; i < kCurls; ++i) curls_.push_back(std::make_unique<CurlWatchers>(i, url));
    ASSERT_TRUE(Eventually(
        [&] { return QuietConnections(server_, server_.process().pid()) >= kWatchers; }, kPatience))
        << QuietConnections(server_, server_.process().pid()) << " are connected";
    for (const auto& curl : curls_) ASSERT_FALSE(curl->HasAnswers()) << "answered without a change";
  }

  // How many watchers got which answer.
  std::map<WatchersAnswer, size_t> Answers() {
    std::map<WatchersAnswer, size_t> answers;
    for (const auto& curl : curls_) {
      for (const WatchersAnswer& each : curl->Finish()) ++answers[each];
    }
    return answers;
  }

  Server server_;
  std::vector<std::unique_ptr<CurlWatchers>> curls_;
};

TEST_F(ParkedWatchersTest, EachIsAnsweredWithTheIndexOfTheChange) {
  ASSERT_TRUE(server_.Start());
  ASSERT_TRUE(Register("web-1"));
  const WatchersAnswer first = Now();
  Park(first.index);
  ASSERT_TRUE(Register("web-2"));
  const WatchersAnswer registered = Now();
  EXPECT_GT(registered.index, first.index);
  EXPECT_EQ(registered.instances, 2u);
  EXPECT_THAT(Answers(), testing::ElementsAre(testing::Pair(registered, kWatchers)));

  Park(registered.index);
  ASSERT_TRUE(Deregister("web-1"));
  const WatchersAnswer deregistered = Now();
  EXPECT_GT(deregistered.index, registered.index);
  EXPECT_EQ(deregistered.instances, 1u);
  EXPECT_THAT(Answers(), testing::ElementsAre(testing::Pair(deregistered, kWatchers)));
}

TEST_F(ParkedWatchersTest, NoneGetsAnIndexThatIsNotOfItsAnswer) {
  ASSERT_TRUE(server_.Start());
  ASSERT_TRUE(Register("web-1"));
  const WatchersAnswer first = Now();
  Park(first.index);
  ASSERT_TRUE(Register("web-2"));
  ASSERT_TRUE(Register("web-3"));
  ASSERT_TRUE(Deregister("web-1"));
  ASSERT_TRUE(Deregister("web-2"));
  const WatchersAnswer last = Now();
  // Each sees one of the states in between, or the last one.
  const std::map<uint64_t, size_t> instances_at = {
      {first.index + 1, 2}, {first.index + 2, 3}, {first.index + 3, 2}, {first.index + 4, 1}};
  EXPECT_EQ(last.index, first.index + 4);
  size_t answered = 0;
  for (const auto& [answer, count] : Answers()) {
    answered += count;
    const auto found = instances_at.find(answer.index);
    EXPECT_TRUE(answer.status == 200 && found != instances_at.end() &&
                found->second == answer.instances)
        << testing::PrintToString(answer);
  }
  EXPECT_EQ(answered, kWatchers);
}

}  // namespace
}  // namespace rollcall::e2e
