// PowerLossFs: a file system that can lose its power. It keeps, beside each real file, what of it
// would be found on the disk: the bytes up to the file's last sync, and the names up to the
// directory's last one. When the power comes back, the directory holds those and a random part of
// what was not synced: a prefix of each file's new bytes, a prefix of the directory's changes.
//
// One directory is watched, and must exist; what it holds at the start counts as durable. RocksDB's
// text log and LOCK file go past it, and are gone after a power loss. Real syncs are left out (the
// real disk keeps its power), so tests run fast.
// A hole in the new bytes is not simulated: ext4 and XFS lengthen a file only after the data.
//
// Any thread may use it, RocksDB's own do.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace rollcall::store {

// How true the disk's word is that something is synced.
enum class SyncHonesty { kHonest, kLiesAboutLogs, kLiesAboutDirectories };

class PowerLossFs final : public rocksdb::FileSystemWrapper {
 public:
  PowerLossFs(std::string directory, uint64_t seed, SyncHonesty honesty = SyncHonesty::kHonest);
  ~PowerLossFs() override;

  const char* Name() const override { return "PowerLossFs"; }

  // The power goes out in the middle of the change after `changes` more (writes, syncs, creations,
  // renames, removals); from then on everything fails.
  void CutPowerAfter(int64_t changes);
  void CutPower();
  bool is_out() const;
  // The power is back: what was not synced may be lost. Nothing may be open.
  void RestorePower();
  // It was the process that died, not the machine: all that was written is there, but no more of it
  // is durable than before. Nothing may be open.
  void RestartProcess();

  // The next sync of a file whose name ends in `suffix` fails, and what was to be synced is lost.
  void FailNextSync(std::string suffix);
  bool WasSynced(const std::string& directory) const;

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  // Not simulated, so refused; the store does without them.
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

 private:
  class WritableFile;
  class RandomRwFile;
  class SyncedDirectory;

  struct File {
    std::string name;     // the one that it was created under
    std::string written;  // what a reader sees
    std::string durable;  // `written`, as of the last sync
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;
  // A change of the directory: `file` is called `to` from now on (empty: removed), `from` no more.
  struct Change {
    std::string from, to;
    std::shared_ptr<File> file;
  };
  enum class Power { kOn, kGoesOut, kOut };

  // All of these with mutex_ held.
  Power CountChange();
  void Apply(const Change& change, Names* names) const;
  std::string SurvivingBytes(const File& file);
  bool Coin() { return random_() % 2 == 0; }

  rocksdb::IOStatus Append(File& file, const rocksdb::Slice& data, rocksdb::FSWritableFile& real);
  rocksdb::IOStatus WriteAt(File& file, uint64_t offset, const rocksdb::Slice& data,
                            rocksdb::FSRandomRWFile& real);
  rocksdb::IOStatus SyncFile(File& file);
  rocksdb::IOStatus SyncDirectory(const std::string& name);

  const std::string directory_;
  const SyncHonesty honesty_;
  mutable std::mutex mutex_;  // guards all below
  std::mt19937_64 random_;
  int64_t changes_left_ = INT64_MAX;
  bool out_ = false;
  Names names_;                   // as a process sees them
  Names durable_names_;           // as of the directory's last sync
  std::vector<Change> unsynced_;  // since then
  std::set<std::string> synced_directories_;
  std::string fail_sync_suffix_;
};

// RocksDB's environment on such a file system. After a failed write RocksDB's background threads
// sleep for a second before they give up; here they sleep for a moment.
std::unique_ptr<rocksdb::Env> NewPowerLossEnv(std::shared_ptr<PowerLossFs> fs);

}  // namespace rollcall::store
