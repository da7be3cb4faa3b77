// What is wrong with a data directory is said in one line that names the thing; nothing is
// repaired, lost or destroyed in silence.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "registry/store/meta.h"
#include "registry/store/record_codec.h"
#include "registry/store/rocksdb_store.h"
#include "tests/registry/store/store_fixture.h"

namespace rollcall::store {
namespace {

namespace fs = std::filesystem;
using std::string_literals::operator""s;  // NOLINT(misc-unused-using-decls): "..."s
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteFile(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class StoreDamageTest : public ::testing::Test {
 protected:
  using Handles = std::map<std::string, rocksdb::ColumnFamilyHandle*>;

  std::string Path() const { return directory_ / "data"; }

  // A store with `transactions` commits, closed again. Sizes vary.
  void MakeStore(int transactions, const RocksdbOptions& options = {}) {
    auto store = RocksdbStore::Open(Path(), options);
    ASSERT_TRUE(store) << store.error().message;
    for (int i = 0; i < transactions; ++i) {
      const std::vector<model::Transaction> batch = {
          {PutNode("node" + std::to_string(i), std::string(static_cast<size_t>(7 * i % 40), 'a')),
           PutCheck("node0", "check" + std::to_string(i), "ok"),
           PutCoordinate("node0", "segment" + std::to_string(i), i)}};
      const auto indexes = (*store)->Commit(batch);
      ASSERT_TRUE(indexes) << indexes.error().message;
      expected_.Apply(batch[0], indexes->back());
    }
  }

  // Opens and loads: the error, or none.
  Error OpenAndLoad(Content* content = nullptr) {
    auto store = RocksdbStore::Open(Path());
    if (!store) return store.error();
    Content found;
    const auto last =
        LoadRecords(**store, [&](const model::Mutation& mutation) { found.Add(mutation); });
    if (!last) return last.error();
    if (content != nullptr) *content = found;
    return {ErrorCode::kNotFound, ""};
  }

  void ExpectIntact() {
    Content content;
    const Error error = OpenAndLoad(&content);
    EXPECT_EQ(error.message, "");
    EXPECT_EQ(content, expected_);
  }

  void ExpectRefused(ErrorCode code, const ::testing::Matcher<std::string>& message) {
    const Error error = OpenAndLoad();
    EXPECT_EQ(error.code, code) << error.message;
    EXPECT_THAT(error.message, message);
    EXPECT_THAT(error.message, Not(HasSubstr("\n")));
  }

  // Changes the database behind the store's back, through RocksDB itself.
  void Tamper(const std::function<void(rocksdb::DB&, Handles&)>& change) {
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, Path(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.reserve(names.size());
    for (const std::string& name : names) {
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open({}, Path(), families, &handles, &db);
    ASSERT_TRUE(status.ok()) << status.ToString();
    Handles by_name;
    for (rocksdb::ColumnFamilyHandle* handle : handles) by_name[handle->GetName()] = handle;
    change(*db, by_name);
    for (const auto& [name, handle] : by_name) delete handle;
    delete db;
  }
  void TamperPut(const std::string& family, std::string_view key, const std::string& value) {
    Tamper([&](rocksdb::DB& db, Handles& handles) {
      ASSERT_TRUE(db.Put({}, handles.at(family), key, value).ok());
    });
  }

  // The files of a kind, the oldest first.
  std::vector<fs::path> Files(const std::string& extension) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(Path())) {
      if (entry.path().extension() == extension) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  fs::path NewestLog() const { return Files(".log").back(); }

  TempDirectory directory_;
  Content expected_;
};

TEST_F(StoreDamageTest, ADirectoryIsHeldByOneStoreAtATime) {
  MakeStore(1);
  {
    const auto holder = RocksdbStore::Open(Path());
    ASSERT_TRUE(holder);
    ExpectRefused(ErrorCode::kUnavailable,
                  "data directory " + Path() + " is in use by another rollcall server");
  }
  ExpectIntact();
}

TEST_F(StoreDamageTest, AFileInTheDirectorysPlaceIsNamedAndKept) {
  WriteFile(Path(), "mine");
  ExpectRefused(ErrorCode::kInvalidArgument, "data directory " + Path() + " is not a directory");
  EXPECT_EQ(ReadFile(Path()), "mine");
}

TEST_F(StoreDamageTest, AParentThatIsAFileIsNamed) {
  WriteFile(directory_ / "data", "mine");
  const auto store = RocksdbStore::Open(Path() + "/store");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().message,
            "data directory " + Path() + "/store cannot be created: Not a directory");
}

// Root may write anywhere, so this acts as somebody else for a while.
class AsNobody {
 public:
  AsNobody() : was_(::geteuid()) { Become(65534); }
  ~AsNobody() { Become(was_); }

 private:
  void Become(uid_t user) {
    if (was_ != 0) return;
    EXPECT_EQ(::seteuid(user), 0);
  }

  const uid_t was_;
};

TEST_F(StoreDamageTest, ADirectoryThatCannotBeWrittenIsNamed) {
  fs::create_directory(Path());
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(Path().c_str(), 0555), 0);
  {
    const AsNobody nobody;
    ExpectRefused(ErrorCode::kPermissionDenied,
                  "data directory " + Path() + " cannot be written: Permission denied");
  }
  EXPECT_TRUE(fs::is_empty(Path()));
}

TEST_F(StoreDamageTest, ADirectoryThatCannotBeCreatedIsNamed) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0555), 0);
  const AsNobody nobody;
  ExpectRefused(ErrorCode::kPermissionDenied,
                "data directory " + Path() + " cannot be created: Permission denied");
}

