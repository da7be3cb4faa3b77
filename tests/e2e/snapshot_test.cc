// A catalog moves from one server to another: `rollcall export` and `rollcall import`, with the
// real programs, while others write, and when something is killed in the middle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "registry/store/snapshot_writer.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"
#include "tests/registry/store/snapshot_bytes.h"

namespace rollcall::e2e {
namespace {

using testing::HasSubstr;

std::string WithoutIndexes(Json json) {
  if (json.is_object()) {
    json.erase("CreateIndex");
    json.erase("ModifyIndex");
  }
  if (json.is_structured()) {
    for (auto& value : json) value = Json(WithoutIndexes(value));
  }
  return json.dump();
}

// One client that registers w0, w1, w2, ... in this order.
class SteadyWriter {
 public:
  explicit SteadyWriter(int port) {
    thread_ = std::thread([this, port] {
      Http http(port);
      for (; !stop_; ++written_) {
        const std::string id = "w" + std::to_string(written_);
        http.Put("/v1/catalog/register", Json{{"Node", id},
                                              {"Address", "10.0.0.1"},
                                              {"Service", {{"ID", id}, {"Service", "steady"}}},
                                              {"Check", {{"Name", "c" + id}, {"ServiceID", id}}}});
      }
    });
  }
  ~SteadyWriter() {
    stop_ = true;
    thread_.join();
  }
  int written() const { return written_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> written_ = 0;
  std::thread thread_;
};

// So many blocks of 200 KB, each of two nodes with a check.
std::string LargeSnapshot(int blocks) {
  store::SnapshotWriter writer;
  std::string bytes = writer.Begin(store::SomeHeader());
  for (int i = 0; i < blocks; ++i) {
    store::SnapshotBlock block;
    for (const char* half : {"a", "b"}) {
      block.Add(store::SomeNode("n" + std::to_string(10000 + i) + half), store::Occurrence::kFirst);
      model::Check check = store::SomeCheck("c");
      check.notes = std::string(100'000, 'n');
      block.Add(check);
    }
    bytes += writer.Block(block);
  }
  return bytes + writer.End();
}

class SnapshotTest : public testing::Test {
 protected:
  Finished Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), ROLLCALL_PROGRAM);
    return RunToEnd({.argv = std::move(arguments),
                     .output_path = dir_.File("out"),
                     .error_path = dir_.File("err")});
  }
  Finished Export(const Server& server) {
    return Run({"export", file_, "--http-addr", server.Url()});
  }
  Finished Import(const Server& server, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"import", file_, "--http-addr", server.Url()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
  // A command that goes on while the test does something else.
  std::unique_ptr<Process> Begin(const std::string& command, const Server& server) {
    return std::make_unique<Process>(
        ProcessOptions{.argv = {ROLLCALL_PROGRAM, command, file_, "--http-addr", server.Url()},
                       .output_path = dir_.File("begun.out"),
                       .error_path = dir_.File("begun.err")});
  }

  std::set<std::string> Files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(snapshots_.path())) {
      names.insert(entry.path().filename());
    }
    return names;
  }
  // Of what an export has written so far.
  uintmax_t PartialSize() const {
    uintmax_t size = 0;
    for (const auto& entry : std::filesystem::directory_iterator(snapshots_.path())) {
      std::error_code ignored;
      if (entry.path().filename().string().find(".partial-") != std::string::npos) {
        size = std::max(size, std::filesystem::file_size(entry, ignored));
      }
    }
    return size;
  }

  // Services of all kinds of content.
  static void Fill(Server& server) {
    ASSERT_TRUE(
        server
            .Put("/v1/catalog/register",
                 {{"Node", "Web-1"},
                  {"ID", "adf4238a-882b-9ddc-4a9d-5b6758e4159e"},
                  {"Address", "10.0.0.1"},
                  {"TaggedAddresses", {{"wan", "192.0.2.1"}}},
                  {"NodeMeta", {{"rack", "a"}}},
                  {"Service",
                   {{"ID", "web-1"},
                    {"Service", "Web"},
                    {"Kind", "gateway"},
                    {"Tags", {"v1", "eu"}},
                    {"Meta", {{"version", "2"}}},
                    {"Address", "10.0.0.9"},
                    {"Port", 8080},
                    {"TaggedAddresses", {{"lan", {{"Address", "10.0.0.8"}, {"Port", 80}}}}},
                    {"Weights", {{"Passing", 7}, {"Warning", 2}}},
                    {"EnableTagOverride", true}}},
                  {"Checks",
                   {{{"CheckID", "alive"},
                     {"Name", "Alive"},
                     {"ServiceID", "web-1"},
                     {"Status", "passing"},
                     {"Notes", "n"},
                     {"Output", "fine"},
                     {"Type", "ttl"},
                     {"Definition", {{"TTL", "1h"}, {"DeregisterCriticalServiceAfter", "24h"}}}},
                    {{"CheckID", "disk"}, {"Status", "warning"}, {"Output", "full"}}}}})
            .ok());
    ASSERT_TRUE(server
                    .Put("/v1/coordinate/update", {{"Node", "Web-1"},
                                                   {"Segment", "alpha"},
                                                   {"Coord",
                                                    {{"Vec", {1e-3, 2, 3, 4, 5, 6, 7, 8.25}},
                                                     {"Error", 0.1},
                                                     {"Adjustment", -1e-7},
                                                     {"Height", 1e-5}}}})
                    .ok());
    // On the server's own node.
    ASSERT_TRUE(server
                    .Put("/v1/agent/service/register",
                         {{"Name", "local"}, {"Port", 1}, {"Check", {{"TTL", "1h"}}}})
                    .ok());
  }

