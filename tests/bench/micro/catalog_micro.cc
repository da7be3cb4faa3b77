// What the catalog's speed is made of: the next snapshot after a registration, waking those who
// wait, a tick of the wheel. Numbers in a benchmark's name are sizes.
#include <benchmark/benchmark.h>

#include <array>
#include <bit>
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
#include "registry/catalog/watch_table.h"
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

// All names have one length, so that making a key costs the same however many there are.
WatchKey KeyOfWaiters(int64_t number) { return WatchKey::Service(ServiceName(100'000 + number)); }

struct CountedWaiter final : Waiter {
  int64_t woken = 0;
};

// `count` waiters, ten on each key.
class ManyWaiters {
 public:
  explicit ManyWaiters(int64_t count) : waiters_(static_cast<size_t>(count)) {
    for (int64_t i = 0; i < count; ++i) {
      table_.Park(KeyOfWaiters(i / 10), waiters_[static_cast<size_t>(i)]);
    }
  }
  WatchTable& table() { return table_; }

 private:
  WatchTable table_;
  std::vector<CountedWaiter> waiters_;
};

// A change of one key wakes its ten waiters, of `range` in all, here and there among the keys. Each
// of them notes it in its own memory.
void BM_WakeTenOf(benchmark::State& state) {
  ManyWaiters many(state.range(0));
  const int64_t keys = state.range(0) / 10;
  ChangeSet changes{std::make_shared<const Snapshot>(), {}};
  int64_t woken = 0;
  int64_t at = 0;
  for (auto _ : state) {
    at = (at + 7919) % keys;
    changes.keys.assign(1, KeyOfWaiters(at));
    many.table().Wake(changes, [&woken](Waiter& waiter) {
      ++static_cast<CountedWaiter&>(waiter).woken;
      ++woken;
    });
  }
  if (woken != 10 * static_cast<int64_t>(state.iterations())) state.SkipWithError("not ten woken");
}
BENCHMARK(BM_WakeTenOf)->Arg(10)->Arg(1'000'000);

// What BM_WakeTenOf cannot do without, and nothing else: a key leads to a place in memory, this to
// one where ten waiters are named, and these to the waiters. Each change comes after the one
// before.
void BM_ReadTenOf(benchmark::State& state) {
  const int64_t keys = state.range(0) / 10;
  const auto bits = std::bit_width(static_cast<uint64_t>(keys));
  std::vector<CountedWaiter> waiters(static_cast<size_t>(state.range(0)));
  std::vector<std::unique_ptr<std::array<CountedWaiter*, 10>>> slots(size_t{1} << bits);
  const auto slot_of = [&](int64_t key) -> auto& {
    return slots[KeyOfWaiters(key).hash() >> (64 - bits)];
  };
  for (int64_t key = 0; key < keys; ++key) {
    auto& slot = slot_of(key);  // where two keys meet, the later one has it
    slot = std::make_unique<std::array<CountedWaiter*, 10>>();
    for (size_t i = 0; i < 10; ++i) (*slot)[i] = &waiters[static_cast<size_t>(key) * 10 + i];
  }
  int64_t at = 0;
  for (auto _ : state) {
    int64_t woken = 0;  // always 0, which the compiler does not know
    for (const CountedWaiter* waiter : *slot_of(at)) woken += waiter->woken;
    at = (at + 7919 + woken) % keys;
  }
}
BENCHMARK(BM_ReadTenOf)->Arg(10)->Arg(1'000'000);

// A waiter that is woken parks again, as a blocking query of the same client does.
void BM_ParkAndLeave(benchmark::State& state) {
  ManyWaiters many(state.range(0));
  for (auto _ : state) {
    CountedWaiter waiter;
    many.table().Park(KeyOfWaiters(0), waiter);
    benchmark::DoNotOptimize(waiter);
  }
}
BENCHMARK(BM_ParkAndLeave)->Arg(10)->Arg(1'000'000);

// One tick of 16 ms with `range` deadlines of 30 s filed, each renewed before it passes.
void BM_WheelTick(benchmark::State& state) {
  constexpr std::chrono::seconds kTtl{30};
  Clock::TimePoint now{};
  TimerWheel wheel(now);
  std::vector<TimerWheel::Pointer> entries;
  const int64_t count = state.range(0);
  for (int64_t i = 0; i < count; ++i) {
    entries.emplace_back(new WheelEntry(now + kTtl * i / count));
    wheel.File(entries.back());
  }
  for (auto _ : state) {
    now += TimerWheel::kTick;
    wheel.Advance(now, [&](const TimerWheel::Pointer& entry) {
      entry->MoveTo(now + kTtl);
      wheel.File(entry);
    });
  }
}
BENCHMARK(BM_WheelTick)->Arg(1000)->Arg(1'000'000);

}  // namespace
}  // namespace rollcall::catalog

BENCHMARK_MAIN();
