// GET and PUT /v1/snapshot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "registry/store/snapshot_reader.h"
#include "registry/store/snapshot_writer.h"
#include "tests/api/api_fixture.h"
#include "tests/api/http/raw_client.h"
#include "tests/registry/store/snapshot_bytes.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class SnapshotTest : public ApiTest {
 protected:
  SnapshotTest() {
    // The fixture's own node as a server registers it.
    Put("/v1/catalog/register", {{"Node", "n1"},
                                 {"Address", "127.0.0.1"},
                                 {"Service", {{"Service", "consul"}}},
                                 {"Check", {{"CheckID", "serfHealth"}, {"Status", "passing"}}}});
  }

  void RegisterWeb(int number) {
    const std::string name = "w" + std::to_string(number);
    Put("/v1/catalog/register",
        {{"Node", name},
         {"Address", "10.0.0.1"},
         {"Service", {{"Service", "web"}, {"Port", number}}},
         {"Check", {{"Name", "alive"}, {"ServiceID", "web"}, {"Definition", {{"TTL", "1h"}}}}}});
  }

  // What a snapshot holds; an error when it is none.
  static std::string Judge(const std::string& bytes) {
    store::SnapshotReader reader([](const auto&) { return Result<void>(); });
    const Result<void> fed = reader.Feed(bytes);
    if (!fed) return fed.error().message;
    const auto counts = reader.Finish();
    return counts ? Describe(*counts) : counts.error().message;
  }
};

TEST_F(SnapshotTest, GetIsTheCatalogWithItsIndex) {
  RegisterWeb(1);
  const Answer answer = Get("/v1/snapshot");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "application/octet-stream");
  EXPECT_EQ(answer.index, catalog().snapshots().Get()->index().value());
  EXPECT_EQ(Judge(answer.body), "1 nodes, 1 instances, 1 checks, 0 coordinates");
  store::SnapshotReader reader([](const auto&) { return Result<void>(); });
  ASSERT_TRUE(reader.Feed(answer.body));
  EXPECT_EQ(reader.header()->version, "test");
  EXPECT_EQ(reader.header()->datacenter, "dc1");
  EXPECT_EQ(reader.header()->index.value(), answer.index);
  EXPECT_EQ(Get("/v1/snapshot?dc=other").status, 400);
}