TEST_F(StoreDamageTest, ANewerFormatIsRefusedAndKept) {
  MakeStore(3);
  TamperPut("default", kFormatKey, EncodeFormat(4));
  ExpectRefused(
      ErrorCode::kInvalidArgument,
      "data directory " + Path() + " was written by a newer rollcall (format 4, this one knows 3)");
  TamperPut("default", kFormatKey, EncodeFormat(3));
  ExpectIntact();
}

TEST_F(StoreDamageTest, ANewerFormatWithAnotherColumnFamilyIsRefusedAsNewer) {
  MakeStore(3);
  Tamper([](rocksdb::DB& db, Handles& handles) {
    ASSERT_TRUE(db.CreateColumnFamily({}, "intention", &handles["intention"]).ok());
    ASSERT_TRUE(db.Put({}, handles["default"], kFormatKey, EncodeFormat(7)).ok());
  });
  ExpectRefused(ErrorCode::kInvalidArgument, HasSubstr("by a newer rollcall (format 7,"));
  for (const uint64_t format : {uint64_t{1}, uint64_t{2}, uint64_t{3}}) {
    TamperPut("default", kFormatKey, EncodeFormat(format));
    ExpectRefused(ErrorCode::kCorruption, HasSubstr("column family \"intention\""));
  }
}

TEST_F(StoreDamageTest, AnotherProgramsDatabaseIsRefusedAndKept) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, Path(), &db).ok());
  ASSERT_TRUE(db->Put({}, "their key", "their value").ok());
  delete db;
  ExpectRefused(ErrorCode::kInvalidArgument,
                "data directory " + Path() + " holds the database of another program");
  Tamper([](rocksdb::DB& raw, Handles& handles) {
    std::string value;
    EXPECT_TRUE(raw.Get({}, handles["default"], "their key", &value).ok());
    EXPECT_EQ(value, "their value");
  });
}

TEST_F(StoreDamageTest, FilesThatAreNotTheStoresAreLeftAlone) {
  fs::create_directory(Path());
  for (const std::string name : {"node-id", "access.log", "17.txt", "MANIFEST.md"}) {
    WriteFile(Path() + "/" + name, "mine");
  }
  MakeStore(2);
  ExpectIntact();
  for (const std::string name : {"node-id", "access.log", "17.txt", "MANIFEST.md"}) {
    EXPECT_EQ(ReadFile(Path() + "/" + name), "mine");
  }
}

TEST_F(StoreDamageTest, AMissingCurrentIsNamedAndTheTablesAreKept) {
  MakeStore(3);
  ExpectIntact();  // the second opening has moved the log into tables
  const std::string current = ReadFile(Path() + "/CURRENT");
  fs::remove(Path() + "/CURRENT");
  ExpectRefused(ErrorCode::kCorruption, HasSubstr("the file CURRENT is missing"));
  WriteFile(Path() + "/CURRENT", current);
  ExpectIntact();
}

TEST_F(StoreDamageTest, GarbageInCurrentIsCorruption) {
  MakeStore(3);
  WriteFile(Path() + "/CURRENT", "garbage");
  ExpectRefused(ErrorCode::kCorruption,
                AllOf(HasSubstr("data directory " + Path()), HasSubstr("CURRENT")));
}

TEST_F(StoreDamageTest, GarbageInTheManifestIsCorruption) {
  MakeStore(3);
  for (const auto& entry : fs::directory_iterator(Path())) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) {
      std::string bytes = ReadFile(entry.path());
      bytes.replace(10, 20, 20, 'x');
      WriteFile(entry.path(), bytes);
    }
  }
  ExpectRefused(ErrorCode::kCorruption, HasSubstr("data directory " + Path()));
}

