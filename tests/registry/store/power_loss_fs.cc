#include "tests/registry/store/power_loss_fs.h"

#include <rocksdb/system_clock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace rollcall::store {
namespace {

using rocksdb::IOStatus;

IOStatus PowerIsOut() { return IOStatus::IOError("the power is out"); }

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ImpatientClock final : public rocksdb::SystemClockWrapper {
 public:
  ImpatientClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "ImpatientClock"; }
  void SleepForMicroseconds(int micros) override {
    target_->SleepForMicroseconds(std::min(micros, 1000));
  }
};

class PowerLossEnv final : public rocksdb::EnvWrapper {
 public:
  explicit PowerLossEnv(std::shared_ptr<PowerLossFs> fs)
      : EnvWrapper(rocksdb::NewCompositeEnv(fs)) {
    file_system_ = std::move(fs);
    system_clock_ = std::make_shared<ImpatientClock>();
  }
};

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

class PowerLossFs::WritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(PowerLossFs& fs, std::shared_ptr<File> file,
               std::unique_ptr<rocksdb::FSWritableFile> real)
      : FSWritableFileOwnerWrapper(std::move(real)), fs_(fs), file_(std::move(file)) {}

  IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions&,
                  rocksdb::IODebugContext*) override {
    return fs_.Append(*file_, data, *target());
  }
  IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions&,
                  const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext*) override {
    return fs_.Append(*file_, data, *target());
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, uint64_t, const rocksdb::IOOptions&,
                            rocksdb::IODebugContext*) override {
    return IOStatus::NotSupported();
  }
  IOStatus Truncate(uint64_t, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return IOStatus::NotSupported();
  }
  IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return fs_.SyncFile(*file_);
  }
  IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return fs_.SyncFile(*file_);
  }
  // A hint to write early; makes nothing durable.
  IOStatus RangeSync(uint64_t, uint64_t, const rocksdb::IOOptions&,
                     rocksdb::IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  PowerLossFs& fs_;
  const std::shared_ptr<File> file_;
};

class PowerLossFs::RandomRwFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  RandomRwFile(PowerLossFs& fs, std::shared_ptr<File> file,
               std::unique_ptr<rocksdb::FSRandomRWFile> real)
      : FSRandomRWFileOwnerWrapper(std::move(real)), fs_(fs), file_(std::move(file)) {}

  IOStatus Write(uint64_t offset, const rocksdb::Slice& data, const rocksdb::IOOptions&,
                 rocksdb::IODebugContext*) override {
    return fs_.WriteAt(*file_, offset, data, *target());
  }
  IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return fs_.SyncFile(*file_);
  }
  IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return fs_.SyncFile(*file_);
  }

 private:
  PowerLossFs& fs_;
  const std::shared_ptr<File> file_;
};

class PowerLossFs::SyncedDirectory final : public rocksdb::FSDirectory {
 public:
  SyncedDirectory(PowerLossFs& fs, std::string name) : fs_(fs), name_(std::move(name)) {}

  IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return fs_.SyncDirectory(name_);
  }
  IOStatus Close(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  PowerLossFs& fs_;
  const std::string name_;
};

PowerLossFs::PowerLossFs(std::string directory, uint64_t seed, SyncHonesty honesty)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      directory_(std::move(directory)),
      honesty_(honesty),
      random_(seed) {
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    const std::string bytes = ReadAll(entry.path());
    names_[entry.path()] = std::make_shared<File>(File{entry.path(), bytes, bytes});
  }
  durable_names_ = names_;
}

PowerLossFs::~PowerLossFs() = default;

void PowerLossFs::CutPowerAfter(int64_t changes) {
  const std::lock_guard lock(mutex_);
  changes_left_ = changes;
}

void PowerLossFs::CutPower() {
  const std::lock_guard lock(mutex_);
  out_ = true;
}

bool PowerLossFs::is_out() const {
  const std::lock_guard lock(mutex_);
  return out_;
}

