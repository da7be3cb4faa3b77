#include "registry/store/rocksdb_store.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <utility>

#include "registry/store/acknowledged_index.h"
#include "registry/store/data_directory.h"
#include "registry/store/log_continuity.h"
#include "registry/store/meta.h"
#include "registry/store/record_codec.h"
#include "registry/store/rocksdb_tuning.h"

namespace rollcall::store {
namespace {

using Handle = std::unique_ptr<rocksdb::ColumnFamilyHandle>;

const std::vector<std::string> kFamilyNames = {
    rocksdb::kDefaultColumnFamilyName, "node", "instance", "check", "coordinate", "acl"};

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// RocksDB has no code for a held lock, only these words (for another process, and for this one).
bool SaysLocked(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && (text.find("While lock file: ") != std::string::npos ||
                                text.find("lock hold by current process") != std::string::npos);
}

Error TranslateStatus(const std::string& path, const rocksdb::Status& status) {
  const std::string text = OneLine(status.ToString());
  if (status.IsCorruption()) return Corruption("data directory " + path + " is damaged: " + text);
  if (SaysLocked(status)) {
    return Unavailable("data directory " + path + " is in use by another rollcall server");
  }
  if (status.IsNoSpace()) return IoError("data directory " + path + " is on a full disk: " + text);
  return IoError("data directory " + path + " cannot be used: " + text);
}

}  // namespace

struct RocksdbStore::Families {
  Handle meta, node, instance, check, coordinate, acl;
  std::vector<Handle> unknown;
  std::vector<std::string> unknown_names;

  std::vector<rocksdb::ColumnFamilyHandle*> All() const {
    std::vector<rocksdb::ColumnFamilyHandle*> all = {meta.get(),  node.get(),       instance.get(),
                                                     check.get(), coordinate.get(), acl.get()};
    for (const Handle& handle : unknown) all.push_back(handle.get());
    return all;
  }
};

RocksdbStore::RocksdbStore(std::string path, std::unique_ptr<rocksdb::DB> db,
                           std::unique_ptr<Families> families)
    : path_(std::move(path)), db_(std::move(db)), families_(std::move(families)) {}

RocksdbStore::~RocksdbStore() = default;

Error RocksdbStore::Translate(const rocksdb::Status& status) const {
  return TranslateStatus(path_, status);
}

Result<std::unique_ptr<Store>> RocksdbStore::Open(const std::string& path,
                                                  const RocksdbOptions& options) {
  LogContinuity continuity;
  rocksdb::DBOptions db_options = DatabaseOptions(options);
  db_options.wal_filter = &continuity;
  auto content = PrepareDataDirectory(*db_options.env, path);
  if (!content) return content.error();

  // RocksDB wants every column family named; one that we do not know tells of a newer format.
  std::vector<std::string> names = kFamilyNames;
  if (*content == DirectoryContent::kDatabase) {
    std::vector<std::string> found;
    const auto status = rocksdb::DB::ListColumnFamilies(db_options, path, &found);
    if (!status.ok()) return TranslateStatus(path, status);
    for (std::string& name : found) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(names.size());
  for (const std::string& name : names) descriptors.emplace_back(name, FamilyOptions(options));

  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw_db = nullptr;
  const auto status = rocksdb::DB::Open(db_options, path, descriptors, &handles, &raw_db);
  if (!continuity.gap().empty()) {
    return Corruption("data directory " + path + " has lost transactions: " + continuity.gap());
  }
  if (!status.ok()) return TranslateStatus(path, status);
  std::unique_ptr<rocksdb::DB> db(raw_db);
  auto families = std::make_unique<Families>();
  families->meta.reset(handles[0]);
  families->node.reset(handles[1]);
  families->instance.reset(handles[2]);
  families->check.reset(handles[3]);
  families->coordinate.reset(handles[4]);
  families->acl.reset(handles[5]);
  for (size_t i = kFamilyNames.size(); i < handles.size(); ++i) {
    families->unknown.emplace_back(handles[i]);
    families->unknown_names.push_back(names[i]);
  }

  std::unique_ptr<RocksdbStore> store(new RocksdbStore(path, std::move(db), std::move(families)));
  if (auto checked = store->CheckFormat(); !checked) return checked.error();
  if (auto read = store->ReadLastIndex(); !read) return read.error();
  auto acknowledged = AcknowledgedIndex::Open(*db_options.env, path, store->last_index_);
  if (!acknowledged) return acknowledged.error();
  store->acknowledged_ = std::move(*acknowledged);
  return std::unique_ptr<Store>(std::move(store));
}

Result<void> RocksdbStore::CheckFormat() {
  std::string value;
  const auto status = db_->Get(ScanOptions(), families_->meta.get(), kFormatKey, &value);
  if (status.IsNotFound()) return MarkAsNew();
  if (!status.ok()) return Translate(status);
  uint64_t format = 0;
  if (!DecodeFormat(value, &format) || format == 0) {
    return Corruption("data directory " + path_ + " is damaged: its format is not a number");
  }
  if (format > kFormat) {
    return InvalidArgument("data directory " + path_ + " was written by a newer rollcall (format " +
                           std::to_string(format) + ", this one knows " + std::to_string(kFormat) +
                           ")");
  }
  if (!families_->unknown_names.empty()) {
    return Corruption("data directory " + path_ + " is damaged: it holds a column family \"" +
                      families_->unknown_names.front() + "\", which its format has not");
  }
  // Opening has made the column families that older formats have not: nothing else is to convert.
  return format < kFormat ? WriteFormat() : Result<void>();
}

// A database without a format is one that was just made, or whose making a crash cut short. One
// that holds anything is not ours.
Result<void> RocksdbStore::MarkAsNew() {
  bool empty = families_->unknown.empty();
  for (rocksdb::ColumnFamilyHandle* family : families_->All()) {
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(ScanOptions(), family));
    it->SeekToFirst();
    if (!it->status().ok()) return Translate(it->status());
    empty = empty && !it->Valid();
  }
  if (!empty) {
    return InvalidArgument("data directory " + path_ + " holds the database of another program");
  }
  return WriteFormat();
}

Result<void> RocksdbStore::WriteFormat() {
  const auto status =
      db_->Put(CommitOptions(), families_->meta.get(), kFormatKey, EncodeFormat(kFormat));
  if (!status.ok()) return Translate(status);
  return {};
}

Result<void> RocksdbStore::ReadLastIndex() {
  std::string value;
  const auto status = db_->Get(ScanOptions(), families_->meta.get(), kLastBatchKey, &value);
  if (status.IsNotFound()) return {};
  if (!status.ok()) return Translate(status);
  BatchIndexes indexes;
  if (!DecodeBatchIndexes(value, &indexes)) {
    return Corruption("data directory " + path_ + " is damaged: its last index is not a number");
  }
  last_index_ = indexes.last;
  return {};
}

namespace {

// Walks through the records of one kind, node by node.
class KindCursor {
 public:
  KindCursor(RecordKind kind, std::unique_ptr<rocksdb::Iterator> it)
      : kind_(kind), it_(std::move(it)) {
    it_->SeekToFirst();
    ReadNode();
  }
  KindCursor(const KindCursor&) = delete;
  KindCursor& operator=(const KindCursor&) = delete;

