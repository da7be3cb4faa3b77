// The directory that a store keeps its files in: made, and checked, before RocksDB sees it, so that
// what is wrong with it is said in our words and nothing that is already there is harmed.
// Called while a store opens, by the thread that opens it.
#pragma once

#include <string>

#include "registry/base/result.h"

namespace rocksdb {
class Env;
}

namespace rollcall::store {

enum class DirectoryContent { kNoDatabase, kDatabase };

// Makes sure that `path` is a directory in which this process can create files, creating it and its
// parents (durably: each one's own parent is synced) when it is not there.
// kInvalidArgument when something else is in its place, kPermissionDenied, kIo; kCorruption when it
// holds the files of a database without the file that says which of them count.
Result<DirectoryContent> PrepareDataDirectory(rocksdb::Env& env, const std::string& path);

}  // namespace rollcall::store