TEST_F(StoreDamageTest, AFlippedByteInATableIsCorruptionOrDoesNotMatter) {
  MakeStore(50);
  ExpectIntact();
  const std::vector<fs::path> tables = Files(".sst");
  ASSERT_GE(tables.size(), 3u);
  int refused = 0;
  for (const fs::path& table : tables) {
    const std::string bytes = ReadFile(table);
    for (size_t at = 3; at < bytes.size(); at += 1 + bytes.size() / 12) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
      fs::copy(Path(), directory_ / "copy");
      WriteFile(table, flipped);
      Content content;
      const Error error = OpenAndLoad(&content);
      if (!error.message.empty()) {
        EXPECT_EQ(error.code, ErrorCode::kCorruption) << error.message;
        EXPECT_THAT(error.message, HasSubstr(Path()));
        ++refused;
      } else {
        EXPECT_EQ(content, expected_) << table << " at " << at;
      }
      fs::remove_all(Path());
      fs::rename(directory_ / "copy", Path());
    }
  }
  EXPECT_GT(refused, 10);
}

TEST_F(StoreDamageTest, AFlippedByteInTheFirstBlockOfATableIsNamed) {
  MakeStore(50);
  ExpectIntact();
  for (const fs::path& table : Files(".sst")) {
    std::string bytes = ReadFile(table);
    bytes[5] = static_cast<char>(bytes[5] ^ 1);
    WriteFile(table, bytes);
  }
  ExpectRefused(ErrorCode::kCorruption, HasSubstr(".sst"));
}

// Not only when all that can be read has been handed out, without what cannot.
TEST_F(StoreDamageTest, ATableThatCannotBeReadEndsTheLoading) {
  {
    auto store = RocksdbStore::Open(Path());
    ASSERT_TRUE(store) << store.error().message;
    model::Transaction transaction;
    for (int i = 0; i < 500; ++i) {
      const std::string name = "node" + std::to_string(i);
      transaction.push_back(PutNode(name, std::string(1000, 'a')));
      transaction.push_back(PutInstance(name, "web", "web"));
    }
    ASSERT_TRUE((*store)->Commit({&transaction, 1}));
  }
  EXPECT_EQ(OpenAndLoad().message, "");
  std::vector<fs::path> tables;
  Tamper([&](rocksdb::DB& db, Handles&) {
    std::vector<rocksdb::LiveFileMetaData> files;
    db.GetLiveFilesMetaData(&files);
    for (const auto& file : files) {
      if (file.column_family_name == "instance") tables.push_back(Path() + file.name);
    }
  });
  ASSERT_FALSE(tables.empty());
  for (const fs::path& table : tables) {
    std::string bytes = ReadFile(table);
    bytes[5] = static_cast<char>(bytes[5] ^ 1);
    WriteFile(table, bytes);
  }
  auto store = RocksdbStore::Open(Path());
  ASSERT_TRUE(store) << store.error().message;
  size_t chunks = 0;
  const auto last = (*store)->Load([&](const RecordChunk&) { return ++chunks, false; });
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, ErrorCode::kCorruption);
  EXPECT_EQ(chunks, 0u);
}

TEST_F(StoreDamageTest, AMissingTableIsNamed) {
  MakeStore(3);
  ExpectIntact();
  const fs::path table = Files(".sst").front();
  fs::remove(table);
  ExpectRefused(ErrorCode::kCorruption, HasSubstr("/" + table.stem().string() + "."));
}

// RocksDB alone takes a damaged length at the end of the log for a write that was cut off, and
// opens with less.
TEST_F(StoreDamageTest, NoFlippedByteOfTheLogLosesAnythingInSilence) {
  MakeStore(12);
  fs::rename(Path(), directory_ / "sound");
  const std::string name = [&] {
    for (const auto& entry : fs::directory_iterator(directory_ / "sound")) {
      if (entry.path().extension() == ".log") return entry.path().filename().string();
    }
    return ""s;
  }();
  const std::string bytes = ReadFile(directory_ / "sound/" + name);
  ASSERT_GT(bytes.size(), 1000u);
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); at += 5) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
    fs::copy(directory_ / "sound", Path());
    WriteFile(Path() + "/" + name, flipped);
    Content content;
    const Error error = OpenAndLoad(&content);
    if (error.message.empty()) {
      ASSERT_EQ(content, expected_) << "byte " << at;
    } else {
      ASSERT_EQ(error.code, ErrorCode::kCorruption) << error.message;
      ASSERT_THAT(error.message, HasSubstr(Path()));
      ++refused;
    }
    fs::remove_all(Path());
  }
  EXPECT_GT(refused, 100);
}

