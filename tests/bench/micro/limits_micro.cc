// What limits cost a request: nothing limited, its client limited, its client and its token.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "api/limits/request_limits.h"

namespace rollcall::api {
namespace {

const SteadyClock kClock;

RequestLimits Limits(uint32_t per_second) {
  RequestLimitOptions options;
  for (RequestRate& rate : options.rates) rate = {per_second, 1'000'000};
  options.of(Limit::kReads) = {};
  return {options, std::make_shared<LimitState>(kClock.Now(), 42)};
}

void Off(benchmark::State& state) {
  static const RequestLimits limits = Limits(0);
  for (auto _ : state) benchmark::DoNotOptimize(limits.is_watching());
}
BENCHMARK(Off);

// As a request gate asks.
void AskAs(benchmark::State& state, const std::string& address, bool with_token) {
  static const RequestLimits limits = Limits(100'000);
  const std::string accessor = "6a1253d2-1785-24fd-91c2-f8e78c745511";
  for (auto _ : state) {
    const RequestLimits::Client client = limits.ClientOf(address);
    benchmark::DoNotOptimize(limits.OfClient(client, RequestKind::kRead, kClock.Now()));
    if (!with_token) continue;
    benchmark::DoNotOptimize(limits.OfToken(accessor, RequestKind::kRead, kClock.Now()));
  }
}
void ClientOfIpv4(benchmark::State& state) { AskAs(state, "10.20.30.40", false); }
void ClientOfIpv6(benchmark::State& state) { AskAs(state, "2001:db8:12:34::5678", false); }
void ClientAndToken(benchmark::State& state) { AskAs(state, "10.20.30.40", true); }
// Both threads take from the same buckets.
void OneClientOfTwoWorkers(benchmark::State& state) { AskAs(state, "10.20.30.40", false); }
BENCHMARK(ClientOfIpv4);
BENCHMARK(ClientOfIpv6);
BENCHMARK(ClientAndToken);
BENCHMARK(OneClientOfTwoWorkers)->Threads(2);

}  // namespace
}  // namespace rollcall::api

BENCHMARK_MAIN();
