#include "registry/store/record_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "registry/base/ascii.h"
#include "registry/model/value_pool.h"
#include "registry/store/bytes.h"
#include "registry/store/record_chunk.h"
#include "registry/store/sharing.h"
#include "tests/registry/store/random_records.h"

namespace rollcall::store {
namespace {

using std::string_literals::operator""s;  // NOLINT(misc-unused-using-decls): "..."s
using ::testing::HasSubstr;

TEST(RecordKeyTest, BytesAreThoseOfTheGrammar) {
  EXPECT_EQ(NodeKey("Web-1"), "web-1");
  EXPECT_EQ(InstanceKey("Web-1", "API"),
            "web-1\x00\x01"
            "api"s);
  EXPECT_EQ(CheckKey("a\0b"s, "c\0d"s),
            "a\x00\xff"
            "b\x00\x01"
            "c\x00"
            "d"s);
  EXPECT_EQ(CheckKey("", ""), "\x00\x01"s);
}

TEST(RecordKeyTest, OrderIsThatOfTheIdentities) {
  RandomRecords random(1);
  // Few different bytes, those that the escape is made of among them, so that prefixes are common.
  const std::string alphabet = "\x00\x01\xff"s + "aAbB";
  const auto name = [&] {
    std::string text(static_cast<size_t>(random.Number(0, 4)), '\0');
    for (char& c : text) {
      c = alphabet[static_cast<size_t>(
          random.Number(0, static_cast<int64_t>(alphabet.size()) - 1))];
    }
    return text;
  };
  for (int i = 0; i < 200'000; ++i) {
    const std::string node1 = name(), id1 = name(), node2 = name(), id2 = name();
    const auto identity1 = std::tuple(AsciiLower(node1), AsciiLower(id1));
    const auto identity2 = std::tuple(AsciiLower(node2), AsciiLower(id2));
    const std::string key1 = InstanceKey(node1, id1);
    const std::string key2 = InstanceKey(node2, id2);
    ASSERT_EQ(identity1 < identity2, key1 < key2) << PrintableKey(key1) << PrintableKey(key2);
    ASSERT_EQ(identity1 == identity2, key1 == key2) << PrintableKey(key1) << PrintableKey(key2);
  }
}

TEST(RecordKeyTest, PrintsForAPerson) {
  EXPECT_EQ(PrintableKey(NodeKey("web-1")), R"("web-1")");
  EXPECT_EQ(PrintableKey(InstanceKey("web 1", "a\"b")), R"("web 1" "a\x22b")");
  EXPECT_EQ(PrintableKey(CheckKey("a\0b"s, "\n")), R"("a\x00b" "\x0a")");
}

// Data on disks is in this form: a change of these bytes needs a new version.
TEST(RecordCodecTest, NodeHasItsGoldenBytes) {
  const model::Node node{.id = "u",
                         .name = "N1",
                         .address = "10.0.0.1",
                         .tagged_addresses = {{"lan", "a"}},
                         .meta = {{"k", "v"}, {"l", ""}},
                         .create_index = Index(1),
                         .modify_index = Index(300)};
  EXPECT_EQ(EncodeNode(node),
            "\x01"
            "\x03\x01u"
            "\x05\x02N1"
            "\x07\x08"
            "10.0.0.1"
            "\x09\x06\x03lan\x01"
            "a"
            "\x0b\x04\x01k\x01v"
            "\x0b\x03\x01l\x00"
            "\x0c\x01"
            "\x0e\xac\x02"s);
}

TEST(RecordCodecTest, InstanceHasItsGoldenBytes) {
  const model::Instance instance{.node = "n",
                                 .id = "i",
                                 .service = "s",
                                 .kind = "k",
                                 .tags = {"a", ""},
                                 .address = "h",
                                 .socket_path = "p",
                                 .tagged_addresses = {{"w", {"x", 443}}},
                                 .meta = {{"m", "v"}},
                                 .port = 80,
                                 .weights = {10, 0},
                                 .enable_tag_override = true,
                                 .create_index = Index(5),
                                 .modify_index = Index(6)};
  EXPECT_EQ(EncodeInstance(instance),
            "\x01"
            "\x03\x01n"
            "\x05\x01i"
            "\x07\x01s"
            "\x09\x01k"
            "\x0b\x01"
            "a"
            "\x0b\x00"
            "\x0d\x01h"
            "\x0e\xa0\x01"
            "\x11\x01p"
            "\x13\x06\x01w\x01x\xf6\x06"
            "\x15\x04\x01m\x01v"
            "\x16\x14"
            "\x18\x00"
            "\x1a\x01"
            "\x1c\x05"
            "\x1e\x06"s);
}

TEST(RecordCodecTest, CheckHasItsGoldenBytes) {
  model::CheckDefinition definition{
      .http = "u",
      .header = {{"h", {"1", "2"}}},
      .method = "GET",
      .body = "b",
      .tls_skip_verify = true,
      .tcp = "t",
      .interval = std::chrono::nanoseconds(1),
      .timeout = std::chrono::nanoseconds(-1),
      .ttl = std::chrono::nanoseconds(64),
      .deregister_critical_service_after = std::chrono::nanoseconds(2)};
  const model::Check check{.node = "n",
                           .check_id = "c",
                           .name = "x",
                           .notes = "y",
                           .output = "o",
                           .service_id = "i",
                           .service_name = "s",
                           .service_tags = {"t"},
                           .type = "http",
                           .definition = model::CheckDefinition(),
                           .upkeep = definition,
                           .status = model::CheckStatus::kWarning,
                           .create_index = Index(1),
                           .modify_index = Index(2)};
  EXPECT_EQ(EncodeCheck(check),
            "\x01"
            "\x03\x01n"
            "\x05\x01"
            "c"
            "\x07\x01x"
            "\x08\x01"
            "\x0b\x01y"
            "\x0d\x01o"
            "\x0f\x01i"
            "\x11\x01s"
            "\x13\x01t"
            "\x15\x04http"
            "\x17\x00"
            "\x19\x21"
            "\x03\x01u"
            "\x05\x06\x01h\x01"
            "1\x01"
            "2"
            "\x07\x03GET"
            "\x09\x01"
            "b"
            "\x0a\x01"
            "\x0d\x01t"
            "\x0e\x02"
            "\x10\x01"
            "\x12\x80\x01"
            "\x14\x04"
            "\x1a\x01"
            "\x1c\x02"s);
}

TEST(RecordCodecTest, ObjectOfAccessControlHasItsGoldenBytes) {
  model::AclObject object;
  object.kind = model::AclKind::kBindingRule;
  object.id = "Ab";
  object.content = "{}";
  object.create_index = Index(1);
  object.modify_index = Index(2);
  EXPECT_EQ(EncodeAcl(object),
            "\x01\x03\x0c"
            "binding-rule\x05\x02"
            "Ab\x07\x02{}\x08\x01\x0a\x02"s);
  EXPECT_EQ(KeyOf(object),
            "\x00\x01"
            "binding-rule/ab"s);
}

TEST(RecordCodecTest, ObjectOfAccessControlComesBackAndIsWhatItsKeySays) {
  model::ValuePool pool;
  Sharing sharing(&pool);
  RandomRecords random(5);
  for (int i = 0; i < 300; ++i) {
    const model::AclObject object = random.Acl();
    const auto decoded = DecodeAcl(KeyOf(object), EncodeAcl(object), sharing);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_TRUE(Same(*decoded, object));
  }
  model::AclObject token;
  token.id = "t";
  const auto other = DecodeAcl(AclKey(model::AclKind::kRole, "t"), EncodeAcl(token), sharing);
  ASSERT_FALSE(other);
  EXPECT_EQ(
      other.error().message,
      R"(the record of access control "" "role/t" is damaged: it says that it is "" "token/t")");
  EXPECT_FALSE(DecodeAcl("\x00\x01intention/t"s, "\x01\x03\x09intention\x05\x01t"s, sharing));
}

TEST(RecordCodecTest, CoordinateHasItsGoldenBytes) {
  const model::Coordinate coordinate{.node = "n",
                                     .segment = "s",
                                     .vec = {1, 0, -2, 0, 0, 0, 0, 0.5},
                                     .error = 1.5,
                                     .adjustment = -0.25,
                                     .height = 1e-5,
                                     .create_index = Index(1),
                                     .modify_index = Index(2)};
  EXPECT_EQ(EncodeCoordinate(coordinate),
            "\x01"
            "\x03\x01n"
            "\x05\x01s"
            "\x07\x40"
            "\0\0\0\0\0\0\xf0\x3f"
            "\0\0\0\0\0\0\0\0"
            "\0\0\0\0\0\0\x00\xc0"
            "\0\0\0\0\0\0\0\0"
            "\0\0\0\0\0\0\0\0"
            "\0\0\0\0\0\0\0\0"
            "\0\0\0\0\0\0\0\0"
            "\0\0\0\0\0\0\xe0\x3f"
            "\x09\x08\0\0\0\0\0\0\xf8\x3f"
            "\x0b\x08\0\0\0\0\0\0\xd0\xbf"
            "\x0d\x08\xf1\x68\xe3\x88\xb5\xf8\xe4\x3e"
            "\x0e\x01"
            "\x10\x02"s);
}

// What the codec offers for each kind of record, for the tests that are the same for all.
struct NodeCodec {
  static model::Node Random(RandomRecords& r) { return r.Node(); }
  static std::string Encode(const model::Node& n) { return EncodeNode(n); }
  static constexpr auto kDecode = DecodeNode;
};
struct InstanceCodec {
  static model::Instance Random(RandomRecords& r) { return r.Instance(); }
  static std::string Encode(const model::Instance& i) { return EncodeInstance(i); }
  static constexpr auto kDecode = DecodeInstance;
};
struct CheckCodec {
  static model::Check Random(RandomRecords& r) { return r.Check(); }
  static std::string Encode(const model::Check& c) { return EncodeCheck(c); }
  static constexpr auto kDecode = DecodeCheck;
};
struct CoordinateCodec {
  static model::Coordinate Random(RandomRecords& r) { return r.Coordinate(); }
  static std::string Encode(const model::Coordinate& c) { return EncodeCoordinate(c); }
  static constexpr auto kDecode = DecodeCoordinate;
};

// Decodes as a start does: whatever was decoded before, and was damaged, is there to be shared.
template <typename Codec>
class AnyRecordCodecTest : public ::testing::Test {
 protected:
  auto Decode(std::string_view key, std::string_view value) {
    return Codec::kDecode(key, value, sharing_);
  }
  // Whatever the bytes are: an error that names the record, or a record that is encoded and decoded
  // again. (The sanitizers watch these tests.) A copy of exactly the size shows reads past the end.
  void ExpectErrorOrRecord(const std::string& key, const std::string& bytes) {
    const std::vector<char> exact(bytes.begin(), bytes.end());
    const auto decoded = Decode(key, std::string_view(exact.data(), exact.size()));
    if (!decoded) {
      ASSERT_EQ(decoded.error().code, ErrorCode::kCorruption);
      ASSERT_THAT(decoded.error().message, HasSubstr(PrintableKey(key)));
      return;
    }
    ASSERT_EQ(KeyOf(*decoded), key);
    const auto again = Decode(key, Codec::Encode(*decoded));
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_TRUE(Same(*decoded, *again));
    // What is there to be shared changes nothing of what is said.
    model::ValuePool pool;
    Sharing nothing(&pool);
    const auto alone = Codec::kDecode(key, bytes, nothing);
    ASSERT_TRUE(alone) << alone.error().message;
    ASSERT_TRUE(Same(*decoded, *alone));
  }

