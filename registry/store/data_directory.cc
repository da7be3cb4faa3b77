#include "registry/store/data_directory.h"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "registry/base/system_error.h"

namespace rollcall::store {
namespace {

namespace fs = std::filesystem;

// A new directory is there after a power loss only when the directory that names it was synced.
Result<void> SyncDirectory(rocksdb::Env& env, const std::string& path) {
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = env.NewDirectory(path, &directory);
  if (status.ok()) status = directory->Fsync();
  if (!status.ok()) return IoError("directory " + path + " cannot be synced: " + status.ToString());
  return {};
}

Result<void> CreateDurably(rocksdb::Env& env, const fs::path& path) {
  std::vector<fs::path> missing;  // the innermost first
  std::error_code error;
  for (fs::path p = path; !p.empty() && !fs::exists(p, error); p = p.parent_path()) {
    missing.push_back(p);
  }
  std::reverse(missing.begin(), missing.end());
  for (const fs::path& directory : missing) {
    if (!fs::create_directory(directory, error) && error) {
      return SystemError("data directory " + path.string() + " cannot be created", error.value());
    }
    if (auto synced = SyncDirectory(env, directory.parent_path().string()); !synced) return synced;
  }
  return {};
}

bool IsTableOrLog(const std::string& name) {
  const size_t dot = name.find('.');
  if (dot == 0 || dot == std::string::npos) return false;
  const std::string suffix = name.substr(dot);
  return (suffix == ".sst" || suffix == ".log") &&
         std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(dot),
                     [](char c) { return c >= '0' && c <= '9'; });
}

// RocksDB would take a directory without CURRENT for a new one, and delete the tables that it
// finds.
Result<DirectoryContent> LookInside(const std::string& path) {
  std::error_code error;
  std::string orphan;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name == "CURRENT") return DirectoryContent::kDatabase;
    if (IsTableOrLog(name)) orphan = name;
  }
  if (error) return SystemError("data directory " + path + " cannot be read", error.value());
  if (!orphan.empty()) {
    return Corruption("data directory " + path + " is damaged: it holds " + orphan +
                      " but the file CURRENT is missing");
  }
  return DirectoryContent::kNoDatabase;
}

}  // namespace

Result<DirectoryContent> PrepareDataDirectory(rocksdb::Env& env, const std::string& path) {
  std::error_code error;
  // Without a trailing slash, which would make an empty name of its own.
  fs::path absolute = fs::absolute(path, error).lexically_normal();
  if (error) return SystemError("data directory " + path + " cannot be used", error.value());
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  if (auto created = CreateDurably(env, absolute); !created) return created.error();

  const fs::file_status status = fs::status(absolute, error);
  if (error) return SystemError("data directory " + path + " cannot be used", error.value());
  if (status.type() != fs::file_type::directory) {
    return InvalidArgument("data directory " + path + " is not a directory");
  }
  if (::faccessat(AT_FDCWD, absolute.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
    return SystemError("data directory " + path + " cannot be written", errno);
  }
  return LookInside(path);
}

}  // namespace rollcall::store
