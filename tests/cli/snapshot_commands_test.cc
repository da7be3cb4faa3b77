// `rollcall export` and `rollcall import` as a person or a script meets them: the real program
// against a server that answers what the test tells it to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/cli/fake_registry.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"
#include "tests/registry/store/snapshot_bytes.h"

namespace rollcall::cli {
namespace {

using store::SomeSnapshot;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kTaken =
    R"({"Nodes":1,"Instances":0,"Checks":0,"Coordinates":0,"Changed":2,"Refused":0,"Refusals":[]})";

std::string LargeSnapshot() {
  store::SnapshotWriter writer;
  std::string bytes = writer.Begin(store::SomeHeader());
  store::SnapshotBlock block;
  block.Add(store::SomeNode("a"), store::Occurrence::kFirst);
  model::Check check = store::SomeCheck("c");
  check.notes = std::string(100'000, 'n');
  block.Add(check);
  bytes += writer.Block(block);
  return bytes + writer.End();
}

class SnapshotCommandsTest : public testing::Test {
 protected:
  e2e::Finished Run(std::vector<std::string> arguments, std::string input = "") {
    arguments.insert(arguments.begin(), ROLLCALL_PROGRAM);
    return e2e::RunToEnd({.argv = std::move(arguments),
                          .environment = {"CONSUL_HTTP_ADDR=" + registry_.Url()},
                          .output_path = dir_.File("out"),
                          .error_path = dir_.File("err"),
                          .input = std::move(input)});
  }

  // A script that finds the program in $0 and `argument` in $1.
  e2e::Finished RunInShell(const std::string& script, const std::string& argument) {
    return e2e::RunToEnd({.argv = {"sh", "-c", script, ROLLCALL_PROGRAM, argument},
                          .environment = {"CONSUL_HTTP_ADDR=" + registry_.Url()},
                          .output_path = dir_.File("out"),
                          .error_path = dir_.File("err")});
  }

  // The names of what lies in the directory of the snapshots.
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(snapshots_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  e2e::TempDir dir_;
  e2e::TempDir snapshots_;
  const std::string file_ = snapshots_.File("s");
  FakeRegistry registry_;
};

TEST_F(SnapshotCommandsTest, ExportWritesTheFileAndSaysWhatIsInIt) {
  registry_.Set("/v1/snapshot", {.body = SomeSnapshot()});
  const e2e::Finished result = Run({"export", file_});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.output,
            "exported 2 nodes, 1 instances, 2 checks, 1 coordinates of dc7 at index 42\n");
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_EQ(e2e::ReadFile(file_), SomeSnapshot());
  EXPECT_THAT(Files(), testing::ElementsAre("s"));
  struct stat info {};
  ASSERT_EQ(stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(SnapshotCommandsTest, ExportToStandardOutputIsTheSnapshotAlone) {
  registry_.Set("/v1/snapshot", {.body = SomeSnapshot()});
  const e2e::Finished result = Run({"export", "-"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.output, SomeSnapshot());
  EXPECT_THAT(result.errors, StartsWith("exported 2 nodes"));
}

TEST_F(SnapshotCommandsTest, ExportWithATokenSaysThatAccessControlIsNotInIt) {
  registry_.Set("/v1/snapshot", {.body = SomeSnapshot()});
  const e2e::Finished result = Run({"export", file_, "--token", "hunter2"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.output, StartsWith("exported 2 nodes"));
  EXPECT_THAT(result.errors, StartsWith("access control is not in it: tokens, policies, roles"));
  EXPECT_EQ(e2e::ReadFile(file_), SomeSnapshot());
}

TEST_F(SnapshotCommandsTest, ExportReplacesAFileOnlyWhenToldTo) {
  registry_.Set("/v1/snapshot", {.body = SomeSnapshot()});
  snapshots_.Write("s", "precious");
  const e2e::Finished refused = Run({"export", file_});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.errors, "rollcall: " + file_ + " is there already; --force replaces it\n");
  EXPECT_THAT(registry_.Requests(), IsEmpty());
  EXPECT_EQ(e2e::ReadFile(file_), "precious");
  EXPECT_EQ(Run({"export", "--force", file_}).code, 0);
  EXPECT_EQ(e2e::ReadFile(file_), SomeSnapshot());
}

TEST_F(SnapshotCommandsTest, ExportOfWhatIsNotWholeLeavesNoFile) {
  std::string damaged = SomeSnapshot();
  damaged[100] ^= 1;
  const std::string half = SomeSnapshot().substr(0, 150);
  const std::pair<std::string, std::string> cases[] = {{damaged, "is damaged"},
                                                       {half, "it is cut short"},
                                                       {"", "it is empty"},
                                                       {"<html>", "no rollcall snapshot"}};
  for (const auto& [body, why] : cases) {
    registry_.Set("/v1/snapshot", {.body = body});
    for (const char* force : {"", "--force"}) {
      if (*force != '\0') snapshots_.Write("s", "precious");
      std::vector<std::string> arguments = {"export", file_};
      if (*force != '\0') arguments.emplace_back(force);
      const e2e::Finished result = Run(arguments);
      EXPECT_EQ(result.code, 1);
      EXPECT_THAT(result.errors, AllOf(StartsWith("rollcall: the snapshot of http://"),
                                       HasSubstr(why), EndsWith("\n")));
      EXPECT_THAT(result.output, IsEmpty());
      EXPECT_EQ(e2e::ReadFile(file_), *force == '\0' ? "" : "precious");
      EXPECT_EQ(Files().size(), *force == '\0' ? 0u : 1u);
      unlink(file_.c_str());
    }
  }
}

TEST_F(SnapshotCommandsTest, ExportSaysWhatItsServerSaid) {
  const e2e::Finished agent = Run({"export", file_});
  EXPECT_EQ(agent.code, 1);
  EXPECT_THAT(agent.errors, HasSubstr("answered 404 (/v1/snapshot); is it a server, and not an"));
  registry_.Set("/v1/snapshot", {.status = 500, .body = "out of luck\nmore"});
  EXPECT_THAT(Run({"export", file_}).errors, HasSubstr("answered 500: out of luck (/v1/snapshot)"));
  EXPECT_THAT(Run({"export", file_, "--http-addr", "127.0.0.1:1"}).errors,
              HasSubstr("cannot reach http://127.0.0.1:1: connection refused"));
  EXPECT_EQ(Run({"export", file_, "--http-addr", "ftp://x"}).code, 2);
  EXPECT_EQ(Run({"export"}).code, 2);
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(SnapshotCommandsTest, ExportThatCannotBeWrittenLeavesNothing) {
  registry_.Set("/v1/snapshot", {.body = LargeSnapshot()});
  const e2e::Finished nowhere = Run({"export", snapshots_.File("none/s")});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_THAT(nowhere.errors, AllOf(HasSubstr("cannot write "), HasSubstr("No such file")));
  // A disk that takes no more than some blocks.
  const e2e::Finished full =
      RunInShell("trap '' XFSZ; ulimit -f 8; exec \"$0\" export \"$1\"", file_);
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(full.errors, "rollcall: cannot write " + file_ + ": File too large\n");
  EXPECT_THAT(Files(), IsEmpty());
  const e2e::Finished full_output = RunInShell("exec \"$0\" export - > /dev/full", file_);
  EXPECT_EQ(full_output.code, 1);
  EXPECT_THAT(full_output.errors, HasSubstr("cannot write to standard output"));
}

TEST_F(SnapshotCommandsTest, ImportSendsEachBlockByItself) {
  registry_.Set("/v1/snapshot", {.body = kTaken});
  snapshots_.Write("s", SomeSnapshot());
  const e2e::Finished result = Run({"import", file_});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.output,
            "imported 2 nodes, 1 instances, 2 checks, 1 coordinates of dc7 at index 42: "
            "4 registrations changed the catalog\n");
  const std::vector<std::string> requests = registry_.Requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_THAT(requests[0], StartsWith("PUT /v1/snapshot rollcall snapshot\n"));
  EXPECT_THAT(requests[1], StartsWith("PUT /v1/snapshot?merge rollcall snapshot\n"));
  EXPECT_THAT(requests[2], StartsWith("PUT /v1/snapshot?merge rollcall snapshot\n"));
}

TEST_F(SnapshotCommandsTest, ImportReadsStandardInput) {
  registry_.Set("/v1/snapshot", {.body = kTaken});
  const e2e::Finished result = Run({"import", "--merge", "-"}, SomeSnapshot());
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(registry_.Requests().size(), 2u);
}

TEST_F(SnapshotCommandsTest, DryRunAsksNoServer) {
  snapshots_.Write("s", SomeSnapshot());
  const e2e::Finished result = Run({"import", "--dry-run", file_});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.output, file_ +
                               " is whole: 2 nodes, 1 instances, 2 checks, 1 coordinates of dc7 at "
                               "index 42, written at 2023-11-14T22:13:20Z by rollcall 1.2.3\n");
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(SnapshotCommandsTest, ImportOfAWrongFileSendsNothing) {
  registry_.Set("/v1/snapshot", {.body = kTaken});
  std::string damaged = SomeSnapshot();
  damaged[damaged.size() - 100] ^= 1;
  const std::pair<std::string, std::string> cases[] = {
      {SomeSnapshot().substr(0, 200), "it is cut short: it ends at byte 200"},
      {damaged, "is damaged"},
      {SomeSnapshot() + "\n", "something follows its end"},
      {"", "it is empty"},
      {"\x1f\x8b\x08", "gzip, as Consul's snapshots are"},
      {"rollcall snapshot\n\x02", "a newer rollcall wrote it"}};
  for (const auto& [bytes, why] : cases) {
    snapshots_.Write("s", bytes);
    for (const char* flag : {"--merge", "--dry-run"}) {
      const e2e::Finished result = Run({"import", flag, file_});
      EXPECT_EQ(result.code, 1);
      EXPECT_THAT(result.errors, AllOf(StartsWith("rollcall: " + file_ + ": "), HasSubstr(why)));
    }
  }
  EXPECT_THAT(Run({"import", snapshots_.path()}).errors, HasSubstr("Is a directory"));
  EXPECT_THAT(Run({"import", "none"}).errors, HasSubstr("No such file"));
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(SnapshotCommandsTest, ImportSaysWhyTheServerDoesNotTakeIt) {
  snapshots_.Write("s", SomeSnapshot());
  const e2e::Finished agent = Run({"import", file_});
  EXPECT_EQ(agent.code, 1);
  EXPECT_THAT(agent.errors, HasSubstr("is it a server, and not an agent?"));
  registry_.Set("/v1/snapshot", {.status = 409, .body = "The catalog holds more"});
  EXPECT_EQ(Run({"import", file_}).errors,
            "rollcall: " + registry_.Url() +
                " holds a catalog already; --merge adds to it, replaces what the file has too, and "
                "removes nothing\n");
  registry_.Set("/v1/snapshot", {.status = 503, .body = "the store has failed"});
  const e2e::Finished failed = Run({"import", "--merge", file_});
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.errors, AllOf(HasSubstr("answered 503: the store has failed"),
                                   HasSubstr("take it up again with `rollcall import --merge`")));
  registry_.Set("/v1/snapshot", {.body = "<html>"});
  EXPECT_THAT(Run({"import", file_}).errors, HasSubstr("is --http-addr a rollcall server?"));
}

TEST_F(SnapshotCommandsTest, ImportListsWhatWasRefusedAndFails) {
  registry_.Set("/v1/snapshot", {.body = R"({"Changed": 1, "Refused": 9, "Refusals":
      ["node \"a\": no", "node \"b\": no"]})"});
  snapshots_.Write("s", LargeSnapshot());
  const e2e::Finished result = Run({"import", "--merge", file_});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.errors,
            "rollcall: node \"a\": no\nrollcall: node \"b\": no\n"
            "rollcall: the server refused 9 registrations of the file, the first of them above\n");
}

}  // namespace
}  // namespace rollcall::cli
