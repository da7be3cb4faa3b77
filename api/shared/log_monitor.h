// LogMonitor: lets clients follow the process's log (GET /v1/agent/monitor), each from a level of
// its own, also below the level of the log itself.
//
//   logger with the sinks {stderr, monitor.sink()}  ->  monitor.Control(logger)
//   auto subscription = monitor.Subscribe({...}, wake);   ...   subscription->Take()
//
// Any thread; a subscription is of one thread. Whoever logs only copies the line into the queues of
// the subscriptions: nobody who reads slowly holds it up, and what reading a line makes somebody
// log is one more line, no recursion. Without subscriptions a line costs one comparison.
// Ownership: the monitor outlives its subscriptions; the sink lives as long as its logger.
#pragma once

#include <spdlog/common.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace rollcall::api {

class LogMonitor {
 private:
  class Sink;
  struct Queue;

 public:
  enum class Format {
    kText,  // as the log itself has it
    kJson,  // {"@level":"info","@message":"...","@timestamp":"..."}, as Consul names them
  };

  struct Options {
    spdlog::level::level_enum level = spdlog::level::info;
    Format format = Format::kText;
    size_t max_queued_bytes = 256 * 1024;  // further lines are lost
  };

  // What was logged since the last time: lines that each end with '\n', and how many there were no
  // room for.
  struct Taken {
    std::string text;
    size_t lines = 0;
    size_t lost = 0;
  };

  class Subscription {
   public:
    Subscription(std::shared_ptr<Sink> sink, std::shared_ptr<Queue> queue);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    Taken Take();
    // A line of the same form that the log does not have.
    std::string Line(spdlog::level::level_enum level, std::string_view message);

   private:
    const std::shared_ptr<Sink> sink_;
    const std::shared_ptr<Queue> queue_;
  };

  LogMonitor();
  ~LogMonitor();
  LogMonitor(const LogMonitor&) = delete;
  LogMonitor& operator=(const LogMonitor&) = delete;

  spdlog::sink_ptr sink() const;

  // From here on the logger's level is lowered while a subscription needs it. Its other sinks have
  // levels of their own, so that they show what they did. Once.
  void Control(const std::shared_ptr<spdlog::logger>& logger);

  // The level of the controlled log itself: that of its other sinks. Before Control: nothing.
  void SetLogLevel(spdlog::level::level_enum level);

  // `wake` is called, on the thread that logs, when a line has come and nothing was waiting to be
  // taken. It does not block, does not log, and may still be called once just after the
  // subscription has ended.
  std::unique_ptr<Subscription> Subscribe(const Options& options, std::function<void()> wake);

 private:
  const std::shared_ptr<Sink> sink_;
};

}  // namespace rollcall::api
