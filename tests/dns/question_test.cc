#include "dns/question.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dns/constants.h"
#include "tests/dns/message_text.h"

namespace rollcall::dns {
namespace {

using Octets = std::vector<uint8_t>;

Octets Valid() { return EncodeQuery({.name = "Web.service.consul.", .type = "SRV"}); }

Octets ValidWithEdns() {
  return EncodeQuery({.name = "web.service.consul.", .type = "A", .edns = 1232, .dnssec_ok = true});
}

QuestionOutcome Parse(const Octets& octets) {
  Question question;
  return ParseQuestion(octets, &question);
}

void Set16(Octets* octets, size_t at, uint16_t value) {
  (*octets)[at] = static_cast<uint8_t>(value >> 8);
  (*octets)[at + 1] = static_cast<uint8_t>(value & 0xff);
}

void Append(Octets* octets, const Octets& more) {
  octets->insert(octets->end(), more.begin(), more.end());
}

constexpr size_t kFlagsAt = 2;
constexpr size_t kQdcountAt = 4;
constexpr size_t kAncountAt = 6;
constexpr size_t kArcountAt = 10;
constexpr size_t kNameAt = 12;
// Root owner, type OPT, payload 1232, no extended rcode, version 0, no flags, no options.
const Octets kOpt = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0};

TEST(QuestionTest, KeepsWhatWasAsked) {
  Question question;
  ASSERT_EQ(ParseQuestion(Valid(), &question), QuestionOutcome::kOk);
  EXPECT_EQ(question.id, 4711);
  EXPECT_EQ(question.opcode, kOpcodeQuery);
  EXPECT_TRUE(question.recursion_desired);
  EXPECT_TRUE(question.has_question);
  EXPECT_EQ(question.name.ToText(), "Web.service.consul.");
  EXPECT_EQ(question.type, type::kSrv);
  EXPECT_EQ(question.klass, kClassIn);
  EXPECT_FALSE(question.edns);
}

TEST(QuestionTest, ReadsEdns) {
  Question question;
  ASSERT_EQ(ParseQuestion(ValidWithEdns(), &question), QuestionOutcome::kOk);
  ASSERT_TRUE(question.edns);
  EXPECT_EQ(question.edns->udp_payload, 1232);
  EXPECT_EQ(question.edns->version, 0);
  EXPECT_TRUE(question.edns->dnssec_ok);
}

TEST(QuestionTest, EveryShorterMessageIsDroppedOrMalformed) {
  const Octets whole = ValidWithEdns();
  for (size_t size = 0; size < whole.size(); ++size) {
    const Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(Parse(part), size < kHeaderSize ? QuestionOutcome::kDrop : QuestionOutcome::kFormErr)
        << size;
  }
}

TEST(QuestionTest, ResponsesAreDropped) {
  Octets octets = Valid();
  octets[kFlagsAt] |= 0x80;
  EXPECT_EQ(Parse(octets), QuestionOutcome::kDrop);
}

TEST(QuestionTest, OtherOpcodesAreNotImplemented) {
  for (uint8_t opcode = 1; opcode < 16; ++opcode) {
    Octets octets = Valid();
    octets[kFlagsAt] = static_cast<uint8_t>(opcode << 3);
    Question question;
    EXPECT_EQ(ParseQuestion(octets, &question), QuestionOutcome::kNotImp);
    EXPECT_EQ(question.opcode, opcode);
    EXPECT_FALSE(question.has_question);
  }
}

TEST(QuestionTest, ThereIsExactlyOneQuestion) {
  for (const uint16_t count : std::vector<uint16_t>{0, 2, 65535}) {
    Octets octets = Valid();
    Set16(&octets, kQdcountAt, count);
    EXPECT_EQ(Parse(octets), QuestionOutcome::kFormErr) << count;
  }
}

TEST(QuestionTest, CompressedQuestionsAreRefused) {
  Octets octets = Valid();
  Set16(&octets, kNameAt, 0xc00c);  // a pointer to itself
  EXPECT_EQ(Parse(octets), QuestionOutcome::kFormErr);
  octets = Valid();
  octets[kNameAt] = 0x43;  // a label type of the past
  EXPECT_EQ(Parse(octets), QuestionOutcome::kFormErr);
}

// A header, a name of `labels` one-letter labels, type and class.
Octets WithLabels(size_t labels) {
  Octets octets = {0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  for (size_t i = 0; i < labels; ++i) Append(&octets, {1, 'a'});
  Append(&octets, {0, 0, 1, 0, 1});
  return octets;
}

TEST(QuestionTest, NamesHaveAtMost255Octets) {
  EXPECT_EQ(Parse(WithLabels(127)), QuestionOutcome::kOk);
  EXPECT_EQ(Parse(WithLabels(128)), QuestionOutcome::kFormErr);
  Question question;
  ASSERT_EQ(ParseQuestion(WithLabels(0), &question), QuestionOutcome::kOk);
  EXPECT_TRUE(question.name.is_root());
}

TEST(QuestionTest, OtherRecordsAreSteppedOver) {
  Octets octets = Valid();
  Set16(&octets, kAncountAt, 1);
  Append(&octets, {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4});
  Set16(&octets, kArcountAt, 1);
  Append(&octets, kOpt);
  Question question;
  EXPECT_EQ(ParseQuestion(octets, &question), QuestionOutcome::kOk);
  EXPECT_TRUE(question.edns);
}

TEST(QuestionTest, RecordsBeyondTheEndAreMalformed) {
  Octets octets = Valid();
  Set16(&octets, kArcountAt, 1);
  EXPECT_EQ(Parse(octets), QuestionOutcome::kFormErr);
  Append(&octets, kOpt);
  octets.back() = 1;  // rdata of one octet that is not there
  EXPECT_EQ(Parse(octets), QuestionOutcome::kFormErr);
}

TEST(QuestionTest, ThereIsAtMostOneOptAndTheRootOwnsIt) {
  Octets twice = Valid();
  Set16(&twice, kArcountAt, 2);
  Append(&twice, kOpt);
  Append(&twice, kOpt);
  EXPECT_EQ(Parse(twice), QuestionOutcome::kFormErr);
  Octets owned = Valid();
  Set16(&owned, kArcountAt, 1);
  Append(&owned, {1, 'a'});
  Append(&owned, kOpt);
  EXPECT_EQ(Parse(owned), QuestionOutcome::kFormErr);
}

TEST(QuestionTest, OtherVersionsOfEdnsAreBad) {
  Octets octets = Valid();
  Set16(&octets, kArcountAt, 1);
  Append(&octets, kOpt);
  octets[octets.size() - 5] = 1;
  EXPECT_EQ(Parse(octets), QuestionOutcome::kBadVers);
}

TEST(QuestionTest, OctetsBehindTheMessageAreMalformed) {
  Octets octets = Valid();
  octets.push_back(0);
  EXPECT_EQ(Parse(octets), QuestionOutcome::kFormErr);
}

}  // namespace
}  // namespace rollcall::dns
