// Fuzz target: answers of a recursor, with what must hold of all that the client is given of them.
// The first octet says whether the client asked with EDNS. The answer's ID and question are made to
// be right, so that the input is free to be about its records.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "dns/constants.h"
#include "dns/forwarded_message.h"
#include "dns/message_layout.h"
#include "dns/question.h"

namespace rollcall::dns {
namespace {

// example.org A, with an OPT record behind it.
constexpr uint8_t kQuery[] = {0,   7,   1,   0,   0,   1,   0, 0,   0,   0,   0, 1, 7, 'e',
                              'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 0, 1, 0,
                              1,   0,   0,   41,  4,   208, 0, 0,   0,   0,   0, 0};
constexpr size_t kQuestionEnd = 29;

void Require(bool holds) {
  if (!holds) std::abort();
}

// Whole, with its OPT record exactly where the client has one.
void RequireWellFormed(std::span<const uint8_t> message, bool edns) {
  const auto question_end = FindQuestionEnd(message);
  Require(question_end == kQuestionEnd);
  const auto records = FindRecords(message, *question_end);
  Require(records.has_value() && records->opt.has_value() == edns);
}

void CheckAnswer(std::vector<uint8_t> answer, bool edns) {
  std::vector<uint8_t> query(kQuery, edns ? std::end(kQuery) : kQuery + kQuestionEnd);
  if (!edns) query[11] = 0;
  Question question;
  Require(ParseQuestion(query, &question) == QuestionOutcome::kOk);
  const std::vector<uint8_t> upstream = MakeUpstreamQuery(query, question, 99);

  // As it is; then, where it is long enough, as an answer to this very question.
  Require(KindOfAnswer(answer, upstream) == AnswerKind::kNone || answer.size() >= kQuestionEnd);
  if (answer.size() < kQuestionEnd) return;
  std::copy_n(upstream.begin(), 2, answer.begin());
  answer[2] = static_cast<uint8_t>((answer[2] & 0x07) | 0x80);
  std::copy_n(upstream.begin() + 4, 2, answer.begin() + 4);
  std::copy(upstream.begin() + kHeaderSize, upstream.begin() + kQuestionEnd,
            answer.begin() + kHeaderSize);
  if (KindOfAnswer(answer, upstream) == AnswerKind::kNone) return;
  IsServersFailure(answer);
  const std::vector<uint8_t> given = MakeClientAnswer(answer, question, 1232);
  Require(given.size() <= kMaxMessageSize && given[1] == 7);
  RequireWellFormed(given, edns);
  const std::vector<uint8_t> cut = TruncateForwarded(given, 512);
  Require(cut.size() <= 512);
  RequireWellFormed(cut, edns);
}

}  // namespace
}  // namespace rollcall::dns

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  rollcall::dns::CheckAnswer({data + 1, data + size}, (data[0] & 1) != 0);
  return 0;
}
