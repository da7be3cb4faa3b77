// Fuzz target: the parser of DNS questions, with what must hold of everything that it accepts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "dns/constants.h"
#include "dns/question.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using rollcall::dns::QuestionOutcome;
  rollcall::dns::Question question;
  const QuestionOutcome outcome = ParseQuestion(std::span(data, size), &question);
  Require(size >= rollcall::dns::kHeaderSize || outcome == QuestionOutcome::kDrop);
  Require(outcome != QuestionOutcome::kBadVers || question.edns.has_value());
  if (outcome != QuestionOutcome::kOk) return 0;
  Require(question.has_question);
  Require(question.opcode == rollcall::dns::kOpcodeQuery);
  const auto wire = question.name.wire();
  Require(wire.size() <= rollcall::dns::DomainName::kMaxSize && wire.back() == '\0');
  const auto again = rollcall::dns::DomainName::FromWire(wire);
  Require(again.has_value() && again->wire() == wire);
  const rollcall::dns::DottedLabels labels(question.name);
  Require(labels.Join(0, labels.size()).size() == (labels.size() == 0 ? 0 : wire.size() - 2));
  Require(!question.name.ToText().empty());
  return 0;
}
