// What becomes of messages on their way through a forwarder, without sockets.
#include "dns/forwarded_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/dns/fake_recursor.h"
#include "tests/dns/message_text.h"

namespace rollcall::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint16_t kId = 0x1234;
constexpr uint16_t kOurPayload = 1400;
// EDNS options as octets.
const Octets kCookie = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
const Octets kStale = {0, 15, 0, 2, 0, 3};                    // extended error 3
const Octets kBlocked = {0, 15, 0, 5, 0, 15, 'a', 'd', 's'};  // 15, "ads"
const Octets kClientSubnetOption = {0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2};

Octets Joined(const std::vector<Octets>& parts) {
  Octets all;
  for (const Octets& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// A client's query on its way up.
struct Asked {
  explicit Asked(const QueryText& text) : Asked(EncodeQuery(text)) {}
  explicit Asked(Octets octets) : query(std::move(octets)) {
    EXPECT_EQ(ParseQuestion(query, &question), QuestionOutcome::kOk);
    upstream = MakeUpstreamQuery(query, question, kId);
  }

  // What the client gets of an answer with these parts.
  Octets Answer(const AnswerParts& parts) const {
    const Octets answer = MakeAnswer(upstream, parts);
    EXPECT_EQ(KindOfAnswer(answer, upstream), AnswerKind::kWhole);
    return MakeClientAnswer(answer, question, kOurPayload);
  }
  AnswerKind KindOf(const AnswerParts& parts) const {
    return KindOfAnswer(MakeAnswer(upstream, parts), upstream);
  }

  Octets query;
  Question question;
  Octets upstream;
};

QueryText Plain() { return {.name = "wWw.Example.ORG.", .type = "A", .id = 7}; }

QueryText WithEdns(bool dnssec_ok = false, const std::string& options = "") {
  QueryText query = Plain();
  query.edns = 4096;
  query.dnssec_ok = dnssec_ok;
  query.options = options;
  return query;
}

TEST(UpstreamQueryTest, AsksTheQuestionInItsCase) {
  const MessageText sent = DecodeMessage(Asked(Plain()).upstream);
  EXPECT_EQ(sent.id, kId);
  EXPECT_EQ(sent.flags, "rd");
  EXPECT_THAT(sent.question, ElementsAre("wWw.Example.ORG. IN A"));
  EXPECT_EQ(sent.edns, std::nullopt);
}

TEST(UpstreamQueryTest, KeepsTheBitsThatAreForTheRecursor) {
  struct Case {
    uint16_t flags;
    std::string sent;
  };
  const Case cases[] = {
      {0x0000, ""},   {0x0100, "rd"},       {0x0020, "ad"},
      {0x0010, "cd"}, {0x0130, "rd ad cd"}, {0x0040, ""},  // Z
      {0x0480, ""},   {0x0300, "rd"},                      // AA, RA and TC mean nothing
  };
  for (const Case& c : cases) {
    Octets query = EncodeQuery(Plain());
    query[2] = static_cast<uint8_t>(c.flags >> 8);
    query[3] = static_cast<uint8_t>(c.flags & 0xff);
    const Asked asked(query);
    EXPECT_EQ(DecodeMessage(asked.upstream).flags, c.sent) << c.flags;
    EXPECT_EQ(asked.upstream[3] & 0x40, 0);
  }
}

TEST(UpstreamQueryTest, HasAnOptRecordOfOursWhereTheClientHasOne) {
  for (const bool dnssec_ok : {false, true}) {
    const MessageText sent = DecodeMessage(
        Asked(WithEdns(dnssec_ok, "000a000801020304050607080008000700011800c00002")).upstream);
    EXPECT_EQ(sent.edns, 1232);
    EXPECT_EQ(sent.dnssec_ok, dnssec_ok);
    EXPECT_EQ(sent.options, "");
  }
}

TEST(UpstreamQueryTest, LeavesOutOtherRecordsOfTheQuery) {
  Octets query =
      MakeAnswer(EncodeQuery(Plain()), {.flags = 0x0100,
                                        .answer = {AddressRecord(1)},
                                        .additional = {OptRecord({}), AddressRecord(2)}});
  const MessageText sent = DecodeMessage(Asked(query).upstream);
  EXPECT_THAT(sent.answer, IsEmpty());
  EXPECT_THAT(sent.additional, IsEmpty());
  EXPECT_EQ(sent.edns, 1232);
}

TEST(KindOfAnswerTest, OfAnythingElseThanTheQuestionThereIsNone) {
  const Asked asked(Plain());
  const Octets answer = MakeAnswer(asked.upstream, {.answer = {AddressRecord(1)}});
  ASSERT_EQ(KindOfAnswer(answer, asked.upstream), AnswerKind::kWhole);
  struct Case {
    std::string what;
    size_t at;
    uint8_t flipped;
  };
  const size_t end = asked.upstream.size();
  const Case cases[] = {
      {"ID", 0, 1},
      {"ID", 1, 1},
      {"QR", 2, 0x80},
      {"opcode", 2, 0x08},
      {"QDCOUNT", 5, 1},
      {"case", 13, 0x20},
      {"name", 14, 1},
      {"label", 12, 1},
      {"class", end - 1, 2},
      {"type", end - 3, 1},
      {"too many records", 7, 2},
  };
  for (const Case& c : cases) {
    Octets other = answer;
    other[c.at] ^= c.flipped;
    EXPECT_EQ(KindOfAnswer(other, asked.upstream), AnswerKind::kNone) << c.what;
  }
}

TEST(KindOfAnswerTest, ThereIsNoneInAPart) {
  const Asked asked(WithEdns());
  const Octets answer = MakeAnswer(
      asked.upstream, {.answer = {AddressRecord(1), TextRecord(20)},
                       .authority = {AddressRecord(2)},
                       .additional = {AddressRecord(3), OptRecord({.options = kBlocked})}});
  ASSERT_EQ(KindOfAnswer(answer, asked.upstream), AnswerKind::kWhole);
  for (size_t size = 0; size < answer.size(); ++size) {
    // A copy of its own size, so that AddressSanitizer sees each octet read beyond it.
    const Octets part(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(KindOfAnswer(part, asked.upstream), AnswerKind::kNone) << size;
  }
}

TEST(KindOfAnswerTest, TruncatedOnesMayBeCutAnywhereBehindTheQuestion) {
  const Asked asked(WithEdns());
  const Octets answer =
      MakeAnswer(asked.upstream,
                 {.flags = 0x8380, .answer = {AddressRecord(1)}, .additional = {OptRecord({})}});
  const size_t question_end = asked.upstream.size() - OptRecord({}).size();
  for (size_t size = 0; size <= answer.size(); ++size) {
    const Octets part(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
    const AnswerKind kind = KindOfAnswer(part, asked.upstream);
    ASSERT_EQ(kind, size < question_end ? AnswerKind::kNone : AnswerKind::kTruncated) << size;
    if (kind == AnswerKind::kNone) continue;
    const MessageText got = DecodeMessage(MakeClientAnswer(part, asked.question, kOurPayload));
    EXPECT_EQ(got.flags, "qr tc rd ra");
    EXPECT_EQ(got.answer.size(), size == answer.size() ? 1u : 0u);
    EXPECT_EQ(got.edns, kOurPayload);
  }
}

TEST(KindOfAnswerTest, OptRecordsStandAloneAndLast) {
  const Asked asked(WithEdns());
  EXPECT_EQ(asked.KindOf({.additional = {OptRecord({})}}), AnswerKind::kWhole);
  EXPECT_EQ(asked.KindOf({.additional = {OptRecord({}), OptRecord({})}}), AnswerKind::kNone);
  EXPECT_EQ(asked.KindOf({.answer = {OptRecord({})}}), AnswerKind::kNone);
  EXPECT_EQ(asked.KindOf({.authority = {OptRecord({})}}), AnswerKind::kNone);
  Octets owned = OptRecord({});
  owned[0] = 0xc0;
  owned.insert(owned.begin() + 1, 12);
  EXPECT_EQ(asked.KindOf({.additional = {owned}}), AnswerKind::kNone);
  EXPECT_EQ(asked.KindOf({.additional = {OptRecord({.options = {0, 15, 0}})}}), AnswerKind::kNone);
  EXPECT_EQ(asked.KindOf({.additional = {OptRecord({.options = {0, 15, 0, 3, 0, 3}})}}),
            AnswerKind::kNone);
}

TEST(KindOfAnswerTest, AnRcodeThatTheClientCannotBeToldMakesNone) {
  const AnswerParts bad_version = {.additional = {OptRecord({.extended_rcode = 1})}};
  EXPECT_EQ(Asked(Plain()).KindOf(bad_version), AnswerKind::kNone);
  EXPECT_EQ(Asked(WithEdns()).KindOf(bad_version), AnswerKind::kWhole);
}

TEST(ServersFailureTest, IsWhatAnotherServerMayKnowBetter) {
  const Asked asked(WithEdns());
  const auto fails = [&](int rcode) {
    return IsServersFailure(MakeAnswer(
        asked.upstream,
        {.flags = static_cast<uint16_t>(0x8180 | (rcode & 0xf)),
         .additional = {OptRecord({.extended_rcode = static_cast<uint8_t>(rcode >> 4)})}}));
  };
  for (const int rcode : {1, 2, 4, 5, 16}) EXPECT_TRUE(fails(rcode)) << rcode;
  for (const int rcode : {0, 3, 6, 18}) EXPECT_FALSE(fails(rcode)) << rcode;
}

TEST(ClientAnswerTest, HasTheClientsIdAndTheUpstreamsRecords) {
  const MessageText got =
      DecodeMessage(Asked(Plain()).Answer({.flags = 0x8520,  // qr aa rd ad, and no ra
                                           .answer = {AddressRecord(1), AddressRecord(2)},
                                           .authority = {AddressRecord(3)},
                                           .additional = {AddressRecord(4)}}));
  EXPECT_EQ(got.id, 7);
  EXPECT_EQ(got.flags, "qr aa rd ra ad");
  EXPECT_EQ(got.rcode, "NOERROR");
  EXPECT_THAT(got.question, ElementsAre("wWw.Example.ORG. IN A"));
  EXPECT_THAT(got.answer,
              ElementsAre("wWw.Example.ORG. 300 A 192.0.2.1", "wWw.Example.ORG. 300 A 192.0.2.2"));
  EXPECT_THAT(got.authority, ElementsAre("wWw.Example.ORG. 300 A 192.0.2.3"));
  EXPECT_THAT(got.additional, ElementsAre("wWw.Example.ORG. 300 A 192.0.2.4"));
  EXPECT_EQ(got.edns, std::nullopt);
}

TEST(ClientAnswerTest, HasAnOptRecordWhereTheClientHasOne) {
  for (const bool client_edns : {false, true}) {
    for (const bool upstream_edns : {false, true}) {
      AnswerParts parts{.answer = {AddressRecord(1)}};
      if (upstream_edns) parts.additional = {OptRecord({.dnssec_ok = true})};
      const MessageText got =
          DecodeMessage(Asked(client_edns ? WithEdns() : Plain()).Answer(parts));
      EXPECT_EQ(got.edns, client_edns ? std::optional<uint16_t>(kOurPayload) : std::nullopt);
      EXPECT_FALSE(got.dnssec_ok);  // the client's, not the upstream's
      EXPECT_EQ(got.answer.size(), 1u);
      EXPECT_THAT(got.additional, IsEmpty());
    }
  }
}

TEST(ClientAnswerTest, CopiesTheDoBitOfTheQuestion) {
  EXPECT_TRUE(DecodeMessage(Asked(WithEdns(true)).Answer({})).dnssec_ok);
  EXPECT_TRUE(
      DecodeMessage(Asked(WithEdns(true)).Answer({.additional = {OptRecord({})}})).dnssec_ok);
}

TEST(ClientAnswerTest, KeepsExtendedErrorsAndNoOtherOption) {
  struct Case {
    Octets options;
    std::string kept;
  };
  const Case cases[] = {
      {kCookie, ""},
      {kClientSubnetOption, ""},
      {kStale, "000f00020003"},
      {Joined({kCookie, kBlocked, kClientSubnetOption, kStale}), "000f0005000f616473000f00020003"},
      {{0, 15, 0, 1, 9}, ""},  // has no number
  };
  for (const Case& c : cases) {
    const MessageText got = DecodeMessage(
        Asked(WithEdns()).Answer({.additional = {OptRecord({.options = c.options})}}));
    EXPECT_EQ(got.options, c.kept);
  }
  // Options of another version may mean anything.
  const MessageText other = DecodeMessage(
      Asked(WithEdns()).Answer({.additional = {OptRecord({.version = 1, .options = {0, 15, 0}})}}));
  EXPECT_EQ(other.options, "");
}

TEST(ClientAnswerTest, KeepsTheExtendedRcode) {
  const MessageText got = DecodeMessage(
      Asked(WithEdns())
          .Answer({.flags = 0x8187, .additional = {OptRecord({.extended_rcode = 1})}}));
  EXPECT_EQ(got.extended_rcode, 0x17);  // BADCOOKIE
}

TEST(ClientAnswerTest, LeavesOutWhatIsBehindTheOptRecord) {
  const AnswerParts parts{.additional = {AddressRecord(1), OptRecord({}), AddressRecord(2)}};
  for (const QueryText& query : {Plain(), WithEdns()}) {
    const MessageText got = DecodeMessage(Asked(query).Answer(parts));
    EXPECT_THAT(got.additional, ElementsAre("wWw.Example.ORG. 300 A 192.0.2.1"));
  }
}

TEST(ClientAnswerTest, LeavesOutOctetsBehindTheLastRecord) {
  const Asked asked(WithEdns());
  Octets answer = MakeAnswer(asked.upstream, {.answer = {AddressRecord(1)}});
  answer.push_back(9);
  ASSERT_EQ(KindOfAnswer(answer, asked.upstream), AnswerKind::kWhole);
  const MessageText got = DecodeMessage(MakeClientAnswer(answer, asked.question, kOurPayload));
  EXPECT_EQ(got.answer.size(), 1u);
  EXPECT_EQ(got.edns, kOurPayload);
}

TEST(ClientAnswerTest, IsNeverLongerThanAMessageMayBe) {
  const Asked asked(WithEdns());
  Octets answer = MakeAnswer(asked.upstream, {});
  size_t records = 0;
  for (; answer.size() + TextRecord(250).size() <= 65535; ++records) {
    answer = Joined({answer, TextRecord(250)});
  }
  ++records;
  answer = Joined({answer, TextRecord(65535 - answer.size() - TextRecord(0).size())});
  answer[6] = static_cast<uint8_t>(records >> 8);
  answer[7] = static_cast<uint8_t>(records & 0xff);
  ASSERT_EQ(answer.size(), 65535u);
  ASSERT_EQ(KindOfAnswer(answer, asked.upstream), AnswerKind::kWhole);
  // There is no room for the OPT record.
  const MessageText got = DecodeMessage(MakeClientAnswer(answer, asked.question, kOurPayload));
  EXPECT_EQ(got.flags, "qr tc rd ra");
  EXPECT_EQ(got.edns, kOurPayload);
}

TEST(TruncateForwardedTest, CutsWhatIsTooLongToItsQuestion) {
  const Octets whole = Asked(Plain()).Answer({.answer = std::vector(40, AddressRecord(1))});
  EXPECT_EQ(TruncateForwarded(whole, whole.size()), whole);
  const Octets cut = TruncateForwarded(whole, whole.size() - 1);
  const MessageText got = DecodeMessage(cut);
  EXPECT_EQ(got.id, 7);
  EXPECT_EQ(got.flags, "qr tc rd ra");
  EXPECT_THAT(got.question, ElementsAre("wWw.Example.ORG. IN A"));
  EXPECT_THAT(got.answer, IsEmpty());
  EXPECT_EQ(got.edns, std::nullopt);
  EXPECT_EQ(cut.size(), whole.size() - 40 * AddressRecord(1).size());
}

TEST(TruncateForwardedTest, KeepsTheOptRecord) {
  const MessageText got = DecodeMessage(TruncateForwarded(
      Asked(WithEdns(true))
          .Answer({.answer = std::vector(40, AddressRecord(1)),
                   .additional = {AddressRecord(2), OptRecord({.options = kStale})}}),
      512));
  EXPECT_EQ(got.flags, "qr tc rd ra");
  EXPECT_THAT(got.additional, IsEmpty());
  EXPECT_EQ(got.edns, kOurPayload);
  EXPECT_TRUE(got.dnssec_ok);
  EXPECT_EQ(got.options, "000f00020003");
}

TEST(TruncateForwardedTest, DropsExtendedErrorsThatDoNotFit) {
  Octets long_error = {0, 15, 2, 0};
  long_error.resize(4 + 512, 'x');
  const MessageText got = DecodeMessage(TruncateForwarded(
      Asked(WithEdns()).Answer({.additional = {OptRecord({.options = long_error})}}), 512));
  EXPECT_EQ(got.flags, "qr tc rd ra");
  EXPECT_EQ(got.edns, kOurPayload);
  EXPECT_EQ(got.options, "");
}

// Whatever the octets are: no crash, and what counts as an answer makes one that can be read.
TEST(ClientAnswerTest, SurvivesFlippedBits) {
  std::mt19937 random(1);
  size_t answers = 0;
  for (const QueryText& query : {Plain(), WithEdns()}) {
    const Asked asked(query);
    const Octets answer = MakeAnswer(
        asked.upstream, {.answer = {AddressRecord(1), TextRecord(20)},
                         .authority = {AddressRecord(2)},
                         .additional = {AddressRecord(3), OptRecord({.options = kBlocked})}});
    for (int i = 0; i < 20'000; ++i) {
      Octets flipped = answer;
      for (size_t flips = 1 + random() % 4; flips > 0; --flips) {
        flipped[2 + random() % (flipped.size() - 2)] ^= static_cast<uint8_t>(1u << random() % 8);
      }
      if (KindOfAnswer(flipped, asked.upstream) == AnswerKind::kNone) continue;
      ++answers;
      IsServersFailure(flipped);
      const Octets got = MakeClientAnswer(flipped, asked.question, kOurPayload);
      ASSERT_EQ(got[1], 7);
      const Octets cut = TruncateForwarded(got, 512);
      ASSERT_LE(cut.size(), 512u);
    }
  }
  EXPECT_GT(answers, 1000u);
}

}  // namespace
}  // namespace rollcall::dns
