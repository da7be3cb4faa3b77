// What a DNS answer is made of: the question's parse, what its name asks for, the answer from what
// is prepared, and the same through ldns.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "dns/answer.h"
#include "dns/fast_path.h"
#include "dns/name.h"
#include "dns/question.h"
#include "dns/wire.h"
#include "tests/dns/asked.h"
#include "tests/dns/message_text.h"
#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::dns {
namespace {

const std::vector<uint8_t>& Query() {
  static const std::vector<uint8_t> kQuery =
      EncodeQuery({.name = "svc-0000.service.consul.", .type = "SRV"});
  return kQuery;
}

Question Parsed() {
  Question question;
  ParseQuestion(Query(), &question);
  return question;
}

// Five instances of the service that is asked for, among a thousand services.
std::shared_ptr<const catalog::Snapshot> Snapshot() {
  catalog::PlainCatalog catalog;
  for (int service = 0; service < 1000; ++service) {
    const std::string digits = std::to_string(10000 + service).substr(1);
    for (int i = 0; i < 5; ++i) {
      catalog.Do(catalog::RegisterService("n-" + digits + std::to_string(i), "svc-" + digits));
    }
  }
  return catalog.snapshot();
}

void BM_ParseQuestion(benchmark::State& state) {
  Question question;
  for (auto _ : state) benchmark::DoNotOptimize(ParseQuestion(Query(), &question));
}
BENCHMARK(BM_ParseQuestion);

void BM_InterpretName(benchmark::State& state) {
  const Question question = Parsed();
  const auto zone = TestZone();
  for (auto _ : state) {
    const DottedLabels labels(question.name);
    benchmark::DoNotOptimize(InterpretName(question.name, labels, question.type, *zone));
  }
}
BENCHMARK(BM_InterpretName);

void BM_AnswerSrvPrepared(benchmark::State& state) {
  const auto snapshot = Snapshot();
  const Question question = Parsed();
  const auto zone = TestZone();
  Random random(1);
  FastPath fast_path(&random);
  const AnswerSource source{*zone, *snapshot, random};
  std::vector<uint8_t> out(kMinUdpPayload);
  const ReplySettings settings{out.size(), kMinUdpPayload};
  if (!fast_path.Answer(source, question, settings, out)) return state.SkipWithError("not fast");
  for (auto _ : state) {
    benchmark::DoNotOptimize(fast_path.Answer(source, question, settings, out));
  }
}
BENCHMARK(BM_AnswerSrvPrepared);

void BM_AnswerSrvThroughLdns(benchmark::State& state) {
  const auto snapshot = Snapshot();
  const Question question = Parsed();
  const auto zone = TestZone();
  Random random(1);
  const AnswerSource source{*zone, *snapshot, random};
  const ReplySettings settings{kMinUdpPayload, kMinUdpPayload};
  for (auto _ : state) {
    const Answer answer = AnswerQuestion(source, question, MaxRecords(settings.size));
    benchmark::DoNotOptimize(EncodeMessage(question, answer, settings));
  }
}
BENCHMARK(BM_AnswerSrvThroughLdns);

}  // namespace
}  // namespace rollcall::dns

BENCHMARK_MAIN();
