// What the catalog's speed is made of: the next snapshot after a registration, waking those who
// wait, a tick of the wheel. Numbers in a benchmark's name are sizes.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "registry/catalog/resolve.h"
#include "registry/catalog/snapshot_builder.h"
#include "registry/catalog/timer_wheel.h"
#include "registry/catalog/watch.h"
#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::catalog {
namespace {

std::string ServiceName(int64_t number) { return "service-" + std::to_string(number); }

// `count` instances of count / 20 services, each on a node of its own.
std::shared_ptr<const Snapshot> Filled(int64_t count) {
  const Snapshot empty;
  SnapshotBuilder builder(empty);
  Index index{1};
  for (int64_t i = 0; i < count; ++i) {
    index = index.Next();
    const model::Register put =
        RegisterService("node-" + std::to_string(i), ServiceName(i % (count / 20)), "", {"a", "b"});
    builder.Apply(*Resolve(put, builder.view()), index);
  }
  return builder.Finish();
}

// A registration that changes a port: what it changes, and the snapshot with that.
void BM_NextSnapshot(benchmark::State& state) {
  const int64_t count = state.range(0);
  std::shared_ptr<const Snapshot> current = Filled(count);
  int64_t at = 0;
  int port = 1000;
  for (auto _ : state) {
    at = (at + 7919) % count;
    model::Register put = RegisterService("node-" + std::to_string(at),
                                          ServiceName(at % (count / 20)), "", {"a", "b"});
    put.instance->port = ++port;
    SnapshotBuilder builder(*current);
    builder.Apply(*Resolve(put, *current), current->index().Next());
    benchmark::DoNotOptimize(builder.TakeChangedKeys());
    current = builder.Finish();
  }
}
BENCHMARK(BM_NextSnapshot)->Arg(1000)->Arg(100'000);

void BM_FindService(benchmark::State& state) {
  const int64_t count = state.range(0);
  const std::shared_ptr<const Snapshot> snapshot = Filled(count);
  int64_t at = 0;
  for (auto _ : state) {
    at = (at + 7919) % (count / 20);
    benchmark::DoNotOptimize(snapshot->FindService(ServiceName(at)));
  }
}
BENCHMARK(BM_FindService)->Arg(1000)->Arg(100'000);

// Ten waiters of one key, among `range` in all, ten on each key.
void BM_WakeTenOf(benchmark::State& state) {
  const int64_t waiters = state.range(0);
  WatchTable table;
  std::vector<WatchTable::Ticket> tickets;
  int64_t woken = 0;
  for (int64_t i = 0; i < waiters; ++i) {
    tickets.push_back(table.Park(WatchKey::Service(ServiceName(i / 10)), [&woken] { ++woken; }));
  }
  ChangeSet changes{std::make_shared<const Snapshot>(), {}};
  int64_t at = 0;
  for (auto _ : state) {
    at = (at + 7919) % (waiters / 10);
    changes.keys.assign(1, WatchKey::Service(ServiceName(at)));
    table.Wake(changes);
  }
  if (woken != 10 * static_cast<int64_t>(state.iterations())) state.SkipWithError("not ten woken");
}
BENCHMARK(BM_WakeTenOf)->Arg(10)->Arg(1'000'000);

// A waiter that is woken parks again, as a blocking query of the same client does.
void BM_ParkAndLeave(benchmark::State& state) {
  WatchTable table;
  std::vector<WatchTable::Ticket> others;
  for (int64_t i = 0; i < state.range(0); ++i) {
    others.push_back(table.Park(WatchKey::Service(ServiceName(i / 10)), [] {}));
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.Park(WatchKey::Service("service-0"), [] {}));
  }
}
BENCHMARK(BM_ParkAndLeave)->Arg(10)->Arg(1'000'000);

// One tick of 16 ms with `range` deadlines of 30 s filed, each renewed before it passes.
void BM_WheelTick(benchmark::State& state) {
  constexpr std::chrono::seconds kTtl{30};
  Clock::TimePoint now{};
  TimerWheel wheel(now);
  std::vector<std::shared_ptr<WheelEntry>> entries;
  const int64_t count = state.range(0);
  for (int64_t i = 0; i < count; ++i) {
    entries.push_back(std::make_shared<WheelEntry>(now + kTtl * i / count));
    wheel.File(entries.back());
  }
  for (auto _ : state) {
    now += TimerWheel::kTick;
    wheel.Advance(now, [&](const std::shared_ptr<WheelEntry>& entry) {
      entry->MoveTo(now + kTtl);
      wheel.File(entry);
    });
  }
}
BENCHMARK(BM_WheelTick)->Arg(1000)->Arg(1'000'000);

}  // namespace
}  // namespace rollcall::catalog

BENCHMARK_MAIN();
