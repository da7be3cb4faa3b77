// SnapshotCheck: reads a snapshot file as it comes, down to each record: what passes is whole, and
// a registry can take all of it. Belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/model/value_pool.h"
#include "registry/store/snapshot_reader.h"

namespace rollcall::cli {

class SnapshotCheck {
 public:
  // Errors call it `name`.
  explicit SnapshotCheck(std::string name);
  SnapshotCheck(const SnapshotCheck&) = delete;
  SnapshotCheck& operator=(const SnapshotCheck&) = delete;

  Result<void> Feed(std::string_view bytes);
  Result<store::RecordCounts> Finish();

  // Null before it has come.
  const store::SnapshotHeader* header() const { return reader_.header(); }
  uint64_t records() const { return reader_.counts().total(); }
  // What the header announces; 0: nothing.
  uint64_t expected_records() const;
  // "10 nodes, 20 instances, ... of dc1 at index 55", of what has been read.
  std::string Summary() const;

 private:
  Error Named(const Error& error) const;

  const std::string name_;
  model::ValuePool pool_;
  store::SnapshotReader reader_;
};

}  // namespace rollcall::cli
