// TestServer: a Server on a free port of HTTP or HTTPS, its loop in a thread of its own, and
// handlers that the tests share. All public functions are for the test's thread.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/http/exchange.h"
#include "api/http/limits.h"
#include "api/http/router.h"
#include "api/http/server.h"
#include "api/http/tls_context.h"
#include "api/http/tls_files.h"
#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"

namespace rollcall::http {

// Routes:
//   GET  /hello            "hello"
//   GET  /echo/*rest       "<rest>|<query as name=value,...>|<remote address>"
//   PUT  /echo/*rest       the body
//   GET  /large            kLarge bytes, shared
//   GET  /who              the subject of the client's certificate, or "nobody"
//   GET  /park             waits: AnswerParked, the client's close, or the drain ("drained")
//   GET  /busy             as /park, but has no hooks
//   GET  /stream           an answer that the test makes: WriteStream and the like
//   GET  /drop             dropped without an answer, by another thread
//   GET  /throw, /throw-later   throws, in the handler or in posted work
class TestServer {
 public:
  static constexpr size_t kLarge = 32 * 1024 * 1024;

  // HTTPS with a certificate of its own where the tests are those of HTTPS (kOverTls).
  explicit TestServer(const Limits& limits = {});
  // HTTPS with these files.
  explicit TestServer(const TlsFiles& files, const Limits& limits = {});
  ~TestServer();

  uint16_t port() const { return server_->tls_port() != 0 ? server_->tls_port() : server_->port(); }
  Server& server() { return *server_; }

  // Waits until that many exchanges have been parked in all, closed in all, or are connected.
  bool AwaitParked(size_t count);
  bool AwaitClosed(size_t count);
  bool AwaitConnections(size_t count);
  // Answers, from the test's thread by way of PostToWorker, the oldest parked exchange.
  void AnswerParked(const std::string& text);
  // The oldest stream that is there. AwaitStreams waits until that many have been opened in all,
  // AwaitStreamsClosed until that many have been closed by the server or by their clients.
  bool AwaitStreams(size_t count);
  bool AwaitStreamsClosed(size_t count);
  bool WriteStream(const std::string& bytes);
  size_t QueuedInStream();
  void EndStream();  // and lets go of it
  void DropStream();
  // ResponseStream::OnSent with a hook that counts, and holds `held`; how often it has been called.
  void CallWhenSent(std::shared_ptr<void> held = nullptr);
  bool AwaitSent(size_t count);
  bool HasSent(size_t count);
  // What Exchange::OnAnswer has told so far of each request, in order: "/hello 200"; "none" where
  // there was no answer.
  std::vector<std::string> Told() { return *told_.Lock(); }
  // Calls `work` on the worker's thread and waits for it.
  void OnWorker(std::function<void()> work);
  // Starts a drain; AwaitDrained waits for its end.
  void Drain(std::chrono::milliseconds grace);
  bool AwaitDrained();

  // For connections from now on; whether the files can be used.
  bool Reload(const TlsFiles& files);
  // What was loaded last, as long as the server has it.
  std::weak_ptr<const TlsContext> tls() const { return tls_; }
  // For tickets of TLS it is so much later from now on, by both clocks or by that of the day alone.
  void PassTime(std::chrono::seconds time) {
    clock_.ahead = clock_.ahead.load() + time;
    PassTimeOfDay(time);
  }
  void PassTimeOfDay(std::chrono::seconds time) { wall_ahead_ = wall_ahead_.load() + time; }

 private:
  using Ahead = std::atomic<std::chrono::seconds>;
  struct ClockAhead final : Clock {
    TimePoint Now() const override { return std::chrono::steady_clock::now() + ahead.load(); }
    Ahead ahead{};
  };

  Router MakeRouter();
  Result<std::shared_ptr<const TlsContext>> LoadTls(const TlsFiles& files);
  void Park(const std::shared_ptr<Exchange>& exchange, bool with_hooks);
  void OpenStream(const std::shared_ptr<Exchange>& exchange);
  bool Await(const std::function<bool()>& condition);

  LockGuarded<std::vector<std::string>> told_;
  ClockAhead clock_;
  Ahead wall_ahead_{};
  std::weak_ptr<const TlsContext> tls_;
  boost::asio::io_context loop_;
  Router router_;
  std::unique_ptr<Server> server_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Exchange>> parked_;  // guarded by mutex_, as all below
  std::vector<std::shared_ptr<ResponseStream>> streams_;
  size_t parked_count_ = 0;
  size_t stream_count_ = 0;
  size_t streams_closed_ = 0;
  size_t streams_sent_ = 0;
  size_t closed_count_ = 0;
  bool drained_ = false;

  std::thread thread_;
};

}  // namespace rollcall::http
