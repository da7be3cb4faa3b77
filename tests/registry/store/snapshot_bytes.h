// Snapshot files of a few records, for tests of who reads them.
#pragma once

#include <string>

#include "registry/store/snapshot_block.h"
#include "registry/store/snapshot_writer.h"

namespace rollcall::store {

inline model::Node SomeNode(const std::string& name) {
  model::Node node;
  node.name = name;
  node.address = "10.0.0.1";
  return node;
}

inline model::Instance SomeInstance(const std::string& id) {
  model::Instance instance;
  instance.id = id;
  instance.service = "web";
  return instance;
}

inline model::Check SomeCheck(const std::string& id, const std::string& service_id = "") {
  model::Check check;
  check.check_id = id;
  check.name = id;
  check.service_id = service_id;
  return check;
}

inline SnapshotHeader SomeHeader() {
  return {.version = "1.2.3",
          .datacenter = "dc7",
          .time = std::chrono::seconds(1'700'000'000),
          .index = Index(42),
          .expected = {}};
}

// Two blocks of one node each.
inline std::string SomeSnapshot() {
  SnapshotWriter writer;
  SnapshotHeader header = SomeHeader();
  header.expected = {.nodes = 2, .instances = 1, .checks = 2};
  std::string bytes = writer.Begin(header);
  SnapshotBlock block;
  block.Add(SomeNode("a"), Occurrence::kFirst);
  block.Add(SomeCheck("alive"));
  block.Add(SomeInstance("web-1"), Occurrence::kFirst);
  block.Add(SomeCheck("http", "web-1"));
  block.Add(model::Coordinate());
  bytes += writer.Block(block);
  block.Clear();
  block.Add(SomeNode("b"), Occurrence::kFirst);
  return bytes + writer.Block(block) + writer.End();
}

}  // namespace rollcall::store
