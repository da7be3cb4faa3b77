// file := "acknowledged " index "\n"      index: 20 decimal digits
//
// Always of the same 34 bytes, in one sector: overwritten in place, it is the old or the new text.
#include "registry/store/acknowledged_index.h"

#include <rocksdb/env.h>

#include <charconv>
#include <utility>

namespace rollcall::store {
namespace {

constexpr std::string_view kPrefix = "acknowledged ";
constexpr size_t kDigits = 20;
constexpr size_t kSize = kPrefix.size() + kDigits + 1;

std::string Format(Index index) {
  const std::string digits = std::to_string(index.value());
  return std::string(kPrefix) + std::string(kDigits - digits.size(), '0') + digits + "\n";
}

bool Parse(std::string_view text, Index* index) {
  if (text.size() != kSize || !text.starts_with(kPrefix) || text.back() != '\n') return false;
  const char* const first = text.data() + kPrefix.size();
  const char* const last = first + kDigits;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc() || end != last) return false;
  *index = Index(value);
  return true;
}

Error Failed(const std::string& path, const rocksdb::Status& status) {
  return IoError("file " + path + " cannot be read or written: " + status.ToString());
}

// Under a name that does not count until the whole file is durable.
rocksdb::Status CreateDurably(rocksdb::Env& env, const std::string& directory,
                              const std::string& path, Index index) {
  const std::string draft = path + ".new";
  rocksdb::Status status =
      rocksdb::WriteStringToFile(&env, Format(index), draft, /*should_sync=*/true);
  if (status.ok()) status = env.RenameFile(draft, path);
  std::unique_ptr<rocksdb::Directory> parent;
  if (status.ok()) status = env.NewDirectory(directory, &parent);
  if (status.ok()) status = parent->Fsync();
  return status;
}

}  // namespace

AcknowledgedIndex::AcknowledgedIndex(std::string path, std::unique_ptr<rocksdb::RandomRWFile> file)
    : path_(std::move(path)), file_(std::move(file)) {}

AcknowledgedIndex::~AcknowledgedIndex() = default;

Result<std::unique_ptr<AcknowledgedIndex>> AcknowledgedIndex::Open(rocksdb::Env& env,
                                                                   const std::string& directory,
                                                                   Index stored) {
  std::string path = directory + "/ACKNOWLEDGED";
  rocksdb::Status status = env.FileExists(path);
  if (status.IsNotFound()) status = CreateDurably(env, directory, path, stored);
  if (!status.ok()) return Failed(path, status);

  std::unique_ptr<rocksdb::RandomRWFile> file;
  status = env.NewRandomRWFile(path, &file, rocksdb::EnvOptions());
  if (!status.ok()) return Failed(path, status);
  char buffer[kSize + 1];  // one more, to see that the file is no longer than it should be
  rocksdb::Slice text;
  status = file->Read(0, sizeof(buffer), &text, buffer);
  if (!status.ok()) return Failed(path, status);

  Index acknowledged;
  if (!Parse(text.ToStringView(), &acknowledged)) {
    return Corruption("file " + path + " is damaged; the store's last index is " +
                      std::to_string(stored.value()) +
                      ", remove the file if you know that nothing after it was acknowledged");
  }
  if (acknowledged > stored) {
    return Corruption("data directory " + directory +
                      " has lost transactions: " + std::to_string(acknowledged.value()) +
                      " is the last index that was acknowledged, " +
                      std::to_string(stored.value()) +
                      " the last that is there (remove its file ACKNOWLEDGED to accept the loss)");
  }
  return std::unique_ptr<AcknowledgedIndex>(
      new AcknowledgedIndex(std::move(path), std::move(file)));
}

Result<void> AcknowledgedIndex::Write(Index index) {
  if (const rocksdb::Status status = file_->Write(0, Format(index)); !status.ok()) {
    return Failed(path_, status);
  }
  return {};
}

}  // namespace rollcall::store
