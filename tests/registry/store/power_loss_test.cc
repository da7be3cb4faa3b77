// What was acknowledged survives a loss of power, at whatever moment; what was not is there in full
// or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/store/rocksdb_store.h"
#include "tests/registry/store/power_loss_fs.h"
#include "tests/registry/store/random_records.h"
#include "tests/registry/store/store_fixture.h"

namespace rollcall::store {
namespace {

using ::testing::HasSubstr;

// Few names, so that records are written and removed again; outputs of some KiB now and then, so
// that batches cross the log's blocks, and tables are written and merged while commits go on.
model::Mutation RandomMutation(RandomRecords& random) {
  const std::string node = "node-" + std::to_string(random.Number(0, 4));
  const std::string id = "id-" + std::to_string(random.Number(0, 4));
  const std::string text(static_cast<size_t>(random.Number(0, random.Coin() ? 9000 : 20)), 'x');
  switch (random.Number(0, 8)) {
    case 0:
      return PutNode(node, text);
    case 1:
      return PutInstance(node, id, text);
    case 2:
      return model::RemoveNode{node};
    case 3:
      return model::RemoveInstance{node, id};
    case 4:
      return model::RemoveCheck{node, id};
    case 5:
      return PutCoordinate(node, id, static_cast<double>(text.size()));
    case 6:
      return model::RemoveCoordinate{node, id};
    default:
      return PutCheck(node, id, text);
  }
}

std::vector<model::Transaction> RandomBatch(RandomRecords& random) {
  std::vector<model::Transaction> batch(static_cast<size_t>(random.Number(1, 4)));
  for (model::Transaction& transaction : batch) {
    for (int64_t i = random.Number(0, 5); i > 0; --i) {
      transaction.push_back(RandomMutation(random));
    }
  }
  return batch;
}

struct State {
  Content content;
  Index last;

  void Apply(const std::vector<model::Transaction>& batch) {
    for (const model::Transaction& transaction : batch) {
      last = last.Next();
      content.Apply(transaction, last);
    }
  }
  friend bool operator==(const State&, const State&) = default;
};

// A store, its disk, and what it must hold.
class Ordeal {
 public:
  Ordeal(uint64_t seed, SyncHonesty honesty)
      : random_(seed),
        fs_(std::make_shared<PowerLossFs>(directory_.path(), seed, honesty)),
        env_(NewPowerLossEnv(fs_)) {}

  // Opens, checks, commits until the power goes or the process dies. The first broken promise, or
  // empty.
  std::string Cycle() {
    fs_->CutPowerAfter(random_.Number(0, random_.Coin() ? 60 : 600));
    std::string broken;
    {
      auto store = RocksdbStore::Open(directory_.path(), {env_.get(), size_t{64} << 10});
      if (store) {
        broken = CheckContent(**store);
        if (broken.empty() && !fs_->is_out()) broken = CommitUntilItFails(**store);
      } else if (!fs_->is_out()) {
        broken = "it does not open: " + store.error().message;
      }
      fs_->CutPower();
    }
    if (random_.Number(0, 3) == 0) {
      fs_->RestartProcess();
    } else {
      fs_->RestorePower();
    }
    return broken;
  }

  int64_t acknowledged() const { return acknowledged_; }
  int64_t seen_unacknowledged() const { return seen_unacknowledged_; }

 private:
  std::string CheckContent(Store& store) {
    State found;
    const auto last =
        LoadRecords(store, [&](const model::Mutation& mutation) { found.content.Add(mutation); });
    if (!last) return fs_->is_out() ? "" : "it does not load: " + last.error().message;
    found.last = *last;
    if (with_unacknowledged_ && found == *with_unacknowledged_) {
      sure_ = *with_unacknowledged_;  // who loads it may act on it: it must stay
      ++seen_unacknowledged_;
    }
    with_unacknowledged_.reset();
    if (found == sure_) return "";
    std::string broken = "index " + std::to_string(found.last.value()) + " instead of " +
                         std::to_string(sure_.last.value());
    for (const std::string& difference : sure_.content.Differences(found.content)) {
      broken += ", " + difference;
    }
    return broken;
  }

  std::string CommitUntilItFails(Store& store) {
    while (true) {
      const auto batch = RandomBatch(random_);
      State after = sure_;
      after.Apply(batch);
      const auto indexes = store.Commit(batch);
      if (!indexes) {
        with_unacknowledged_ = std::move(after);
        if (!fs_->is_out()) return "a commit fails: " + indexes.error().message;
        if (indexes.error().code != ErrorCode::kIo) return "a failed commit is not kIo";
        return "";
      }
      if (indexes->size() != batch.size() || indexes->front() != sure_.last.Next() ||
          indexes->back() != after.last) {
        return "a commit has the wrong indexes";
      }
      sure_ = std::move(after);
      ++acknowledged_;
    }
  }