  // At the end of the records, or where an error keeps it from reading on.
  bool at_end() const { return at_end_; }
  const rocksdb::Status& status() const { return status_; }
  // The node of the current record, as NodePartOf has it. Precondition: not at_end().
  std::string_view node() const { return node_; }

  // Moves the records of `node` to the chunk, where it is the current one.
  void Take(std::string_view node, RecordChunk* chunk) {
    while (!at_end_ && node_ == node) {
      chunk->Add({kind_, it_->key().ToStringView(), it_->value().ToStringView()});
      it_->Next();
      ReadNode();
    }
  }

 private:
  void ReadNode() {
    at_end_ = !it_->Valid();
    if (at_end_) {
      status_ = it_->status();
    } else {
      node_ = NodePartOf(kind_, it_->key().ToStringView(), &escaped_);
    }
  }

  const RecordKind kind_;
  const std::unique_ptr<rocksdb::Iterator> it_;
  bool at_end_ = false;
  rocksdb::Status status_;
  std::string_view node_;  // into the key, or into escaped_
  std::string escaped_;
};

// So much is worth being handed to another thread.
constexpr size_t kChunkBytes = size_t{64} << 10;

}  // namespace

Result<Index> RocksdbStore::Load(const ChunkSink& sink) {
  const auto cursor_of = [this](RecordKind kind, const Handle& family) {
    return KindCursor(
        kind, std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(ScanOptions(), family.get())));
  };
  std::array<KindCursor, 5> cursors{cursor_of(RecordKind::kNode, families_->node),
                                    cursor_of(RecordKind::kInstance, families_->instance),
                                    cursor_of(RecordKind::kCheck, families_->check),
                                    cursor_of(RecordKind::kCoordinate, families_->coordinate),
                                    cursor_of(RecordKind::kAcl, families_->acl)};
  const auto new_chunk = [this] {
    RecordChunk chunk("data directory " + path_, last_index_);
    chunk.Reserve(kChunkBytes + kChunkBytes / 4);
    return chunk;
  };
  RecordChunk chunk = new_chunk();
  std::string node;
  for (;;) {
    const KindCursor* first = nullptr;
    for (const KindCursor& cursor : cursors) {
      if (!cursor.status().ok()) return Translate(cursor.status());
      if (cursor.at_end()) continue;
      if (first == nullptr || cursor.node() < first->node()) first = &cursor;
    }
    if (first == nullptr) break;
    node = first->node();
    for (KindCursor& cursor : cursors) cursor.Take(node, &chunk);
    if (chunk.bytes() < kChunkBytes) continue;
    if (!sink(std::move(chunk))) return last_index_;
    chunk = new_chunk();
  }
  if (!chunk.empty()) sink(std::move(chunk));
  return last_index_;
}