void PowerLossFs::FailNextSync(std::string suffix) {
  const std::lock_guard lock(mutex_);
  fail_sync_suffix_ = std::move(suffix);
}

bool PowerLossFs::WasSynced(const std::string& directory) const {
  const std::lock_guard lock(mutex_);
  return synced_directories_.contains(WithoutSlash(directory));
}

PowerLossFs::Power PowerLossFs::CountChange() {
  if (out_) return Power::kOut;
  if (changes_left_-- > 0) return Power::kOn;
  out_ = true;
  return Power::kGoesOut;
}

void PowerLossFs::Apply(const Change& change, Names* names) const {
  if (!change.from.empty()) names->erase(change.from);
  if (!change.to.empty()) (*names)[change.to] = change.file;
}

std::string PowerLossFs::SurvivingBytes(const File& file) {
  if (!file.written.starts_with(file.durable)) return Coin() ? file.written : file.durable;
  const size_t unsynced = file.written.size() - file.durable.size();
  return file.written.substr(0, file.durable.size() + random_() % (unsynced + 1));
}

void PowerLossFs::RestorePower() {
  const std::lock_guard lock(mutex_);
  Names survivors = durable_names_;
  const size_t kept = random_() % (unsynced_.size() + 1);
  for (size_t i = 0; i < kept; ++i) Apply(unsynced_[i], &survivors);

  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    std::filesystem::remove(entry.path());
  }
  names_.clear();
  for (const auto& [name, file] : survivors) {
    const std::string bytes = SurvivingBytes(*file);
    std::ofstream(name, std::ios::binary) << bytes;
    names_[name] = std::make_shared<File>(File{name, bytes, bytes});
  }
  durable_names_ = names_;
  unsynced_.clear();
  out_ = false;
  changes_left_ = INT64_MAX;
}

void PowerLossFs::RestartProcess() {
  const std::lock_guard lock(mutex_);
  out_ = false;
  changes_left_ = INT64_MAX;
}

IOStatus PowerLossFs::Append(File& file, const rocksdb::Slice& data,
                             rocksdb::FSWritableFile& real) {
  const std::lock_guard lock(mutex_);
  const Power power = CountChange();
  if (power == Power::kOut) return PowerIsOut();
  const size_t size = power == Power::kOn ? data.size() : random_() % (data.size() + 1);
  file.written.append(data.data(), size);
  IOStatus written = real.Append(rocksdb::Slice(data.data(), size), {}, nullptr);
  return power == Power::kOn ? written : PowerIsOut();
}

IOStatus PowerLossFs::WriteAt(File& file, uint64_t offset, const rocksdb::Slice& data,
                              rocksdb::FSRandomRWFile& real) {
  const std::lock_guard lock(mutex_);
  if (CountChange() != Power::kOn) return PowerIsOut();
  if (file.written.size() < offset + data.size()) file.written.resize(offset + data.size());
  file.written.replace(offset, data.size(), data.data(), data.size());
  return real.Write(offset, data, {}, nullptr);
}

IOStatus PowerLossFs::SyncFile(File& file) {
  const std::lock_guard lock(mutex_);
  const Power power = CountChange();
  if (power == Power::kOut) return PowerIsOut();
  if (!fail_sync_suffix_.empty() && file.name.ends_with(fail_sync_suffix_)) {
    fail_sync_suffix_.clear();
    return IOStatus::IOError("the disk did not take it");
  }
  const bool lies = honesty_ == SyncHonesty::kLiesAboutLogs && file.name.ends_with(".log");
  if (!lies && (power == Power::kOn || Coin())) file.durable = file.written;
  return power == Power::kOn ? IOStatus::OK() : PowerIsOut();
}

