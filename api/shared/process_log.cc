#include "api/shared/process_log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <utility>

namespace rollcall::api {
namespace {

constexpr const char* kPattern = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";

// syslog(3)'s severities.
char SeverityOf(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
      return '2';
    case spdlog::level::err:
      return '3';
    case spdlog::level::warn:
      return '4';
    case spdlog::level::info:
      return '6';
    default:
      return '7';
  }
}

class JournalFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string line =
        JournalLine(message.level, std::string(message.payload.data(), message.payload.size()));
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JournalFormatter>();
  }
};

}  // namespace

std::string JournalLine(spdlog::level::level_enum level, const std::string& text) {
  return std::string({'<', SeverityOf(level), '>'}) + text + "\n";
}

bool IsJournal(int fd, const char* journal_stream) {
  struct stat file {};
  if (journal_stream == nullptr || fstat(fd, &file) != 0) return false;
  return journal_stream == std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
}

void SetUpLog(const std::string& name, spdlog::level::level_enum level, LogMonitor& monitor) {
  const auto to_stderr = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto log =
      std::make_shared<spdlog::logger>(name, spdlog::sinks_init_list{to_stderr, monitor.sink()});
  log->set_level(level);
  log->set_pattern(kPattern);
  if (IsJournal(STDERR_FILENO, std::getenv("JOURNAL_STREAM"))) {
    to_stderr->set_formatter(std::make_unique<JournalFormatter>());
  }
  monitor.Control(log);
  monitor.SetLogLevel(level);
  spdlog::set_default_logger(std::move(log));
}

}  // namespace rollcall::api