  RandomRecords random_;
  TempDirectory directory_;
  std::shared_ptr<PowerLossFs> fs_;
  std::unique_ptr<rocksdb::Env> env_;

  State sure_;  // all that was acknowledged, or loaded
  // With the batch whose commit failed, until it has been seen whether it is there.
  std::optional<State> with_unacknowledged_;
  int64_t acknowledged_ = 0;
  int64_t seen_unacknowledged_ = 0;
};

constexpr int kCycles = 25;

class PowerLossOrdealTest : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, PowerLossOrdealTest, ::testing::Range<uint64_t>(1, 9));

TEST_P(PowerLossOrdealTest, KeepsWhatWasAcknowledgedAndNothingByHalves) {
  Ordeal ordeal(GetParam(), SyncHonesty::kHonest);
  // Until it was an ordeal: much was committed, and some crash left behind a whole batch that was
  // not acknowledged. When that happens depends on RocksDB's threads too.
  for (int cycle = 0;
       cycle < kCycles || ordeal.acknowledged() < 100 || ordeal.seen_unacknowledged() == 0;
       ++cycle) {
    ASSERT_EQ(ordeal.Cycle(), "") << "cycle " << cycle;
  }
}

// The same ordeal finds a store whose log is not synced, and a directory that is not: if it did
// not, the test above would show nothing.
int CountBrokenPromises(SyncHonesty honesty) {
  int broken = 0;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    Ordeal ordeal(seed, honesty);
    for (int cycle = 0; cycle < kCycles; ++cycle) {
      if (!ordeal.Cycle().empty()) {
        ++broken;
        break;
      }
    }
  }
  return broken;
}

TEST(PowerLossTest, WouldFindALogThatIsNotSynced) {
  EXPECT_GT(CountBrokenPromises(SyncHonesty::kLiesAboutLogs), 4);
}

TEST(PowerLossTest, WouldFindADirectoryThatIsNotSynced) {
  EXPECT_GT(CountBrokenPromises(SyncHonesty::kLiesAboutDirectories), 4);
}

TEST(PowerLossTest, ANewDirectoryIsSyncedIntoItsParents) {
  TempDirectory directory;
  const auto fs = std::make_shared<PowerLossFs>(directory.path(), 1);
  const auto env = NewPowerLossEnv(fs);
  ASSERT_TRUE(RocksdbStore::Open(directory / "a/b", {env.get()}));
  EXPECT_TRUE(fs->WasSynced(directory.path()));
  EXPECT_TRUE(fs->WasSynced(directory / "a"));
  EXPECT_TRUE(fs->WasSynced(directory / "a/b"));
}

TEST(PowerLossTest, AfterAFailedSyncNothingIsCommittedUntilTheStoreIsOpenedAgain) {
  TempDirectory directory;
  const auto fs = std::make_shared<PowerLossFs>(directory.path(), 1);
  const auto env = NewPowerLossEnv(fs);
  State sure;
  const auto commit = [&](Store& store, const std::string& node) {
    const std::vector<model::Transaction> batch = {{PutNode(node, "1")}};
    auto indexes = store.Commit(batch);
    if (indexes) sure.Apply(batch);
    return indexes;
  };
  {
    auto store = RocksdbStore::Open(directory.path(), {env.get()});
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE(commit(**store, "a"));
    fs->FailNextSync(".log");
    const auto failed = commit(**store, "b");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::kIo);
    EXPECT_THAT(failed.error().message, HasSubstr(directory.path()));
    for (int i = 0; i < 3; ++i) {  // the disk would sync again
      const auto refused = commit(**store, "c");
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::kIo);
    }
    fs->CutPower();
  }
  fs->RestorePower();
  auto store = RocksdbStore::Open(directory.path(), {env.get()});
  ASSERT_TRUE(store) << store.error().message;
  State found;
  const auto last =
      LoadRecords(**store, [&](const auto& mutation) { found.content.Add(mutation); });
  ASSERT_TRUE(last) << last.error().message;
  found.last = *last;
  State with_unacknowledged = sure;
  with_unacknowledged.Apply({{PutNode("b", "1")}});
  EXPECT_TRUE(found == sure || found == with_unacknowledged);
  EXPECT_TRUE(commit(**store, "d"));
}

}  // namespace
}  // namespace rollcall::store