namespace {

// Adds one mutation of the transaction at `index` to `batch`.
struct MutationWriter {
  rocksdb::ColumnFamilyHandle* nodes;
  rocksdb::ColumnFamilyHandle* instances;
  rocksdb::ColumnFamilyHandle* checks;
  rocksdb::ColumnFamilyHandle* coordinates;
  rocksdb::ColumnFamilyHandle* acl;
  Index index;
  rocksdb::WriteBatch& batch;

  // Adding to a batch in memory fails only when the batch has a size limit, and ours has none.
  rocksdb::Status operator()(const model::PutNode& put) const {
    return batch.Put(nodes, KeyOf(*put.node), EncodeNode(model::Stamp(*put.node, index)));
  }
  rocksdb::Status operator()(const model::PutInstance& put) const {
    return batch.Put(instances, KeyOf(*put.instance),
                     EncodeInstance(model::Stamp(*put.instance, index)));
  }
  rocksdb::Status operator()(const model::PutCheck& put) const {
    return batch.Put(checks, KeyOf(*put.check), EncodeCheck(model::Stamp(*put.check, index)));
  }
  rocksdb::Status operator()(const model::PutCoordinate& put) const {
    return batch.Put(coordinates, KeyOf(*put.coordinate),
                     EncodeCoordinate(model::Stamp(*put.coordinate, index)));
  }
  rocksdb::Status operator()(const model::PutAcl& put) const {
    return batch.Put(acl, KeyOf(*put.object), EncodeAcl(model::Stamp(*put.object, index)));
  }
  rocksdb::Status operator()(const model::RemoveNode& remove) const {
    return batch.Delete(nodes, NodeKey(remove.node));
  }
  rocksdb::Status operator()(const model::RemoveInstance& remove) const {
    return batch.Delete(instances, InstanceKey(remove.node, remove.id));
  }
  rocksdb::Status operator()(const model::RemoveCheck& remove) const {
    return batch.Delete(checks, CheckKey(remove.node, remove.check_id));
  }
  rocksdb::Status operator()(const model::RemoveCoordinate& remove) const {
    return batch.Delete(coordinates, CoordinateKey(remove.node, remove.segment));
  }
  rocksdb::Status operator()(const model::RemoveAcl& remove) const {
    return batch.Delete(acl, AclKey(remove.kind, remove.id));
  }
};

}  // namespace

Result<std::vector<Index>> RocksdbStore::Commit(std::span<const model::Transaction> batch) {
  if (failed_) {
    return IoError("data directory " + path_ +
                   ": an earlier write failed, nothing more is written until a restart");
  }
  std::vector<Index> indexes;
  if (batch.empty()) return indexes;
  indexes.reserve(batch.size());

  rocksdb::WriteBatch writes;
  rocksdb::Status status;
  Index index = last_index_;
  for (const model::Transaction& transaction : batch) {
    index = index.Next();
    indexes.push_back(index);
    const MutationWriter writer{families_->node.get(),
                                families_->instance.get(),
                                families_->check.get(),
                                families_->coordinate.get(),
                                families_->acl.get(),
                                index,
                                writes};
    for (const model::Mutation& mutation : transaction) {
      if (status.ok()) status = std::visit(writer, mutation);
    }
  }
  if (status.ok()) {
    status = writes.Put(families_->meta.get(), kLastBatchKey,
                        EncodeBatchIndexes({indexes.front(), indexes.back()}));
  }
  if (status.ok()) status = db_->Write(CommitOptions(), &writes);
  if (!status.ok()) {
    failed_ = true;
    return IoError(Translate(status).message);
  }
  if (auto written = acknowledged_->Write(index); !written) {
    failed_ = true;
    return written.error();
  }
  last_index_ = index;
  return indexes;
}

}  // namespace rollcall::store
