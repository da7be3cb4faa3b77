#include "api/audit/audit_file.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "api/audit/audit_entry.h"
#include "registry/base/system_error.h"

namespace rollcall::api {
namespace {

using std::chrono::system_clock;

constexpr mode_t kFileMode = 0640;
// Between two tries to turn a file over.
constexpr auto kTurnOverPause = std::chrono::minutes(1);

// "20261126T201534.123Z": sorts by time, and is a name on any file system.
std::string SuffixOf(system_clock::time_point time) {
  std::string text = AuditTime(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

// Whether it is one of SuffixOf, with a "-2" behind it or without.
bool IsSuffix(std::string_view text) {
  constexpr std::string_view kForm = "00000000T000000.000Z";
  if (text.size() < kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !is_digit : text[i] != kForm[i]) return false;
  }
  text.remove_prefix(kForm.size());
  if (text.empty()) return true;
  return text.front() == '-' && text.size() > 1 &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

// When the file was made, where its file system knows that.
std::optional<system_clock::time_point> BirthOf(int fd) {
  struct statx status = {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &status) != 0 ||
      (status.stx_mask & STATX_BTIME) == 0) {
    return std::nullopt;
  }
  return system_clock::from_time_t(static_cast<time_t>(status.stx_btime.tv_sec));
}

}  // namespace

Result<std::unique_ptr<AuditFile>> AuditFile::Open(const Options& options, Now now) {
  std::unique_ptr<AuditFile> file(new AuditFile(options, std::move(now)));
  if (Result<void> ok = file->OpenFile(); !ok) return ok.error();
  return file;
}

Result<void> AuditFile::OpenFile() {
  const std::string what = "cannot open " + name();
  // Not blocking, so that a pipe without a reader is an error and not a wait.
  constexpr int kFlags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  OwnedFd fd(open(options_.path.c_str(), kFlags | O_CREAT | O_EXCL, kFileMode));
  const bool is_new = fd.get() >= 0;
  if (is_new) {
    // Whatever the umask is. That of an older file is its owner's business.
    if (fchmod(fd.get(), kFileMode) != 0) return SystemError(what, errno);
  } else {
    fd = OwnedFd(open(options_.path.c_str(), kFlags | O_CREAT, kFileMode));
    if (fd.get() < 0) return SystemError(what, errno);
  }
  struct stat status = {};
  if (fstat(fd.get(), &status) != 0) return SystemError(what, errno);
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
    return InvalidArgument(what + ": it is no regular file");
  }
  fd_ = std::move(fd);
  is_regular_ = S_ISREG(status.st_mode);
  size_ = static_cast<uint64_t>(status.st_size);
  born_ = size_ == 0 ? now_() : BirthOf(fd_.get()).value_or(now_());
  return EndLastLine();
}

Result<void> AuditFile::EndLastLine() {
  char last = '\n';
  if (!is_regular_ || size_ == 0) return {};
  if (pread(fd_.get(), &last, 1, static_cast<off_t>(size_ - 1)) != 1 || last == '\n') return {};
  return Append("\n");
}

AuditSink::Progress AuditFile::Write(std::span<const std::string> lines) {
  Progress progress;
  std::string bytes;
  while (progress.lines < lines.size()) {
    if (fd_.get() >= 0 && IsDue(lines[progress.lines].size())) TurnOver();
    if (Result<void> ready = fd_.get() < 0 ? OpenFile() : Result<void>(); !ready) {
      progress.error = ready.error();
      return progress;
    }
    // As many as the file takes, in one call.
    bytes.clear();
    size_t taken = progress.lines;
    do {
      bytes += lines[taken++];
    } while (taken < lines.size() && Fits(bytes.size() + lines[taken].size()));
    if (Result<void> written = Append(bytes); !written) {
      fd_ = OwnedFd();
      progress.error = written.error();
      return progress;
    }
    progress.lines = taken;
  }
  return progress;
}

Result<void> AuditFile::Append(std::string_view bytes) {
  const uint64_t before = size_;
  while (!bytes.empty()) {
    const ssize_t written = write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      // No half of a line is left behind, and no line that is given again.
      if (size_ != before && ftruncate(fd_.get(), static_cast<off_t>(before)) == 0) size_ = before;
      return SystemError("cannot write " + options_.path, error);
    }
    size_ += static_cast<uint64_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

bool AuditFile::Fits(size_t more_bytes) const {
  return !is_regular_ || options_.max_bytes == 0 || size_ + more_bytes <= options_.max_bytes;
}

bool AuditFile::IsDue(size_t more_bytes) const {
  if (!is_regular_ || size_ == 0 || now_() < not_before_) return false;
  if (!Fits(more_bytes)) return true;
  return options_.max_age.count() != 0 && now_() - born_ >= options_.max_age;
}

// Where that fails, lines go on into the file that is there.
void AuditFile::TurnOver() {
  if (Result<void> renamed = RenameByTime(); !renamed) {
    not_before_ = now_() + kTurnOverPause;
    spdlog::error("{} grows on: {}", name(), renamed.error().message);
    return;
  }
  fd_ = OwnedFd();
  RemoveOldest();
}

Result<void> AuditFile::RenameByTime() {
  const std::string old = options_.path + "." + SuffixOf(now_());
  std::string name = old;
  for (int i = 2; access(name.c_str(), F_OK) == 0; ++i) name = old + "-" + std::to_string(i);
  // All that is in it is durable before anybody takes it for finished.
  if (fdatasync(fd_.get()) != 0) return SystemError("cannot sync " + options_.path, errno);
  if (rename(options_.path.c_str(), name.c_str()) != 0) {
    // It was moved away by somebody else, who does not want it back.
    if (errno != ENOENT) return SystemError("cannot rename " + options_.path, errno);
  }
  return {};
}

void AuditFile::RemoveOldest() const {
  if (options_.max_files == 0) return;
  namespace fs = std::filesystem;
  const fs::path path(options_.path);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::string prefix = path.filename().string() + ".";
  std::vector<std::string> old;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(prefix) && IsSuffix(std::string_view(name).substr(prefix.size()))) {
      old.push_back(name);
    }
  }
  // "-10" is younger than "-2".
  std::sort(old.begin(), old.end(), [](const std::string& a, const std::string& b) {
    const auto key = [](const std::string& name) {
      const size_t z = name.rfind('Z');
      return std::make_tuple(name.substr(0, z), name.size(), name);
    };
    return key(a) < key(b);
  });
  for (size_t i = 0; i + options_.max_files < old.size(); ++i) {
    fs::remove(folder / old[i], error);
    if (error) spdlog::warn("cannot remove {}: {}", (folder / old[i]).string(), error.message());
  }
}

Result<void> AuditFile::Sync() {
  if (fd_.get() < 0 || !is_regular_) return {};
  if (fdatasync(fd_.get()) != 0) return SystemError("cannot sync " + options_.path, errno);
  return {};
}

Result<void> AuditFile::Reopen() {
  if (fd_.get() >= 0 && is_regular_ && fdatasync(fd_.get()) != 0) {
    spdlog::warn("cannot sync {}: {}", options_.path, std::strerror(errno));
  }
  fd_ = OwnedFd();
  return OpenFile();
}

}  // namespace rollcall::api
