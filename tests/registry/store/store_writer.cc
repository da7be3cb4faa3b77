// Commits to the store in the directory of its argument until it is killed, and writes the last
// index of each batch to its standard output once it is acknowledged. The transaction at index i
// sets node (and on it instance) number i % kSlots to i, so that a reader of the store can tell
// what it must hold from its last index alone (kill_test.cc).
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "registry/store/rocksdb_store.h"
#include "tests/registry/store/store_fixture.h"
#include "tests/registry/store/store_writer.h"

namespace rollcall::store {
namespace {

int Write(const std::string& directory) {
  // Small buffers: tables are written and logs replaced all the time.
  auto opened = RocksdbStore::Open(directory, {nullptr, size_t{64} << 10});
  if (!opened) {
    std::cerr << opened.error().message << "\n";
    return 1;
  }
  auto last = LoadRecords(**opened, [](const model::Mutation&) {});
  if (!last) {
    std::cerr << last.error().message << "\n";
    return 1;
  }
  for (uint64_t index = last->value();;) {
    std::vector<model::Transaction> batch(kWriterBatch);
    for (model::Transaction& transaction : batch) {
      const std::string node = WriterNode(++index);
      transaction = {PutNode(node, std::to_string(index)),
                     PutInstance(node, "i", std::to_string(index)),
                     PutCheck(node, "c", std::string(index % 1000, 'x'))};
    }
    const auto indexes = (*opened)->Commit(batch);
    if (!indexes || indexes->back().value() != index) {
      std::cerr << (indexes ? "wrong index" : indexes.error().message) << "\n";
      return 1;
    }
    const std::string line = std::to_string(index) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return 1;
  }
}

}  // namespace
}  // namespace rollcall::store

int main(int argc, char** argv) { return argc == 2 ? rollcall::store::Write(argv[1]) : 2; }
