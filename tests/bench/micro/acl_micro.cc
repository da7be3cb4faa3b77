// What access control costs a request: one name asked of an Authorizer, among so many rules, and
// what is done once for a token: its rules compiled, and one policy's text parsed. And the hash of
// the secret that a request brings.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <vector>

#include "registry/acl/authorizer.h"
#include "registry/acl/rule_parser.h"
#include "registry/acl/rule_writer.h"
#include "registry/base/sha256_hasher.h"

namespace rollcall::acl {
namespace {

std::string Name(int i) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%04d", i);
  // Nine teams' services, so that what names begin with differs as it does in practice.
  static const char* const kTeams[] = {"billing", "checkout", "search", "mail",   "web",
                                       "web-api", "auth",     "cart",   "catalog"};
  return std::string(kTeams[i % 9]) + "-service-" + digits;
}

// Half exact, half prefixes, and one for all.
Rules ManyRules(int count) {
  Rules rules;
  rules.named.push_back({Resource::kService, Match::kPrefix, "", Access::kRead, {}});
  for (int i = 1; i < count; ++i) {
    const Match match = i % 2 == 0 ? Match::kExact : Match::kPrefix;
    rules.named.push_back({Resource::kService, match, Name(i), Access::kWrite, {}});
  }
  return rules;
}

Authorizer Compile(const Rules& rules) {
  const Rules* const policies[] = {&rules};
  return {policies, DefaultPolicy::kDeny};
}

// Names that rules are about, ones that begin like these, and ones that no rule but that for all is
// about, each in turn.
void BM_MayWrite(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  const Authorizer who = Compile(ManyRules(count));
  std::vector<std::string> names;
  for (int i = 0; i < 1024; ++i) {
    const std::string name = Name(i * 7919 % (count + count / 2));
    names.push_back(i % 3 == 0 ? name + "-canary" : name);
  }
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(who.MayWrite(Resource::kService, names[next++ & 1023]));
  }
}
BENCHMARK(BM_MayWrite)->Arg(1)->Arg(4)->Arg(100)->Arg(1000)->Arg(10000);

void BM_ReadsAll(benchmark::State& state) {
  const Authorizer who = Compile(ManyRules(100));
  for (auto _ : state) benchmark::DoNotOptimize(who.ReadsAll(Resource::kService));
}
BENCHMARK(BM_ReadsAll);

void BM_Compile(benchmark::State& state) {
  const Rules rules = ManyRules(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(Compile(rules));
}
BENCHMARK(BM_Compile)->Arg(4)->Arg(100)->Arg(1000);

void BM_Parse(benchmark::State& state) {
  const std::string text = WriteRules(ManyRules(static_cast<int>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(ParseRules(text));
}
BENCHMARK(BM_Parse)->Arg(4)->Arg(100);

void BM_HashSecret(benchmark::State& state) {
  const std::string secret(36, 'x');  // as long as a UUID
  Sha256Hasher hasher;
  for (auto _ : state) {
    hasher.Add(secret);
    benchmark::DoNotOptimize(hasher.Finish());
  }
}
BENCHMARK(BM_HashSecret);

}  // namespace
}  // namespace rollcall::acl

BENCHMARK_MAIN();