IOStatus PowerLossFs::SyncDirectory(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const Power power = CountChange();
  if (power == Power::kOut) return PowerIsOut();
  synced_directories_.insert(WithoutSlash(name));
  const bool lies = honesty_ == SyncHonesty::kLiesAboutDirectories;
  if (!lies && WithoutSlash(name) == directory_ && (power == Power::kOn || Coin())) {
    durable_names_ = names_;
    unsynced_.clear();
  }
  return power == Power::kOn ? IOStatus::OK() : PowerIsOut();
}

IOStatus PowerLossFs::NewSequentialFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                        rocksdb::IODebugContext* debug) {
  if (is_out()) return PowerIsOut();
  return target()->NewSequentialFile(name, options, result, debug);
}

IOStatus PowerLossFs::NewRandomAccessFile(const std::string& name,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                          rocksdb::IODebugContext* debug) {
  if (is_out()) return PowerIsOut();
  return target()->NewRandomAccessFile(name, options, result, debug);
}

// RocksDB 7.8 forgets a reference when it cannot create a log, and its destructor aborts for it
// (facebook/rocksdb pull request 12176). So that cannot fail here; the next change does, and leaves
// the same behind: with the power out, the file is only a dream of the process.
IOStatus PowerLossFs::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  const Power power = CountChange();
  if (power != Power::kOn && !name.ends_with(".log")) return PowerIsOut();
  std::unique_ptr<rocksdb::FSWritableFile> real;
  IOStatus status = target()->NewWritableFile(name, options, &real, debug);
  if (!status.ok()) return status;
  const auto file = std::make_shared<File>(File{name, "", ""});
  if (power != Power::kOut) {
    unsynced_.push_back({"", name, file});
    Apply(unsynced_.back(), &names_);
  }
  *result = std::make_unique<WritableFile>(*this, file, std::move(real));
  return status;
}

IOStatus PowerLossFs::NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                                      rocksdb::IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (out_) return PowerIsOut();
  std::unique_ptr<rocksdb::FSRandomRWFile> real;
  IOStatus status = target()->NewRandomRWFile(name, options, &real, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<RandomRwFile>(*this, names_.at(name), std::move(real));
  return status;
}

IOStatus PowerLossFs::NewDirectory(const std::string& name, const rocksdb::IOOptions&,
                                   std::unique_ptr<rocksdb::FSDirectory>* result,
                                   rocksdb::IODebugContext*) {
  if (is_out()) return PowerIsOut();
  *result = std::make_unique<SyncedDirectory>(*this, name);
  return IOStatus::OK();
}

IOStatus PowerLossFs::DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (!names_.contains(name)) return target()->DeleteFile(name, options, debug);
  if (CountChange() != Power::kOn) return PowerIsOut();
  unsynced_.push_back({name, "", nullptr});
  Apply(unsynced_.back(), &names_);
  return target()->DeleteFile(name, options, debug);
}

IOStatus PowerLossFs::RenameFile(const std::string& from, const std::string& to,
                                 const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  const auto it = names_.find(from);
  if (it == names_.end()) return target()->RenameFile(from, to, options, debug);
  if (CountChange() != Power::kOn) return PowerIsOut();
  unsynced_.push_back({from, to, it->second});
  Apply(unsynced_.back(), &names_);
  return target()->RenameFile(from, to, options, debug);
}

IOStatus PowerLossFs::ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                         std::unique_ptr<rocksdb::FSWritableFile>*,
                                         rocksdb::IODebugContext*) {
  return IOStatus::NotSupported();
}

IOStatus PowerLossFs::ReuseWritableFile(const std::string&, const std::string&,
                                        const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>*,
                                        rocksdb::IODebugContext*) {
  return IOStatus::NotSupported();
}

IOStatus PowerLossFs::LinkFile(const std::string&, const std::string&, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) {
  return IOStatus::NotSupported();
}

std::unique_ptr<rocksdb::Env> NewPowerLossEnv(std::shared_ptr<PowerLossFs> fs) {
  return std::make_unique<PowerLossEnv>(std::move(fs));
}

}  // namespace rollcall::store