  TempDir dir_;
  TempDir snapshots_;
  const std::string file_ = snapshots_.File("s");
};

TEST_F(SnapshotTest, CatalogMovesWhileOthersWrite) {
  Server from("from"), to("to");
  ASSERT_TRUE(from.Start());
  ASSERT_TRUE(to.Start());
  Fill(from);
  int before = 0;
  {
    const SteadyWriter writer(from.http_port());
    ASSERT_TRUE(Eventually([&] { return writer.written() >= 300; }));
    before = writer.written();
    const Finished exported = Export(from);
    ASSERT_EQ(exported.code, 0) << exported.errors;
    EXPECT_THAT(exported.output, HasSubstr(" of dc1 at index "));
  }
  ASSERT_EQ(Import(to).code, 0) << ReadFile(dir_.File("err"));

  for (const char* path :
       {"/v1/catalog/node/web-1", "/v1/health/node/web-1", "/v1/health/service/web",
        "/v1/coordinate/node/web-1", "/v1/catalog/service/local", "/v1/health/checks/local"}) {
    const std::string said = WithoutIndexes(from.Get(path).json());
    EXPECT_GT(said.size(), 100u) << path;
    EXPECT_EQ(WithoutIndexes(to.Get(path).json()), said) << path;
  }
  // Of one moment: all of the writer's registrations up to one of them, with their checks.
  const Json steady = to.Get("/v1/health/service/steady").json();
  EXPECT_GE(steady.size(), static_cast<size_t>(before));
  for (size_t i = 0; i < steady.size(); ++i) {
    const std::string name = "w" + std::to_string(i);
    const Json node = to.Get("/v1/health/node/" + name).json();
    ASSERT_EQ(node.size(), 1u) << name << " of " << steady.size();
  }
  EXPECT_EQ(to.Get("/v1/catalog/service/consul").json().size(), 1u);
  EXPECT_EQ(to.Get("/v1/catalog/node/from").json()["Services"].size(), 1u);

  const Finished again = Import(to);
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.errors, HasSubstr("holds a catalog already; --merge adds to it"));
  EXPECT_THAT(Import(to, {"--merge"}).output, HasSubstr(": 0 registrations changed the catalog"));
  // It is durable there, TTLs and all.
  to.Kill();
  ASSERT_TRUE(to.Start());
  EXPECT_EQ(to.PassingInstances("Web"), from.PassingInstances("Web"));
  EXPECT_TRUE(to.Put("/v1/agent/check/pass/none").status == 404);
}

TEST_F(SnapshotTest, ServerThatIsKilledLeavesNoFileThatLooksWhole) {
  Server server;
  ASSERT_TRUE(server.Start());
  snapshots_.Write("s", LargeSnapshot(500));
  ASSERT_EQ(Import(server).code, 0) << ReadFile(dir_.File("err"));
  std::filesystem::remove(file_);

  const auto exporting = Begin("export", server);
  ASSERT_TRUE(Eventually([&] { return PartialSize() > 0; }));
  exporting->Signal(SIGSTOP);
  server.Kill();
  exporting->Signal(SIGCONT);
  EXPECT_EQ(exporting->Wait(std::chrono::seconds(10)), 1);
  EXPECT_THAT(exporting->Errors(), HasSubstr("did not answer, or hung up"));
  EXPECT_TRUE(Files().empty());

  // The same with the command itself: what is left has another name, and is seen to be cut short.
  ASSERT_TRUE(server.Start());
  const auto killed = Begin("export", server);
  ASSERT_TRUE(Eventually([&] { return PartialSize() > 0; }));
  killed->Kill();
  ASSERT_EQ(Files().size(), 1u);
  const std::string left = snapshots_.File(*Files().begin());
  EXPECT_NE(left, file_);
  EXPECT_THAT(Run({"import", "--dry-run", left}).errors, HasSubstr("it is cut short"));
}

TEST_F(SnapshotTest, ImportThatIsInterruptedIsTakenUpAgain) {
  constexpr size_t kBlocks = 500;
  Server server;
  ASSERT_TRUE(server.Start());
  snapshots_.Write("s", LargeSnapshot(kBlocks));
  const auto nodes = [&] { return server.Get("/v1/catalog/nodes").json().size(); };

  const auto killed = Begin("import", server);
  ASSERT_TRUE(Eventually([&] { return nodes() > 10; }));
  killed->Kill();
  const size_t taken = nodes();
  ASSERT_LT(taken, 2 * kBlocks);

  std::vector<std::string> arguments = {ROLLCALL_PROGRAM, "import",    "--merge", file_,
                                        "--http-addr",    server.Url()};
  Process importing(
      {.argv = arguments, .output_path = dir_.File("o"), .error_path = dir_.File("e")});
  ASSERT_TRUE(Eventually([&] { return nodes() > taken + 10; }));
  server.Kill();
  EXPECT_EQ(importing.Wait(std::chrono::seconds(20)), 1);
  EXPECT_THAT(importing.Errors(), HasSubstr("take it up again with `rollcall import --merge`"));

  ASSERT_TRUE(server.Start());
  ASSERT_EQ(Import(server, {"--merge"}).code, 0) << ReadFile(dir_.File("err"));
  EXPECT_EQ(nodes(), 2 * kBlocks + 1);  // and the server's own
  EXPECT_THAT(Import(server, {"--merge"}).output, HasSubstr(": 0 registrations changed"));
}

}  // namespace
}  // namespace rollcall::e2e
