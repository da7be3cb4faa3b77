#include "registry/store/etcd/entry_assembler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/store/etcd/head_token.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using More = EntryAssembler::More;

constexpr uint64_t kRun = 0xabc;
constexpr char kUuid[] = "12345678-1234-4234-a234-123456789012";

WatchedChange Put(uint64_t revision, const std::string& key, const std::string& value) {
  return {"p/" + key, value, revision};
}
WatchedChange Removed(uint64_t revision, const std::string& key) {
  return {"p/" + key, std::nullopt, revision};
}

// "7! #3 a=1 b-": entry 7, which moved the head, by our proposal 3; a put, b removed.
std::vector<std::string> Texts(const Result<std::vector<AssembledEntry>>& entries) {
  if (!entries) return {"error: " + entries.error().message};
  std::vector<std::string> texts;
  for (const auto& [entry, token, format] : *entries) {
    std::string text = std::to_string(entry.index.value()) + (entry.moved_head ? "!" : "");
    if (format) text += " format " + std::to_string(format->number);
    if (entry.proposal != 0) text += " #" + std::to_string(entry.proposal);
    for (const KeyChange& each : entry.changes) {
      text += " " + each.key + (each.value ? "=" + *each.value : "-");
    }
    texts.push_back(text);
  }
  return texts;
}

EntryAssembler After(uint64_t revision) {
  return EntryAssembler(EtcdKeys("p/"), kRun, Index(revision), kUuid);
}

TEST(EntryAssemblerTest, MakesAnEntryOfEachRevision) {
  EntryAssembler assembler = After(6);
  EXPECT_THAT(
      Texts(assembler.Add({Put(7, "a", "1"), Removed(7, "b"), Put(9, "a", "2")}, More::kNo)),
      ElementsAre("7 a=1 b-", "9 a=2"));
  EXPECT_THAT(Texts(assembler.Add({Put(10, "c", "")}, More::kNo)), ElementsAre("10 c="));
}

TEST(EntryAssemblerTest, KnowsItsOwnProposalsByTheHead) {
  EntryAssembler assembler = After(1);
  const auto entries = assembler.Add(
      {Put(2, "a", "1"), Put(2, "head", HeadToken{kRun, 3}.Text()),
       Put(3, "head", HeadToken{kRun + 1, 4}.Text()), Put(4, "head", "another program's")},
      More::kNo);
  EXPECT_THAT(Texts(entries), ElementsAre("2! #3 a=1", "3!", "4!"));
  EXPECT_EQ(entries->at(0).token, (HeadToken{kRun, 3}.Text()));
  EXPECT_EQ(entries->at(2).token, "another program's");
}

TEST(EntryAssemblerTest, WaitsForTheRestOfAnAnswerInPieces) {
  EntryAssembler assembler = After(1);
  EXPECT_THAT(Texts(assembler.Add({Put(2, "a", "1"), Put(3, "a", "2")}, More::kYes)),
              ElementsAre("2 a=1"));
  EXPECT_THAT(Texts(assembler.Add({Put(3, "b", "2")}, More::kYes)), ElementsAre());
  EXPECT_THAT(Texts(assembler.Add({}, More::kYes)), ElementsAre());
  EXPECT_THAT(Texts(assembler.Add({Put(3, "c", "2"), Put(4, "d", "1")}, More::kNo)),
              ElementsAre("3 a=2 b=2 c=2", "4 d=1"));
}

TEST(EntryAssemblerTest, RefusesAStepBack) {
  EXPECT_THAT(Texts(After(5).Add({Put(5, "a", "1")}, More::kNo)),
              ElementsAre(HasSubstr("revision 5 after revision 5")));
  EXPECT_THAT(Texts(After(5).Add({Put(7, "a", "1"), Put(6, "a", "1")}, More::kNo)),
              ElementsAre(HasSubstr("revision 6 after revision 7")));
  EntryAssembler assembler = After(5);
  EXPECT_THAT(Texts(assembler.Add({Put(7, "a", "1")}, More::kNo)), ElementsAre("7 a=1"));
  EXPECT_THAT(Texts(assembler.Add({Put(7, "b", "1")}, More::kNo)), ElementsAre(HasSubstr("error")));
}

TEST(EntryAssemblerTest, RefusesWhatNoServerDoes) {
  EXPECT_THAT(Texts(After(1).Add({Removed(2, "head")}, More::kNo)),
              ElementsAre(HasSubstr("removed \"p/head\"")));
  EXPECT_THAT(Texts(After(1).Add({Removed(2, "format")}, More::kNo)),
              ElementsAre(HasSubstr("removed \"p/format\"")));
  EXPECT_THAT(Texts(After(1).Add({Put(2, "format", "1 x")}, More::kNo)),
              ElementsAre(HasSubstr("\"1 x\"")));
  EXPECT_THAT(
      Texts(After(1).Add({Put(2, "format", LogFormat{std::string(36, 'a')}.Text())}, More::kNo)),
      ElementsAre(HasSubstr("not rollcall's")));
  const std::string another = "12345678-1234-4234-a234-12345678901f";
  EXPECT_THAT(Texts(After(1).Add({Put(2, "format", "1 " + another)}, More::kNo)),
              ElementsAre(HasSubstr("somebody else has written to \"p/format\"")));
  EXPECT_THAT(Texts(After(1).Add({{"q/a", "1", 2}}, More::kNo)),
              ElementsAre(HasSubstr("not asked for")));
}

TEST(EntryAssemblerTest, TellsOfAnotherFormatOfTheSameLog) {
  const std::string uuid = kUuid;
  EXPECT_THAT(Texts(After(1).Add({Put(2, "format", "2 " + uuid), Put(2, "a", "1"),
                                  Put(2, "head", HeadToken{kRun, 3}.Text()), Put(3, "a", "2")},
                                 More::kNo)),
              ElementsAre("2! format 2 #3 a=1", "3 a=2"));
  const auto newer = After(1).Add({Put(2, "a", "1"), Put(2, "format", "3 " + uuid)}, More::kNo);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(newer.error().message, HasSubstr("upgrade this server"));
}

TEST(EtcdKeysTest, EndOfPrefixIsBehindAllThatBeginsWithIt) {
  EXPECT_EQ(EndOfPrefix("rollcall/"), "rollcall0");
  EXPECT_EQ(EndOfPrefix("a\xff\xff"), "b");
  EXPECT_EQ(EndOfPrefix("\xff"), std::string(1, '\0'));
}

}  // namespace
}  // namespace rollcall::store