// Many blocks, more than the socket and the stream's queue hold: it is made as it is read, and is
// of one moment.
TEST_F(SnapshotTest, GetOfAnyLengthIsMadeAsItIsReadAndOfOneMoment) {
  const std::string notes(8000, 'n');
  for (int i = 0; i < 2000; ++i) {
    model::Register command;
    command.node.name = "n" + std::to_string(i);
    command.node.address = "10.0.0.1";
    command.checks.emplace_back().check_id = "c";
    command.checks.back().notes = notes;
    catalog().Submit(std::move(command), [](const auto&) {});
  }
  ASSERT_TRUE(catalog().SubmitAndWait(model::Deregister{"n1", "", "nothing"}));
  http::RawClient client(port());
  client.Send("GET /v1/snapshot HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.ReadHead().status, 200);
  std::string bytes = client.ReadChunk();
  ASSERT_TRUE(catalog().SubmitAndWait(model::Deregister{"n1999", "", ""}));
  EXPECT_EQ(Get("/v1/catalog/node/n1999").body, "null");  // others are served meanwhile
  for (std::string chunk = client.ReadChunk(); !chunk.empty(); chunk = client.ReadChunk()) {
    EXPECT_LT(chunk.size(), 100'000u);
    bytes += chunk;
  }
  EXPECT_GT(bytes.size(), 16'000'000u);
  EXPECT_EQ(Judge(bytes), "2000 nodes, 0 instances, 2000 checks, 0 coordinates");
}

TEST_F(SnapshotTest, ServerThatStopsLeavesASnapshotThatIsSeenToBeCutShort) {
  const std::string notes(100'000, 'n');
  for (int i = 0; i < 300; ++i) {
    model::Register command;
    command.node.name = "n" + std::to_string(i);
    command.node.address = "10.0.0.1";
    command.checks.emplace_back().check_id = "c";
    command.checks.back().notes = notes;
    ASSERT_TRUE(catalog().SubmitAndWait(std::move(command)));
  }
  http::RawClient client(port());
  client.Send("GET /v1/snapshot HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.ReadHead().status, 200);
  std::string bytes = client.ReadChunk();
  std::thread stop([this] { StopServer(); });
  for (std::string chunk = client.ReadChunk(); !chunk.empty(); chunk = client.ReadChunk()) {
    bytes += chunk;
  }
  stop.join();
  EXPECT_THAT(Judge(bytes), HasSubstr("it is cut short"));
}

TEST_F(SnapshotTest, PutRegistersWhatIsInIt) {
  const Answer answer = PutText("/v1/snapshot", store::SomeSnapshot());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json(), json({{"Nodes", 2},
                                 {"Instances", 1},
                                 {"Checks", 2},
                                 {"Coordinates", 1},
                                 {"Changed", 4},
                                 {"Refused", 0},
                                 {"Refusals", json::array()}}));
  EXPECT_EQ(Get("/v1/catalog/service/web").json()[0]["Node"], "a");
  EXPECT_EQ(Get("/v1/health/node/a").json().size(), 2u);
  EXPECT_EQ(Get("/v1/coordinate/node/a").json().size(), 1u);
  const Answer again = PutText("/v1/snapshot?merge", store::SomeSnapshot());
  EXPECT_EQ(again.json()["Changed"], 0);
}

TEST_F(SnapshotTest, PutWithoutMergeIsRefusedWhereSomethingIs) {
  store::SnapshotWriter writer;
  const std::string begin = writer.Begin({});
  const std::string nothing = begin + writer.End();
  EXPECT_EQ(PutText("/v1/snapshot", nothing).json()["Changed"], 0);
  Put("/v1/catalog/register", {{"Node", "b"}, {"Address", "old"}, {"Check", {{"Name", "own"}}}});
  const Answer answer = PutText("/v1/snapshot", nothing);
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.body, HasSubstr("more than the registry's own servers"));
  EXPECT_EQ(PutText("/v1/snapshot", store::SomeSnapshot()).status, 409);
  EXPECT_EQ(Get("/v1/catalog/node/a").body, "null");
  EXPECT_EQ(PutText("/v1/snapshot?merge", store::SomeSnapshot()).status, 200);
  EXPECT_EQ(Get("/v1/catalog/node/b").json()["Node"]["Address"], "10.0.0.1");
  EXPECT_EQ(Get("/v1/health/node/b").json().size(), 1u);  // nothing is removed
}

TEST_F(SnapshotTest, PutOfSomethingElseRegistersNothing) {
  std::string damaged = store::SomeSnapshot();
  damaged.pop_back();
  EXPECT_EQ(PutText("/v1/snapshot", damaged).status, 400);
  EXPECT_THAT(PutText("/v1/snapshot", damaged).body,
              HasSubstr("The snapshot cannot be read: it is cut short"));
  EXPECT_THAT(PutText("/v1/snapshot", "").body, HasSubstr("it is empty"));
  EXPECT_THAT(PutText("/v1/snapshot", "\x1f\x8b\x08").body, HasSubstr("Consul's snapshots"));
  // Checksums and all are right, and the second block is not.
  store::SnapshotWriter writer;
  std::string wrong = writer.Begin({});
  store::SnapshotBlock block;
  block.Add(store::SomeNode("a"), store::Occurrence::kFirst);
  wrong += writer.Block(block);
  block.Clear();
  block.Add(store::SomeNode(""), store::Occurrence::kFirst);
  wrong += writer.Block(block);
  wrong += writer.End();
  EXPECT_THAT(PutText("/v1/snapshot", wrong).body, HasSubstr("a node has no name"));
  EXPECT_EQ(Get("/v1/catalog/node/a").body, "null");
  EXPECT_EQ(PutText("/v1/snapshot", std::string(600'000, 'x')).status, 413);
}

TEST_F(SnapshotTest, PutSaysWhatTheCatalogRefusedAndTakesTheRest) {
  Put("/v1/catalog/register", {{"Node", "a"},
                               {"ID", "adf4238a-882b-9ddc-4a9d-5b6758e4159e"},
                               {"Address", "10.9.9.9"},
                               {"Check", {{"CheckID", "serfHealth"}, {"Status", "passing"}}}});
  store::SnapshotWriter writer;
  std::string bytes = writer.Begin({});
  store::SnapshotBlock block;
  model::Node node = store::SomeNode("a");
  node.id = "00000000-882b-9ddc-4a9d-5b6758e4159e";
  block.Add(node, store::Occurrence::kFirst);
  block.Add(store::SomeInstance("web-1"), store::Occurrence::kFirst);
  block.Add(store::SomeNode("c"), store::Occurrence::kFirst);
  bytes += writer.Block(block);
  bytes += writer.End();
  const json answer = PutText("/v1/snapshot?merge", bytes).json();
  EXPECT_EQ(answer["Changed"], 1);
  EXPECT_EQ(answer["Refused"], 2);
  const char* reserved =
      ": Node name a is reserved by node adf4238a-882b-9ddc-4a9d-5b6758e4159e with name a "
      "(10.9.9.9)";
  EXPECT_THAT(answer["Refusals"],
              ElementsAre(std::string("node \"a\"") + reserved,
                          std::string(R"(node "a", instance "web-1")") + reserved));
  EXPECT_EQ(Get("/v1/catalog/service/web").body, "[]");
  EXPECT_NE(Get("/v1/catalog/node/c").body, "null");
}

TEST_F(SnapshotTest, PutLeavesTheServersNodesAsTheyAre) {
  store::SnapshotWriter writer;
  std::string bytes = writer.Begin({});
  store::SnapshotBlock block;
  model::Node node = store::SomeNode("n1");
  node.id = "00000000-882b-9ddc-4a9d-5b6758e4159e";
  node.address = "192.0.2.1";
  block.Add(node, store::Occurrence::kFirst);
  block.Add(store::SomeCheck("serfHealth"));  // critical
  block.Add(store::SomeInstance("web-1"), store::Occurrence::kFirst);
  bytes += writer.Block(block);
  bytes += writer.End();
  const json answer = PutText("/v1/snapshot", bytes).json();
  EXPECT_EQ(answer["Refused"], 0) << answer;
  EXPECT_EQ(Get("/v1/catalog/node/n1").json()["Node"]["Address"], "127.0.0.1");
  EXPECT_EQ(Get("/v1/health/node/n1").json()[0]["Status"], "passing");
  EXPECT_EQ(Get("/v1/catalog/service/web").json()[0]["Node"], "n1");
}

}  // namespace
}  // namespace rollcall::api
