// A data directory of an older format opens with all that it holds, and is one of the present
// format from then on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "registry/store/meta.h"
#include "registry/store/rocksdb_store.h"
#include "tests/registry/store/power_loss_fs.h"
#include "tests/registry/store/store_fixture.h"

namespace rollcall::store {
namespace {

using ::testing::IsEmpty;

using Families = std::map<std::string, std::unique_ptr<rocksdb::ColumnFamilyHandle>>;

// Calls `use` on the database in `path`, opened with the column families `names` by RocksDB alone.
void WithDatabase(const std::string& path, const std::vector<std::string>& names, rocksdb::Env* env,
                  const std::function<void(rocksdb::DB&, Families&)>& use) {
  rocksdb::DBOptions options;
  options.env = env != nullptr ? env : rocksdb::Env::Default();
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(names.size());
  for (const std::string& name : names) {
    descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::Open(options, path, descriptors, &handles, &raw);
  ASSERT_TRUE(status.ok()) << status.ToString();
  const std::unique_ptr<rocksdb::DB> db(raw);
  Families families;
  for (size_t i = 0; i < names.size(); ++i) families[names[i]].reset(handles[i]);
  use(*db, families);
}

const std::vector<std::string> kFamiliesOfFormat1 = {"default", "node", "instance", "check"};
const std::vector<std::string> kFamiliesOfFormat2 = {"default", "node", "instance", "check",
                                                     "coordinate"};
const std::vector<std::string> kFamilies = {"default", "node",       "instance",
                                            "check",   "coordinate", "acl"};

class StoreFormatTest : public ::testing::Test {
 protected:
  // What the first version wrote: three kinds of record, format 1.
  void MakeFormat1(const std::string& path, rocksdb::Env* env = nullptr) {
    const model::Transaction first = {PutNode("a", "10.0.0.1"), PutInstance("a", "i", "web")};
    const model::Transaction second = {PutCheck("a", "c", "ok")};
    expected_ = {};
    expected_.Apply(first, Index(1));
    expected_.Apply(second, Index(2));
    const auto stamped = [](auto record, uint64_t index) {
      return model::Stamp(*record, Index(index));
    };
    WithDatabase(path, kFamiliesOfFormat1, env, [&](rocksdb::DB& db, Families& families) {
      rocksdb::WriteOptions sync;
      sync.sync = true;
      const auto put = [&](const char* family, const std::string& key, const std::string& value) {
        ASSERT_TRUE(db.Put(sync, families[family].get(), key, value).ok());
      };
      put("default", std::string(kFormatKey), EncodeFormat(1));
      put("node", NodeKey("a"), EncodeNode(stamped(std::get<model::PutNode>(first[0]).node, 1)));
      put("instance", InstanceKey("a", "i"),
          EncodeInstance(stamped(std::get<model::PutInstance>(first[1]).instance, 1)));
      put("check", CheckKey("a", "c"),
          EncodeCheck(stamped(std::get<model::PutCheck>(second[0]).check, 2)));
      put("default", std::string(kLastBatchKey), EncodeBatchIndexes({Index(2), Index(2)}));
    });
  }

  // The format that is written in it.
  uint64_t FormatOnDisk() {
    uint64_t format = 0;
    WithDatabase(directory_.path(), kFamilies, nullptr, [&](rocksdb::DB& db, Families& families) {
      std::string value;
      EXPECT_TRUE(db.Get({}, families["default"].get(), std::string(kFormatKey), &value).ok());
      EXPECT_TRUE(DecodeFormat(value, &format));
    });
    return format;
  }

  // Opens it and compares; `more` is committed then, when there is any.
  void ExpectContent(const std::string& path, const model::Transaction& more = {},
                     rocksdb::Env* env = nullptr) {
    auto store = RocksdbStore::Open(path, {env});
    ASSERT_TRUE(store) << store.error().message;
    Content found;
    const auto last =
        LoadRecords(**store, [&](const model::Mutation& record) { found.Add(record); });
    ASSERT_TRUE(last) << last.error().message;
    EXPECT_THAT(expected_.Differences(found), IsEmpty());
    if (more.empty()) return;
    const auto indexes = (*store)->Commit(std::vector<model::Transaction>{more});
    ASSERT_TRUE(indexes) << indexes.error().message;
    EXPECT_EQ(indexes->front(), last->Next());
    expected_.Apply(more, indexes->front());
  }

  TempDirectory directory_;
  Content expected_;
};

TEST_F(StoreFormatTest, Format1OpensWithAllThatItHoldsAndTakesNewKindsFromThenOn) {
  MakeFormat1(directory_.path());
  ExpectContent(directory_.path(), {PutCoordinate("a", "", 0.25)});
  ExpectContent(directory_.path(), {PutAcl(model::AclKind::kToken, "t", "somebody's")});
  ExpectContent(directory_.path());
  EXPECT_EQ(FormatOnDisk(), kFormat);
}

TEST_F(StoreFormatTest, Format2OpensWithAllThatItHoldsAndTakesNewKindsFromThenOn) {
  MakeFormat1(directory_.path());
  const model::Transaction third = {PutCoordinate("a", "", 0.25)};
  expected_.Apply(third, Index(3));
  WithDatabase(directory_.path(), kFamiliesOfFormat2, nullptr, [&](rocksdb::DB& db, Families& f) {
    const model::Coordinate coordinate =
        model::Stamp(*std::get<model::PutCoordinate>(third[0]).coordinate, Index(3));
    const auto put = [&](const char* family, std::string_view key, const std::string& value) {
      ASSERT_TRUE(db.Put({}, f[family].get(), std::string(key), value).ok());
    };
    put("default", kFormatKey, EncodeFormat(2));
    put("coordinate", KeyOf(coordinate), EncodeCoordinate(coordinate));
    put("default", kLastBatchKey, EncodeBatchIndexes({Index(3), Index(3)}));
  });
  ExpectContent(directory_.path(), {PutAcl(model::AclKind::kToken, "t", "somebody's")});
  ExpectContent(directory_.path());
  EXPECT_EQ(FormatOnDisk(), kFormat);
}

TEST_F(StoreFormatTest, AConversionThatWasCutShortIsFinished) {
  MakeFormat1(directory_.path());
  WithDatabase(directory_.path(), kFamilies, nullptr, [](rocksdb::DB&, Families&) {});
  ASSERT_EQ(FormatOnDisk(), 1u);
  ExpectContent(directory_.path(), {PutCoordinate("a", "", 0.25)});
  ExpectContent(directory_.path());
  EXPECT_EQ(FormatOnDisk(), kFormat);
}

TEST_F(StoreFormatTest, ALossOfPowerDuringTheConversionLosesNothing) {
  bool went_through = false;
  int cut_short = 0;
  for (int64_t changes = 0; !went_through; changes += 1 + changes / 8) {
    const TempDirectory fresh;
    const auto fs = std::make_shared<PowerLossFs>(fresh.path(), static_cast<uint64_t>(changes));
    const auto env = NewPowerLossEnv(fs);
    MakeFormat1(fresh.path(), env.get());
    fs->CutPowerAfter(changes);
    went_through =
        static_cast<bool>(RocksdbStore::Open(fresh.path(), {env.get()})) && !fs->is_out();
    fs->CutPower();
    fs->RestorePower();
    if (!went_through) ++cut_short;
    ExpectContent(fresh.path(), {}, env.get());
  }
  EXPECT_GT(cut_short, 10);
}

}  // namespace
}  // namespace rollcall::store
