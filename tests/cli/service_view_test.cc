#include "cli/service_view.h"

#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

InstanceView Web(const std::string& id, const std::string& status = "passing") {
  return {"n1", id, "10.0.0.1", 80, {"v1"}, status, {}};
}

std::string Describe(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    text += "+-sat"[static_cast<int>(change.kind)] + change.instance.id + " ";
  }
  return text;
}

TEST(ServiceViewTest, WorstCheckIsTheStatusAndFailingChecksAreNamed) {
  const auto instances = ParseHealthService(R"([{
      "Node": {"Node": "n1", "Address": "10.0.0.1"},
      "Service": {"ID": "web-1", "Address": "", "Port": 80, "Tags": null},
      "Checks": [{"Name": "a", "Status": "warning"}, {"Name": "b", "Status": "critical"},
                 {"Name": "c", "Status": "passing"}]}])");
  ASSERT_TRUE(instances);
  ASSERT_EQ(instances->size(), 1u);
  EXPECT_EQ(instances->front().status, "critical");
  EXPECT_EQ(instances->front().failing, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(instances->front().Endpoint(), "10.0.0.1:80");
}

TEST(ServiceViewTest, RefusesWhatIsNoListOfInstances) {
  for (const char* body : {"", "<html>", "{\"a\": 1}", "[1]", "[{\"Node\": 1}]"}) {
    EXPECT_FALSE(ParseHealthService(body)) << body;
  }
}

TEST(ServiceViewTest, ComparingFindsEachKindOfChange) {
  InstanceView moved = Web("moved");
  moved.address = "10.0.0.2";
  InstanceView retagged = Web("retagged");
  retagged.tags = {"v2"};
  const std::vector<Change> changes =
      Compare({Web("gone"), Web("ill"), Web("moved"), Web("retagged"), Web("same")},
              {Web("came"), Web("ill", "critical"), moved, retagged, Web("same")});
  EXPECT_EQ(Describe(changes), "+came -gone sill amoved tretagged ");
}

TEST(ServiceViewTest, SameIdOnTwoNodesIsTwoInstances) {
  InstanceView other = Web("web");
  other.node = "n2";
  EXPECT_EQ(Describe(Compare({Web("web")}, {other})), "-web +web ");
}

}  // namespace
}  // namespace rollcall::cli
