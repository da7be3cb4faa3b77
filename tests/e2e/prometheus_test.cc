// Prometheus finds its targets at /v1/prometheus/sd, with the labels that its own discovery of
// Consul would give them. (Debian builds Prometheus without that one.)
#include "tests/e2e/harness/prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;

constexpr int kServices = 5;
constexpr int kInstancesOfEach = 10;
// Prometheus applies what its discovery found every 5 s.
constexpr seconds kPatience{60};

using Targets = std::map<std::string, Labels>;

// One instance with everything that is made a label of, and the labels.
struct Instance {
  Json registration;
  Labels labels;
  std::string id() const { return registration.at("Service").at("ID"); }
};

Instance MakeInstance(int service, int number) {
  const std::string name = "service-" + std::to_string(service);
  const std::string id = name + "-" + std::to_string(number);
  const std::string node = "host-" + std::to_string(number);
  const std::string node_address = "127.0.1." + std::to_string(number + 1);
  // Every other instance is where its node is.
  const std::string own_address =
      number % 2 == 0 ? "127.0.2." + std::to_string(number + 1) : std::string();
  const std::string& address = own_address.empty() ? node_address : own_address;
  const int port = 10'000 + service * 100 + number;
  const std::string version = number % 3 == 0 ? "v1" : "v2";
  const char* rack = number < 5 ? "r1" : "r2";
  const char* status = number == 7 ? "warning" : "passing";
  Instance instance{
      .registration = {{"Node", node},
                       {"Address", node_address},
                       {"TaggedAddresses", {{"lan", node_address}, {"wan", "127.0.3.1"}}},
                       {"NodeMeta", {{"rack", rack}}},
                       {"Service",
                        {{"ID", id},
                         {"Service", name},
                         {"Address", own_address},
                         {"Port", port},
                         {"Tags", {"http", version}},
                         {"Meta", {{"team-name", "blue"}, {"path", "/metrics?a=\"b\""}}}}},
                       {"Check",
                        {{"CheckID", "alive:" + id},
                         {"Name", "alive"},
                         {"Status", status},
                         {"ServiceID", id}}}},
      .labels = {{"__address__", address + ":" + std::to_string(port)},
                 {"__meta_consul_address", node_address},
                 {"__meta_consul_dc", "dc1"},
                 {"__meta_consul_health", status},
                 {"__meta_consul_metadata_rack", rack},
                 {"__meta_consul_node", node},
                 {"__meta_consul_service", name},
                 {"__meta_consul_service_id", id},
                 {"__meta_consul_service_metadata_path", "/metrics?a=\"b\""},
                 {"__meta_consul_service_metadata_team_name", "blue"},
                 {"__meta_consul_service_port", std::to_string(port)},
                 {"__meta_consul_tagged_address_lan", node_address},
                 {"__meta_consul_tagged_address_wan", "127.0.3.1"},
                 {"__meta_consul_tags", ",http," + version + ","}}};
  // An empty label is none to Prometheus.
  if (!own_address.empty()) instance.labels["__meta_consul_service_address"] = own_address;
  return instance;
}

class PrometheusTest : public testing::Test {
 protected:
  void Register(const Instance& instance) {
    ASSERT_TRUE(server_.Put("/v1/catalog/register", instance.registration).ok());
    expected_[instance.id()] = instance.labels;
  }

  void Deregister(const std::string& node, const std::string& id) {
    ASSERT_TRUE(server_.Put("/v1/catalog/deregister", {{"Node", node}, {"ServiceID", id}}).ok());
    expected_.erase(id);
  }

  // 50 instances of 5 services; what Prometheus should make of them is `expected_`.
  void RegisterFifty() {
    for (int service = 0; service < kServices; ++service) {
      for (int number = 0; number < kInstancesOfEach; ++number) {
        Register(MakeInstance(service, number));
      }
    }
  }

  Json HttpSd(const std::string& query) const {
    const Json entry = {{"url", server_.Url() + "/v1/prometheus/sd" + query},
                        {"refresh_interval", "1s"}};
    return {{"http_sd_configs", Json::array({entry})}};
  }

  // What Prometheus has found, without the registry itself.
  static Targets Found(Prometheus& prometheus, const std::string& job) {
    Targets found = prometheus.Targets(job, "__meta_consul_service_id");
    found.erase("consul");
    for (auto& [id, labels] : found) labels.erase("__meta_url");
    return found;
  }

  static testing::AssertionResult Finds(Prometheus& prometheus, const std::string& job,
                                        const Targets& expected) {
    if (Eventually([&] { return Found(prometheus, job) == expected; }, kPatience)) {
      return testing::AssertionSuccess();
    }
    const Targets found = Found(prometheus, job);
    testing::AssertionResult failure = testing::AssertionFailure();
    failure << "job " << job << " has " << found.size() << " targets of " << expected.size();
    for (const auto& [id, labels] : expected) {
      const auto at = found.find(id);
      if (at != found.end() && at->second == labels) continue;
      return failure << "; " << id << " should be " << testing::PrintToString(labels) << " and is "
                     << (at == found.end() ? "missing" : testing::PrintToString(at->second));
    }
    return failure;
  }

  // Those of `expected_` whose label has the value.
  Targets ExpectedWhere(const std::string& label, const std::string& value) const {
    Targets targets;
    for (const auto& [id, labels] : expected_) {
      if (labels.at(label) == value) targets[id] = labels;
    }
    return targets;
  }

  Server server_;
  Targets expected_;
};

TEST_F(PrometheusTest, FindsFiftyInstancesWithTheirLabelsAndFollowsChanges) {
  ASSERT_TRUE(server_.Start());
  RegisterFifty();
  Prometheus prometheus(std::map<std::string, Json>{{"all", HttpSd("")}});
  ASSERT_TRUE(prometheus.Start());
  ASSERT_TRUE(Finds(prometheus, "all", expected_));

  // One more of a service that it knows, one of a service that is new.
  for (const int service : {0, kServices}) Register(MakeInstance(service, kInstancesOfEach));
  // One turns critical: still a target, with another label.
  Instance ill = MakeInstance(1, 1);
  ill.registration["Check"]["Status"] = "critical";
  ill.labels["__meta_consul_health"] = "critical";
  Register(ill);
  Deregister("host-2", "service-2-2");
  EXPECT_TRUE(Finds(prometheus, "all", expected_));

  // The only one of its service.
  Deregister("host-10", "service-5-10");
  EXPECT_TRUE(Finds(prometheus, "all", expected_));
}

TEST_F(PrometheusTest, SelectsWhatItIsToScrape) {
  ASSERT_TRUE(server_.Start());
  RegisterFifty();
  Prometheus prometheus({{"service", HttpSd("?service=service-3")},
                         {"tags", HttpSd("?tag=http&tag=v1")},
                         {"passing", HttpSd("?passing")},
                         {"filter", HttpSd("?filter=Node.Meta.rack%20%3D%3D%20%22r2%22")}});
  ASSERT_TRUE(prometheus.Start());
  EXPECT_TRUE(Finds(prometheus, "service", ExpectedWhere("__meta_consul_service", "service-3")));
  EXPECT_TRUE(Finds(prometheus, "tags", ExpectedWhere("__meta_consul_tags", ",http,v1,")));
  EXPECT_TRUE(Finds(prometheus, "passing", ExpectedWhere("__meta_consul_health", "passing")));
  EXPECT_TRUE(Finds(prometheus, "filter", ExpectedWhere("__meta_consul_metadata_rack", "r2")));
}

}  // namespace
}  // namespace rollcall::e2e
