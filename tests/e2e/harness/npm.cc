#include "tests/e2e/harness/npm.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/e2e/harness/files.h"

namespace rollcall::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kPatience{2};

// Held by one process at a time.
class FileLock {
 public:
  explicit FileLock(const std::string& path)
      : fd_(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    EXPECT_EQ(flock(fd_, LOCK_EX), 0) << path;
  }
  ~FileLock() { close(fd_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int fd_;
};

Finished Run(std::vector<std::string> argv, std::vector<std::string> environment,
             const TempDir& dir) {
  Process process({.argv = std::move(argv),
                   .environment = std::move(environment),
                   .output_path = dir.File("out")});
  const std::optional<int> code = process.Wait(kPatience);
  if (!code) process.Kill();
  return {code.value_or(-1000), process.Output(), ""};
}

// Whether the packages that `source` names are in `directory`, which keeps the lock file that it
// holds the packages of.
bool Install(const fs::path& source, const fs::path& directory, const TempDir& dir) {
  fs::create_directories(directory);
  const FileLock lock((directory / "lock").string());
  const std::string wanted = ReadFile((source / "package-lock.json").string());
  const fs::path installed = directory / "installed.json";
  if (ReadFile(installed.string()) == wanted) return true;
  for (const char* each : {"package.json", "package-lock.json"}) {
    fs::copy_file(source / each, directory / each, fs::copy_options::overwrite_existing);
  }
  const Finished npm =
      Run({"npm", "ci", "--no-audit", "--no-fund", "--prefix", directory.string()}, {}, dir);
  EXPECT_NE(npm.code, 127) << "npm is missing (scripts/install-deps test): " << npm.output;
  EXPECT_EQ(npm.code, 0) << npm.output;
  if (npm.code != 0) return false;
  std::ofstream(installed) << wanted;
  return true;
}

}  // namespace

Finished RunNodeScript(const std::string& script, const std::vector<std::string>& arguments) {
  const TempDir dir;
  const fs::path source = ROLLCALL_NPM_CLIENTS;
  const fs::path directory = fs::path(ROLLCALL_BUILD_DIR) / "tests" / "npm";
  if (!Install(source, directory, dir)) return {};
  std::vector<std::string> argv = {"node", (source / script).string()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  Finished node = Run(argv, {"NODE_PATH=" + (directory / "node_modules").string()}, dir);
  EXPECT_NE(node.code, 127) << "node is missing (scripts/install-deps test): " << node.output;
  return node;
}

}  // namespace rollcall::e2e
