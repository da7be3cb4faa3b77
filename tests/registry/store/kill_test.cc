// What another process acknowledged is there after kill -9, in whole batches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>

#include "registry/store/rocksdb_store.h"
#include "tests/registry/store/random_records.h"
#include "tests/registry/store/store_fixture.h"
#include "tests/registry/store/store_writer.h"

namespace rollcall::store {
namespace {

// A running store_writer; killed at the latest when this goes.
class Writer {
 public:
  explicit Writer(const std::string& directory) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, ends[0]);
    ::posix_spawn_file_actions_addclose(&actions, ends[1]);
    std::string program = STORE_WRITER;
    std::string argument = directory;
    char* arguments[] = {program.data(), argument.data(), nullptr};
    const int error = ::posix_spawn(&pid_, STORE_WRITER, &actions, nullptr, arguments, ::environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    out_ = ends[0];
    if (error != 0) throw std::runtime_error("cannot start " STORE_WRITER);
  }
  ~Writer() {
    Kill();
    ::close(out_);
  }

  // The next acknowledged index, or 0 when the writer has ended.
  uint64_t Next() {
    std::string line;
    char c = 0;
    while (::read(out_, &c, 1) == 1) {
      if (c == '\n') return std::stoull(line);
      line.push_back(c);
    }
    return 0;
  }

  void Kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

// The store's last index; every record must be as the transactions up to it have left it.
uint64_t CheckStore(const std::string& directory) {
  auto store = RocksdbStore::Open(directory);
  if (!store) {
    ADD_FAILURE() << store.error().message;
    return 0;
  }
  std::map<std::string, uint64_t> nodes, instances, checks;
  const auto last = LoadRecords(**store, [&](const model::Mutation& mutation) {
    if (const auto* node = std::get_if<model::PutNode>(&mutation)) {
      nodes[node->node->name.str()] = node->node->modify_index.value();
      EXPECT_EQ(node->node->address, std::to_string(node->node->modify_index.value()));
    } else if (const auto* instance = std::get_if<model::PutInstance>(&mutation)) {
      const model::Instance& i = *instance->instance;
      instances[i.node.str()] = i.modify_index.value();
      EXPECT_EQ(i.service, std::to_string(i.modify_index.value()));
    } else if (const auto* check = std::get_if<model::PutCheck>(&mutation)) {
      checks[check->check->node.str()] = check->check->modify_index.value();
      EXPECT_EQ(check->check->output.size(), check->check->modify_index.value() % 1000);
    }
  });
  if (!last) {
    ADD_FAILURE() << last.error().message;
    return 0;
  }
  std::map<std::string, uint64_t> expected;
  const uint64_t first = last->value() > kWriterSlots ? last->value() - kWriterSlots + 1 : 1;
  for (uint64_t index = first; index <= last->value(); ++index) expected[WriterNode(index)] = index;
  EXPECT_EQ(nodes, expected);
  EXPECT_EQ(instances, expected);
  EXPECT_EQ(checks, expected);
  return last->value();
}

TEST(KillTest, KeepsWhatWasAcknowledgedBeforeEachOfTenKills) {
  TempDirectory directory;
  RandomRecords random(21);
  uint64_t acknowledged = 0;
  for (int kill = 0; kill < 10; ++kill) {
    Writer writer(directory.path());
    for (int64_t commits = random.Number(1, 300); commits > 0; --commits) {
      const uint64_t index = writer.Next();
      ASSERT_GT(index, acknowledged);
      acknowledged = index;
    }
    writer.Kill();
    // What was written to the pipe before the kill counts too.
    while (const uint64_t index = writer.Next()) acknowledged = index;
    const uint64_t last = CheckStore(directory.path());
    if (HasFailure()) return;
    EXPECT_GE(last, acknowledged);
    // Of what was not acknowledged, one batch at the most, and all of it.
    EXPECT_LE(last, acknowledged + kWriterBatch);
    EXPECT_EQ(last % kWriterBatch, 0u);
    acknowledged = last;
  }
}

TEST(KillTest, ADirectoryThatAnotherProcessHoldsIsRefusedUntilThatProcessEnds) {
  TempDirectory directory;
  Writer writer(directory.path());
  ASSERT_NE(writer.Next(), 0u);
  const auto refused = RocksdbStore::Open(directory.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message,
            "data directory " + directory.path() + " is in use by another rollcall server");
  ASSERT_NE(writer.Next(), 0u) << "the other process was disturbed";
  writer.Kill();
  CheckStore(directory.path());
}

}  // namespace
}  // namespace rollcall::store
