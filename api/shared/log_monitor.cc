#include "api/shared/log_monitor.h"

#include <spdlog/details/log_msg.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace rollcall::api {
namespace {

namespace level = spdlog::level;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20; }

std::string_view JsonLevel(level::level_enum value) {
  switch (value) {
    case level::trace:
      return "trace";
    case level::debug:
      return "debug";
    case level::info:
      return "info";
    case level::warn:
      return "warn";
    default:
      return "error";
  }
}

}  // namespace

// What waits to be taken by one subscription. Guarded by the sink's mutex.
struct LogMonitor::Queue {
  Options options;
  std::function<void()> wake;
  Taken waiting;
};

// A sink has its own level, which a logger asks before anything else: that of the most curious
// subscription, or `off`.
class LogMonitor::Sink final : public spdlog::sinks::sink {
 public:
  Sink() { set_level(level::off); }

  void log(const spdlog::details::log_msg& message) override {
    std::vector<std::shared_ptr<Queue>> to_wake;
    {
      const std::lock_guard lock(mutex_);
      for (const std::shared_ptr<Queue>& queue : queues_) {
        if (message.level < queue->options.level) continue;
        Taken& waiting = queue->waiting;
        const bool first = waiting.lines == 0 && waiting.lost == 0;
        std::string line = FormatLine(queue->options.format, message);
        if (waiting.text.size() + line.size() > queue->options.max_queued_bytes) {
          ++waiting.lost;
        } else {
          waiting.text += line;
          ++waiting.lines;
        }
        if (first) to_wake.push_back(queue);
      }
    }
    for (const std::shared_ptr<Queue>& queue : to_wake) queue->wake();
  }

  void flush() override {}

  void set_pattern(const std::string& pattern) override {
    set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern));
  }

  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    const std::lock_guard lock(mutex_);
    formatter_ = std::move(formatter);
  }

  void Control(const std::shared_ptr<spdlog::logger>& logger) {
    const std::lock_guard lock(mutex_);
    own_level_ = logger->level();
    logger_ = logger;
    AdjustLevels();
  }

  void SetLogLevel(level::level_enum value) {
    const std::lock_guard lock(mutex_);
    const auto logger = logger_.lock();
    if (!logger) return;
    own_level_ = value;
    for (const spdlog::sink_ptr& other : logger->sinks()) {
      if (other.get() != this) other->set_level(value);
    }
    AdjustLevels();
  }

  void Add(std::shared_ptr<Queue> queue) {
    const std::lock_guard lock(mutex_);
    queues_.push_back(std::move(queue));
    AdjustLevels();
  }

  void Remove(const std::shared_ptr<Queue>& queue) {
    const std::lock_guard lock(mutex_);
    std::erase(queues_, queue);
    AdjustLevels();
  }

  Taken Take(Queue& queue) {
    const std::lock_guard lock(mutex_);
    return std::exchange(queue.waiting, {});
  }

  std::string Line(Format format, const spdlog::details::log_msg& message) {
    const std::lock_guard lock(mutex_);
    return FormatLine(format, message);
  }

 private:
  void AdjustLevels() {
    level::level_enum wanted = level::off;
    for (const auto& queue : queues_) wanted = std::min(wanted, queue->options.level);
    set_level(wanted);
    // A weak pointer: the logger holds this sink.
    if (const auto logger = logger_.lock()) logger->set_level(std::min(own_level_, wanted));
  }

  // One line, whatever the message has in it.
  std::string FormatLine(Format format, const spdlog::details::log_msg& message) {
    if (format == Format::kJson) return JsonLine(message);
    std::string flat(message.payload.data(), message.payload.size());
    std::replace_if(flat.begin(), flat.end(), IsControl, ' ');
    spdlog::details::log_msg one_line = message;
    one_line.payload = flat;
    spdlog::memory_buf_t out;
    formatter_->format(one_line, out);
    return {out.data(), out.size()};
  }

  std::string JsonLine(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t time;
    timestamp_.format(message, time);
    const nlohmann::json line = {
        {"@level", JsonLevel(message.level)},
        {"@message", std::string_view(message.payload.data(), message.payload.size())},
        {"@timestamp", std::string_view(time.data(), time.size())}};
    return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }

  std::mutex mutex_;
  // Guarded by mutex_, as all below.
  std::unique_ptr<spdlog::formatter> formatter_ = std::make_unique<spdlog::pattern_formatter>();
  spdlog::pattern_formatter timestamp_{"%Y-%m-%dT%H:%M:%S.%f%z", spdlog::pattern_time_type::local,
                                       ""};
  std::vector<std::shared_ptr<Queue>> queues_;
  std::weak_ptr<spdlog::logger> logger_;
  level::level_enum own_level_ = level::info;
};

LogMonitor::Subscription::Subscription(std::shared_ptr<Sink> sink, std::shared_ptr<Queue> queue)
    : sink_(std::move(sink)), queue_(std::move(queue)) {
  sink_->Add(queue_);
}

LogMonitor::Subscription::~Subscription() { sink_->Remove(queue_); }

LogMonitor::Taken LogMonitor::Subscription::Take() { return sink_->Take(*queue_); }

std::string LogMonitor::Subscription::Line(level::level_enum level, std::string_view message) {
  return sink_->Line(queue_->options.format,
                     spdlog::details::log_msg("", level, {message.data(), message.size()}));
}

LogMonitor::LogMonitor() : sink_(std::make_shared<Sink>()) {}
LogMonitor::~LogMonitor() = default;

spdlog::sink_ptr LogMonitor::sink() const { return sink_; }

void LogMonitor::Control(const std::shared_ptr<spdlog::logger>& logger) { sink_->Control(logger); }

void LogMonitor::SetLogLevel(spdlog::level::level_enum level) { sink_->SetLogLevel(level); }

std::unique_ptr<LogMonitor::Subscription> LogMonitor::Subscribe(const Options& options,
                                                                std::function<void()> wake) {
  auto queue = std::make_shared<Queue>();
  queue->options = options;
  queue->wake = std::move(wake);
  return std::make_unique<Subscription>(sink_, std::move(queue));
}

}  // namespace rollcall::api
