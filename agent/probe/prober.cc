#include "agent/probe/prober.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <chrono>
#include <optional>
#include <utility>

#include "agent/probe/probe.h"
#include "agent/probe/tls_contexts.h"

namespace rollcall::probe {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using SteadyClock = std::chrono::steady_clock;

SteadyClock::time_point FirstAttempt(SteadyClock::time_point now, std::chrono::nanoseconds interval,
                                     double fraction) {
  // A wake-up on a core whose caches others have used costs more than an attempt does.
  constexpr std::chrono::nanoseconds kMinTick = std::chrono::milliseconds(1);
  constexpr std::chrono::nanoseconds kMaxTick = std::chrono::milliseconds(500);
  const auto tick = std::clamp(interval / 20, kMinTick, kMaxTick);
  const std::chrono::duration<double, std::nano> delay =
      std::chrono::duration<double, std::nano>(interval) * fraction;
  const auto due = now + std::chrono::duration_cast<SteadyClock::duration>(delay);
  return std::max(now, due - due.time_since_epoch() % tick);
}

struct Prober::Schedule {
  Schedule(asio::io_context& loop, std::string name, model::CheckRun what)
      : key(std::move(name)), run(std::move(what)), timer(loop) {}

  const std::string key;
  const model::CheckRun run;
  asio::steady_timer timer;
  SteadyClock::time_point due;     // when the next attempt starts
  std::shared_ptr<Probe> running;  // null between attempts
};

Prober::Prober(asio::io_context& loop, OnResult on_result, Random random)
    : loop_(loop),
      on_result_(std::move(on_result)),
      random_(std::move(random)),
      tls_(std::make_unique<TlsContexts>()) {}

Prober::~Prober() {
  for (auto& [key, schedule] : schedules_) Stop(*schedule);
}

void Prober::Ensure(const std::string& key, const model::CheckRun& run) {
  const auto existing = schedules_.find(key);
  if (existing != schedules_.end()) {
    if (existing->second->run == run) return;
    Remove(key);
  }
  auto schedule = std::make_shared<Schedule>(loop_, key, run);
  schedules_.emplace(key, schedule);
  schedule->due = FirstAttempt(SteadyClock::now(), run.interval, random_());
  WaitUntilDue(schedule);
}

void Prober::Remove(const std::string& key) {
  const auto found = schedules_.find(key);
  if (found == schedules_.end()) return;
  Stop(*found->second);
  schedules_.erase(found);
}

void Prober::Stop(Schedule& schedule) {
  schedule.timer.cancel();
  if (schedule.running) schedule.running->Cancel();
  schedule.running = nullptr;
  // A timer that has already fired has its handler queued: `due` far away tells it to go.
  schedule.due = SteadyClock::time_point::max();
}

void Prober::WaitUntilDue(const std::shared_ptr<Schedule>& schedule) {
  schedule->timer.expires_at(schedule->due);
  schedule->timer.async_wait([this, schedule](boost::system::error_code cancelled) {
    if (cancelled || schedule->due == SteadyClock::time_point::max()) return;
    StartAttempt(schedule);
  });
}

std::shared_ptr<Probe> Prober::MakeProbe(const model::CheckRun& run) {
  ssl::context* const tls = run.use_tls ? &tls_->For(run) : nullptr;
  switch (run.kind) {
    case model::CheckKind::kHttp:
      return MakeHttpProbe(loop_, run, *tls_);
    case model::CheckKind::kUdp:
      return MakeUdpProbe(loop_, run);
    case model::CheckKind::kGrpc:
      return MakeGrpcProbe(loop_, run, tls);
    case model::CheckKind::kH2Ping:
      return MakeH2PingProbe(loop_, run, tls);
    case model::CheckKind::kScript:
      return MakeScriptProbe(loop_, run);
    case model::CheckKind::kTcp:
    case model::CheckKind::kTtl:  // not to be run by a Prober
    case model::CheckKind::kAlias:
    case model::CheckKind::kMaintenance:
      break;
  }
  assert(run.kind == model::CheckKind::kTcp);
  return MakeTcpProbe(loop_, run);
}

void Prober::StartAttempt(const std::shared_ptr<Schedule>& schedule) {
  schedule->due = std::max(schedule->due + schedule->run.interval, SteadyClock::now());
  schedule->running = MakeProbe(schedule->run);
  schedule->running->Start([this, schedule](const ProbeResult& result) {
    schedule->running = nullptr;
    WaitUntilDue(schedule);
    on_result_(schedule->key, result);
  });
}

}  // namespace rollcall::probe