 private:
  model::ValuePool pool_;
  Sharing sharing_{&pool_};
};
using Codecs = ::testing::Types<NodeCodec, InstanceCodec, CheckCodec, CoordinateCodec>;
TYPED_TEST_SUITE(AnyRecordCodecTest, Codecs);

TYPED_TEST(AnyRecordCodecTest, DecodesWhatItEncoded) {
  RandomRecords random(2);
  for (int i = 0; i < 3000; ++i) {
    const auto record = TypeParam::Random(random);
    const auto decoded = this->Decode(KeyOf(record), TypeParam::Encode(record));
    ASSERT_TRUE(decoded) << decoded.error().message;
    ASSERT_TRUE(Same(record, *decoded)) << "record " << i;
  }
}

TYPED_TEST(AnyRecordCodecTest, EveryTruncationIsAnErrorOrAnotherRecord) {
  RandomRecords random(3);
  for (int i = 0; i < 100; ++i) {
    const auto record = TypeParam::Random(random);
    const std::string value = TypeParam::Encode(record);
    for (size_t size = 0; size < value.size(); ++size) {
      const auto decoded = this->Decode(KeyOf(record), value.substr(0, size));
      EXPECT_FALSE(decoded && Same(record, *decoded));
      this->ExpectErrorOrRecord(KeyOf(record), value.substr(0, size));
      if (this->HasFatalFailure()) return;
    }
  }
}

TYPED_TEST(AnyRecordCodecTest, EveryFlippedBitIsAnErrorOrAnotherRecord) {
  RandomRecords random(4);
  for (int i = 0; i < 12; ++i) {
    const auto record = TypeParam::Random(random);
    const std::string value = TypeParam::Encode(record);
    for (size_t bit = 0; bit < value.size() * 8; ++bit) {
      std::string flipped = value;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      this->ExpectErrorOrRecord(KeyOf(record), flipped);
      if (this->HasFatalFailure()) return;
    }
  }
}

TYPED_TEST(AnyRecordCodecTest, RandomBytesAreAnErrorOrARecord) {
  RandomRecords random(5);
  for (int i = 0; i < 30'000; ++i) {
    this->ExpectErrorOrRecord(random.Text(), "\x01" + random.Text());
    if (this->HasFatalFailure()) return;
  }
}

TYPED_TEST(AnyRecordCodecTest, SkipsTheFieldsOfALaterMinorVersion) {
  RandomRecords random(6);
  for (int i = 0; i < 100; ++i) {
    const auto record = TypeParam::Random(random);
    std::string value = TypeParam::Encode(record);
    AppendVarint(&value, 100 << 1);  // a number
    AppendVarint(&value, 123456);
    AppendVarint(&value, 101 << 1 | 1);  // a text, twice
    AppendString(&value, "new");
    AppendVarint(&value, 101 << 1 | 1);
    AppendString(&value, "");
    const auto decoded = this->Decode(KeyOf(record), value);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_TRUE(Same(record, *decoded));
  }
}

TYPED_TEST(AnyRecordCodecTest, RefusesTheRecordOfAnotherKey) {
  RandomRecords random(7);
  for (int i = 0; i < 40; ++i) {
    const auto record = TypeParam::Random(random);
    const std::string own_key = KeyOf(record);
    const std::string value = TypeParam::Encode(record);
    std::vector<std::string> others = {own_key + "x", "x" + own_key};
    for (size_t at = 0; at < own_key.size(); ++at) {
      others.push_back(own_key.substr(0, at));
      others.push_back(own_key);
      others.back()[at] = static_cast<char>(others.back()[at] ^ 0x20);  // the other case too
      others.push_back(own_key);
      others.back()[at] = static_cast<char>(others.back()[at] ^ 1);
    }
    for (const std::string& key : others) {
      const auto decoded = this->Decode(key, value);
      ASSERT_FALSE(decoded) << PrintableKey(key) << " for " << PrintableKey(own_key);
      ASSERT_EQ(decoded.error().code, ErrorCode::kCorruption);
      ASSERT_THAT(decoded.error().message,
                  HasSubstr("it says that it is " + PrintableKey(own_key)));
    }
  }
}

struct BadValue {
  std::string bytes;
  std::string said;
};

TEST(RecordCodecTest, SaysWhatIsWrongWithAValue) {
  model::ValuePool pool;
  Sharing sharing(&pool);
  const BadValue bad_values[] = {
      {"", "it is empty"},
      {"\x02"s, "it is of version 2, this program knows 1"},
      {"\x01\x05"s, "it ends in the middle of a field"},
      {"\x01\x05\x7f"
       "c"s,
       "it ends in the middle of a field"},
      {"\x01\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
       "c"s,
       "it ends in the middle of a field"},
      {"\x01\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"
       "c"s,
       "it ends in the middle of a field"},
      {"\x01\x01\x01"
       "c"s,
       "its fields are out of order"},
      {"\x01\x05\x01"
       "c\x03\x01n"s,
       "its fields are out of order"},
      {"\x01\x05\x01"
       "c\x05\x01"
       "c"s,
       "a field is there twice"},
      {"\x01\x04\x01"s, "a field has the wrong type"},
      {"\x01\x03\x01n\x05\x01"
       "c\x08\x03"s,
       "it has no status that is known"},
      {"\x01\x17\x02\x0a\x02"s, "a truth value is neither 0 nor 1"},
      {"\x01\x17\x03\x05\x02\x01"s, "it ends in the middle of a field"},
      {"\x01\x17\x04\x05\x02\x02h"s, "an entry of a map or list does not fill its field"},
  };
  for (const auto& [bytes, said] : bad_values) {
    const auto decoded = DecodeCheck(CheckKey("n", "c"), bytes, sharing);
    ASSERT_FALSE(decoded) << said;
    EXPECT_EQ(decoded.error().code, ErrorCode::kCorruption);
    EXPECT_EQ(decoded.error().message, R"(the record of check "n" "c" is damaged: )" + said);
  }
}

TEST(RecordCodecTest, RefusesAPortThatIsNoInt) {
  model::ValuePool pool;
  Sharing sharing(&pool);
  std::string value = "\x01\x03\x01n\x05\x01i\x0e"s;
  AppendVarint(&value, ZigZag(int64_t{1} << 31));
  const auto decoded = DecodeInstance(InstanceKey("n", "i"), value, sharing);
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().message, HasSubstr("a number is out of range"));
}

TEST(RecordCodecTest, RefusesACoordinateOfOtherThanFiniteNumbersOrAnotherCountOfThem) {
  model::ValuePool pool;
  Sharing sharing(&pool);
  const BadValue bad_values[] = {
      {"\x09\x08\0\0\0\0\0\0\xf0\x7f"s, "a number is not finite"},
      {"\x09\x08\1\0\0\0\0\0\xf8\x7f"s, "a number is not finite"},
      {"\x09\x07\0\0\0\0\0\xf8\x3f"s, "it has another count of numbers than is known"},
      {"\x09\x00"s, "it has another count of numbers than is known"},
      {"\x07\x08\0\0\0\0\0\0\xf8\x3f"s, "it has another count of numbers than is known"},
  };
  for (const auto& [bytes, said] : bad_values) {
    const auto decoded = DecodeCoordinate(CoordinateKey("n", ""), "\x01\x03\x01n" + bytes, sharing);
    ASSERT_FALSE(decoded) << said;
    EXPECT_EQ(decoded.error().message, R"(the record of coordinate "n" "" is damaged: )" + said);
  }
}

TEST(RecordChunkTest, HandsBackWhatWasAddedWhateverItsSize) {
  const std::string is_long(100'000, 'x');
  const std::vector<EncodedRecord> added = {{RecordKind::kNode, "", ""},
                                            {RecordKind::kCheck, "k", ""},
                                            {RecordKind::kInstance, "", "v"},
                                            {RecordKind::kCoordinate, is_long, is_long}};
  RecordChunk chunk("a store", Index(1));
  EXPECT_TRUE(chunk.empty());
  for (const EncodedRecord& record : added) chunk.Add(record);
  RecordChunk::Reader reader = chunk.Read();
  EncodedRecord record;
  for (const EncodedRecord& expected : added) {
    ASSERT_TRUE(reader.Next(&record));
    EXPECT_EQ(record.kind, expected.kind);
    EXPECT_EQ(record.key, expected.key);
    EXPECT_EQ(record.value, expected.value);
  }
  EXPECT_FALSE(reader.Next(&record));
}

TEST(RecordChunkTest, RefusesIndexesThatCannotBe) {
  struct Case {
    uint64_t created;
    uint64_t modified;
    bool is_good;
  };
  model::ValuePool pool;
  Sharing sharing(&pool);
  for (const auto& [created, modified, is_good] :
       {Case{1, 1, true}, Case{1, 9, true}, Case{9, 9, true}, Case{0, 9, false}, Case{0, 0, false},
        Case{9, 8, false}, Case{1, 10, false}, Case{10, 10, false}}) {
    model::Node node;
    node.name = "N";
    node.create_index = Index(created);
    node.modify_index = Index(modified);
    const std::string value = EncodeNode(node);
    const RecordChunk chunk("the store", Index(9));
    const auto decoded = chunk.Node({RecordKind::kNode, "n", value}, sharing);
    ASSERT_EQ(decoded.has_value(), is_good) << created << " " << modified;
    if (is_good) continue;
    EXPECT_EQ(decoded.error().code, ErrorCode::kCorruption);
    EXPECT_EQ(decoded.error().message, "the store: node \"n\" has the indexes " +
                                           std::to_string(created) + " and " +
                                           std::to_string(modified) + ", the store's last is 9");
  }
}

TEST(BytesTest, VarintsRoundTripAtTheEdges) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{16383},
                               uint64_t{16384}, UINT64_MAX - 1, UINT64_MAX}) {
    std::string bytes;
    AppendVarint(&bytes, value);
    ByteReader reader(bytes);
    uint64_t read = 0;
    ASSERT_TRUE(reader.ReadVarint(&read));
    EXPECT_EQ(read, value);
    EXPECT_TRUE(reader.empty());
  }
}

TEST(BytesTest, ZigZagKeepsTheSign) {
  EXPECT_EQ(ZigZag(0), 0u);
  EXPECT_EQ(ZigZag(-1), 1u);
  EXPECT_EQ(ZigZag(1), 2u);
  for (const int64_t value : {INT64_MIN, INT64_MIN + 1, int64_t{-1}, int64_t{0}, INT64_MAX}) {
    EXPECT_EQ(UnZigZag(ZigZag(value)), value);
  }
}

}  // namespace
}  // namespace rollcall::store
