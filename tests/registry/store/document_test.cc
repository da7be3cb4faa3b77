#include "registry/store/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "registry/model/value_pool.h"
#include "registry/store/record_codec.h"
#include "registry/store/sharing.h"
#include "tests/registry/store/random_records.h"

namespace rollcall::store {
namespace {

using std::string_literals::operator""s;  // NOLINT(misc-unused-using-decls): "..."s
using ::testing::HasSubstr;

TEST(DocumentKeyTest, BytesAreThoseOfTheGrammar) {
  EXPECT_EQ(NodeDocumentKey("Web-1"),
            "catalog/web-1\x00\x01"
            "n"s);
  EXPECT_EQ(InstanceDocumentKey("a\0b"s, "API"),
            "catalog/a\x00\xff"
            "b\x00\x01"
            "iapi"s);
  EXPECT_EQ(CoordinateDocumentKey("n", ""),
            "catalog/n\x00\x01"
            "c"s);
  EXPECT_EQ(AclDocumentKey(AclDocumentId(model::AclKind::kAuthMethod, "K8s")),
            "catalog/\x00\x01"
            "aauth-method/k8s"s);
  EXPECT_EQ(NodeIdKey("F81D"), "node-id/f81d");
}

TEST(DocumentKeyTest, IsParsedToWhatItWasMadeOf) {
  for (const std::string& node : {"n"s, ""s, "a\0b"s, "a\0\1b"s, "a/b"s}) {
    for (const std::string& id : {"i"s, ""s, "a\0b"s, "n"s}) {
      const Result<DocumentName> name = ParseDocumentKey(InstanceDocumentKey(node, id));
      ASSERT_TRUE(name) << name.error().message;
      EXPECT_EQ(name->kind, DocumentKind::kInstance);
      EXPECT_EQ(name->node, node);
      EXPECT_EQ(name->id, id);
    }
  }
}

TEST(DocumentKeyTest, OfAnObjectOfAccessControlTellsItsKindAndId) {
  for (const model::AclKind kind : model::kAclKinds) {
    for (const std::string& id : {"t"s, ""s, "a/b"s, "a\0b"s}) {
      const Result<DocumentName> name = ParseDocumentKey(AclDocumentKey(AclDocumentId(kind, id)));
      ASSERT_TRUE(name) << name.error().message;
      EXPECT_EQ(name->kind, DocumentKind::kAcl);
      EXPECT_EQ(name->node, "");
      model::AclKind its_kind = model::AclKind::kToken;
      std::string_view its_id;
      ASSERT_TRUE(ParseAclDocumentId(name->id, &its_kind, &its_id));
      EXPECT_EQ(its_kind, kind);
      EXPECT_EQ(its_id, id);
    }
  }
  model::AclKind kind = model::AclKind::kToken;
  std::string_view id;
  EXPECT_FALSE(ParseAclDocumentId("token", &kind, &id));
  EXPECT_FALSE(ParseAclDocumentId("intention/x", &kind, &id));
}

TEST(DocumentKeyTest, IsNotTakenForOneWhenItIsNone) {
  for (const std::string& key :
       {""s, "catalog/"s, "catalog/n"s, "catalog/n\0\1"s, "catalog/n\0\1x"s, "catalog/n\0\1nx"s,
        "catalog/N\0\1n"s, "catalog/n\0\1iA"s, "head"s, "catalog/n\0x\0\1n"s}) {
    const Result<DocumentName> name = ParseDocumentKey(key);
    ASSERT_FALSE(name) << PrintableKey(key);
    EXPECT_EQ(name.error().code, ErrorCode::kCorruption);
  }
}

model::Node NodeCalled(const char* name, Index created, Index modified) {
  model::Node node;
  node.name = name;
  node.create_index = created;
  node.modify_index = modified;
  return node;
}

TEST(DocumentTest, RecordsChangedAfterTheBaseGetTheIndexOfTheEntry) {
  DocumentWriter writer(Index(20));
  writer.Add(NodeCalled("n", Index(7), Index(21)));
  RecordChunk chunk("test", Index(100));
  const std::string key = NodeDocumentKey("n");
  ASSERT_TRUE(ReadDocument(key, writer.Take(), Index(30), &chunk));
  model::ValuePool pool;
  Sharing sharing(&pool);
  RecordChunk::Reader reader = chunk.Read();
  EncodedRecord record;
  ASSERT_TRUE(reader.Next(&record));
  const auto node = chunk.Node(record, sharing);
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_EQ(node->create_index, Index(7));
  EXPECT_EQ(node->modify_index, Index(30));
}

TEST(DocumentTest, EveryFieldOfEveryRecordComesBack) {
  RandomRecords random(3);
  model::ValuePool pool;
  Sharing sharing(&pool);
  for (int i = 0; i < 500; ++i) {
    model::Instance instance = random.Instance();
    model::Check check = random.Check();
    check.node = instance.node;
    instance.create_index = check.create_index = Index(3);
    instance.modify_index = check.modify_index = Index(4);
    DocumentWriter writer(Index(10));
    writer.Add(instance);
    writer.Add(check);
    RecordChunk chunk("test", Index(100));
    const auto read = ReadDocument(InstanceDocumentKey(instance.node, instance.id), writer.Take(),
                                   Index(30), &chunk);
    ASSERT_TRUE(read) << read.error().message;
    RecordChunk::Reader reader = chunk.Read();
    EncodedRecord record;
    ASSERT_TRUE(reader.Next(&record));
    EXPECT_EQ(record.value, EncodeInstance(instance));
    EXPECT_TRUE(chunk.Instance(record, sharing));
    ASSERT_TRUE(reader.Next(&record));
    EXPECT_EQ(record.value, EncodeCheck(check));
    EXPECT_TRUE(chunk.Check(record, sharing));
    EXPECT_FALSE(reader.Next(&record));
  }
}

TEST(DocumentTest, ObjectsOfAccessControlComeBack) {
  RandomRecords random(4);
  model::ValuePool pool;
  Sharing sharing(&pool);
  for (int i = 0; i < 300; ++i) {
    model::AclObject object = random.Acl();
    object.create_index = Index(3);
    object.modify_index = Index(11);
    DocumentWriter writer(Index(10));
    writer.Add(object);
    RecordChunk chunk("test", Index(100));
    const std::string key = AclDocumentKey(AclDocumentId(object.kind, object.id));
    const auto read = ReadDocument(key, writer.Take(), Index(30), &chunk);
    ASSERT_TRUE(read) << read.error().message;
    RecordChunk::Reader reader = chunk.Read();
    EncodedRecord record;
    ASSERT_TRUE(reader.Next(&record));
    const auto found = chunk.Acl(record, sharing);
    ASSERT_TRUE(found) << found.error().message;
    object.modify_index = Index(30);
    EXPECT_TRUE(Same(*found, object));
  }
}

TEST(DocumentTest, IsRefusedWhenItIsDamaged) {
  DocumentWriter writer(Index(20));
  writer.Add(NodeCalled("n", Index(7), Index(8)));
  const std::string whole = writer.Take();
  const auto error_of = [](const std::string& value) {
    RecordChunk chunk("test", Index(100));
    const Result<void> read = ReadDocument(NodeDocumentKey("n"), value, Index(30), &chunk);
    return read ? "" : read.error().message;
  };
  EXPECT_EQ(error_of(whole), "");
  EXPECT_THAT(error_of(""), HasSubstr("empty"));
  EXPECT_THAT(error_of("\x02" + whole.substr(1)), HasSubstr("version 2"));
  EXPECT_THAT(error_of("\x01\x09" + whole.substr(2)), HasSubstr("no kind"));
  for (size_t size = 2; size < whole.size(); ++size) {
    EXPECT_THAT(error_of(whole.substr(0, size)), HasSubstr("too early")) << size;
  }
}

TEST(DocumentChunksTest, NodesAreWholeAndInOrder) {
  std::map<std::string, KeyValue> log;
  const auto put = [&log](std::string key, DocumentWriter* writer) {
    log[key] = {key, writer->Take(), Index(5)};
  };
  const std::vector<std::string> names = {"web-1", "web-1-a", "web-10", "web-1.x", "a"};
  for (const std::string& name : names) {
    DocumentWriter node(Index(1));
    node.Add(NodeCalled(name.c_str(), Index(5), Index(5)));
    model::Check check;
    check.node = name;
    check.check_id = "z";
    node.Add(check);
    put(NodeDocumentKey(name), &node);
    for (const char* id : {"i2", "i1"}) {
      DocumentWriter instance(Index(1));
      model::Instance record;
      record.node = name;
      record.id = id;
      instance.Add(record);
      check.check_id = std::string("of ") + id;
      instance.Add(check);
      put(InstanceDocumentKey(name, id), &instance);
    }
  }
  std::vector<std::string> order;
  DocumentChunks chunks("test", Index(9), [&order](RecordChunk chunk) {
    RecordChunk::Reader reader = chunk.Read();
    for (EncodedRecord record; reader.Next(&record);) order.push_back(PrintableKey(record.key));
    return true;
  });
  for (const auto& [key, document] : log) {
    const Result<bool> added = chunks.Add(document);
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_TRUE(*added);
  }
  chunks.Finish();
  std::vector<std::string> expected;
  for (const char* name : {"a", "web-1", "web-1-a", "web-1.x", "web-10"}) {
    const std::string quoted = "\"" + std::string(name) + "\"";
    expected.push_back(quoted);
    for (const char* id : {"i1", "i2", "of i1", "of i2", "z"}) {
      expected.push_back(quoted + " \"" + id + "\"");
    }
  }
  EXPECT_EQ(order, expected);
}

}  // namespace
}  // namespace rollcall::store
