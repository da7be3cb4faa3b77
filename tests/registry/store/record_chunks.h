// Between records and the chunks in which a store hands them out, for stores that are made up and
// for tests that look at what a store holds.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "registry/base/result.h"
#include "registry/model/mutation.h"
#include "registry/model/value_pool.h"
#include "registry/store/record_chunk.h"
#include "registry/store/record_codec.h"
#include "registry/store/sharing.h"
#include "registry/store/store.h"

namespace rollcall::store {

// The chunks of Put mutations whose records are final, in any order, each with the records of
// `nodes` nodes; of two with the same identity the later counts. Other mutations say nothing here.
inline std::vector<RecordChunk> ChunksOf(std::span<const model::Mutation> records, Index last_index,
                                         size_t nodes) {
  using Place = std::tuple<std::string, RecordKind, std::string>;  // node, kind, key
  std::map<Place, std::string> values;
  const auto add = [&values](RecordKind kind, std::string key, std::string value) {
    std::string scratch;
    std::string node(NodePartOf(kind, key, &scratch));
    values[{std::move(node), kind, std::move(key)}] = std::move(value);
  };
  for (const model::Mutation& record : records) {
    if (const auto* node = std::get_if<model::PutNode>(&record)) {
      add(RecordKind::kNode, KeyOf(*node->node), EncodeNode(*node->node));
    } else if (const auto* instance = std::get_if<model::PutInstance>(&record)) {
      add(RecordKind::kInstance, KeyOf(*instance->instance), EncodeInstance(*instance->instance));
    } else if (const auto* check = std::get_if<model::PutCheck>(&record)) {
      add(RecordKind::kCheck, KeyOf(*check->check), EncodeCheck(*check->check));
    } else if (const auto* put = std::get_if<model::PutCoordinate>(&record)) {
      add(RecordKind::kCoordinate, KeyOf(*put->coordinate), EncodeCoordinate(*put->coordinate));
    } else if (const auto* acl = std::get_if<model::PutAcl>(&record)) {
      add(RecordKind::kAcl, KeyOf(*acl->object), EncodeAcl(*acl->object));
    }
  }
  std::vector<RecordChunk> chunks;
  size_t room = 0;
  std::string_view node;
  for (const auto& [place, value] : values) {
    const auto& [its_node, kind, key] = place;
    if (chunks.empty() || its_node != node) {
      if (room == 0) {
        chunks.emplace_back("a store of records", last_index);
        room = nodes;
      }
      --room;
      node = its_node;
    }
    chunks.back().Add({kind, key, value});
  }
  return chunks;
}

// The records of a chunk as Put mutations, in its order.
inline Result<std::vector<model::Mutation>> RecordsOf(const RecordChunk& chunk) {
  model::ValuePool pool;
  Sharing sharing(&pool);
  std::vector<model::Mutation> records;
  const auto take = [&records]<typename Put>(auto record, Put put) -> Result<void> {
    if (!record) return record.error();
    using Record = std::decay_t<decltype(*record)>;
    records.push_back(put(std::make_shared<const Record>(*std::move(record))));
    return {};
  };
  RecordChunk::Reader reader = chunk.Read();
  EncodedRecord record;
  while (reader.Next(&record)) {
    Result<void> taken;
    switch (record.kind) {
      case RecordKind::kNode:
        taken = take(chunk.Node(record, sharing), [](auto r) { return model::PutNode{r}; });
        break;
      case RecordKind::kInstance:
        taken = take(chunk.Instance(record, sharing), [](auto r) { return model::PutInstance{r}; });
        break;
      case RecordKind::kCheck:
        taken = take(chunk.Check(record, sharing), [](auto r) { return model::PutCheck{r}; });
        break;
      case RecordKind::kCoordinate:
        taken =
            take(chunk.Coordinate(record, sharing), [](auto r) { return model::PutCoordinate{r}; });
        break;
      case RecordKind::kAcl:
        taken = take(chunk.Acl(record, sharing), [](auto r) { return model::PutAcl{r}; });
        break;
    }
    if (!taken) return taken.error();
  }
  return records;
}

// Loads `store` and hands all its records to `sink` as Put mutations, node by node. The first error
// of the store or of a record is the answer.
template <typename Sink>
Result<Index> LoadRecords(Store& store, Sink sink) {
  Result<void> decoded;
  Result<Index> last = store.Load([&](RecordChunk chunk) {
    const auto records = RecordsOf(chunk);
    if (!records) {
      decoded = records.error();
      return false;
    }
    for (const model::Mutation& record : *records) sink(record);
    return true;
  });
  if (!decoded) return decoded.error();
  return last;
}

}  // namespace rollcall::store