TEST_F(StoreDamageTest, AShortenedLogIsALossThatOnlyAnOperatorAccepts) {
  MakeStore(12);
  const fs::path log = NewestLog();
  fs::resize_file(log, fs::file_size(log) - 1);
  ExpectRefused(ErrorCode::kCorruption,
                "data directory " + Path() +
                    " has lost transactions: 12 is the last index that was acknowledged, 11 the "
                    "last that is there (remove its file ACKNOWLEDGED to accept the loss)");
  ExpectRefused(ErrorCode::kCorruption, HasSubstr("has lost transactions"));
  fs::remove(Path() + "/ACKNOWLEDGED");
  Content content;
  EXPECT_EQ(OpenAndLoad(&content).message, "");
  EXPECT_EQ(content.size(), expected_.size() - 3);
}

// The file ACKNOWLEDGED falls behind at a power loss: damage before the end shows without it.
TEST_F(StoreDamageTest, AFlippedByteInTheMiddleOfTheLogIsCorruption) {
  MakeStore(12);
  fs::remove(Path() + "/ACKNOWLEDGED");
  std::string bytes = ReadFile(NewestLog());
  const size_t at = bytes.find("check3");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'C';
  WriteFile(NewestLog(), bytes);
  ExpectRefused(ErrorCode::kCorruption,
                AllOf(HasSubstr("data directory " + Path()), HasSubstr("checksum mismatch")));
}

TEST_F(StoreDamageTest, AMissingLogIsALoss) {
  MakeStore(5);
  fs::remove(NewestLog());
  ExpectRefused(ErrorCode::kCorruption, HasSubstr("has lost transactions: 5 is the last index"));
}

TEST_F(StoreDamageTest, AHoleBetweenTwoLogsIsALoss) {
  {
    auto store = RocksdbStore::Open(Path(), {nullptr, size_t{64} << 10});
    ASSERT_TRUE(store) << store.error().message;
    // The checks fill their buffer and a new log begins; the old one stays, for the node's sake.
    ASSERT_TRUE((*store)->Commit(std::vector<model::Transaction>{{PutNode("a", "1")}}));
    while (Files(".log").size() < 2) {
      ASSERT_TRUE((*store)->Commit(
          std::vector<model::Transaction>{{PutCheck("a", "c", std::string(3000, 'x'))}}));
    }
    ASSERT_TRUE((*store)->Commit(std::vector<model::Transaction>{{PutNode("b", "1")}}));
  }
  const std::vector<fs::path> logs = Files(".log");
  ASSERT_EQ(logs.size(), 2u);
  fs::resize_file(logs[0], fs::file_size(logs[0]) - 1);
  ExpectRefused(ErrorCode::kCorruption, AllOf(HasSubstr("has lost transactions: the log up to "),
                                              HasSubstr(logs[1].filename())));
}

TEST_F(StoreDamageTest, ADamagedAcknowledgedFileIsNamed) {
  MakeStore(3);
  WriteFile(Path() + "/ACKNOWLEDGED", "acknowledged 3\n");
  ExpectRefused(ErrorCode::kCorruption,
                AllOf(HasSubstr("file " + Path() + "/ACKNOWLEDGED"), HasSubstr("last index is 3")));
}

TEST_F(StoreDamageTest, ARecordUnderAnotherRecordsKeyIsNamed) {
  MakeStore(3);
  model::Node node;
  node.name = "web";
  node.create_index = node.modify_index = Index(1);
  TamperPut("node", NodeKey("bew"), EncodeNode(node));
  ExpectRefused(ErrorCode::kCorruption,
                "data directory " + Path() +
                    R"(: the record of node "bew" is damaged: it says that it is "web")");
}

TEST_F(StoreDamageTest, ARecordThatCannotBeReadIsNamed) {
  MakeStore(3);
  TamperPut("check", CheckKey("n", "c"), "\x01\x05"s);
  ExpectRefused(ErrorCode::kCorruption, HasSubstr(R"(the record of check "n" "c" is damaged)"));
}

TEST_F(StoreDamageTest, ARecordFromAfterTheLastIndexIsNamed) {
  MakeStore(3);
  model::Node node;
  node.name = "web";
  node.create_index = Index(2);
  node.modify_index = Index(4);
  TamperPut("node", NodeKey("web"), EncodeNode(node));
  ExpectRefused(ErrorCode::kCorruption,
                HasSubstr(R"(node "web" has the indexes 2 and 4, the store's last is 3)"));
}

TEST_F(StoreDamageTest, MetaThatCannotBeReadIsCorruption) {
  MakeStore(3);
  TamperPut("default", kLastBatchKey, "\xff");
  ExpectRefused(ErrorCode::kCorruption, HasSubstr("its last index is not a number"));
  TamperPut("default", kFormatKey, "");
  ExpectRefused(ErrorCode::kCorruption, HasSubstr("its format is not a number"));
}

}  // namespace
}  // namespace rollcall::store
