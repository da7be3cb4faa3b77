// What the tests of the store share: a fresh directory, records that are quick to write down, and
// the content of a store as something to compare.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "registry/model/mutation.h"
#include "registry/store/record_codec.h"
#include "registry/store/rocksdb_store.h"
#include "tests/registry/store/record_chunks.h"

namespace rollcall::store {

class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rollcall-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline model::Mutation PutNode(std::string name, std::string address) {
  model::Node node;
  node.name = std::move(name);
  node.address = std::move(address);
  return model::PutNode{std::make_shared<model::Node>(std::move(node))};
}
inline model::Mutation PutInstance(std::string node, std::string id, std::string service) {
  model::Instance instance;
  instance.node = std::move(node);
  instance.id = std::move(id);
  instance.service = std::move(service);
  return model::PutInstance{std::make_shared<model::Instance>(std::move(instance))};
}
inline model::Mutation PutCheck(std::string node, std::string id, std::string output) {
  model::Check check;
  check.node = std::move(node);
  check.check_id = std::move(id);
  check.output = std::move(output);
  return model::PutCheck{std::make_shared<model::Check>(std::move(check))};
}

inline model::Mutation PutCoordinate(std::string node, std::string segment, double height) {
  model::Coordinate coordinate;
  coordinate.node = std::move(node);
  coordinate.segment = std::move(segment);
  coordinate.height = height;
  return model::PutCoordinate{std::make_shared<model::Coordinate>(std::move(coordinate))};
}

inline model::Mutation PutAcl(model::AclKind kind, std::string id, std::string content) {
  model::AclObject object;
  object.kind = kind;
  object.id = std::move(id);
  object.content = std::move(content);
  return model::PutAcl{std::make_shared<model::AclObject>(std::move(object))};
}

// The records of a store, each as its kind and key to its encoded value.
class Content {
 public:
  // What a commit of `transaction` at `index` makes of it.
  void Apply(const model::Transaction& transaction, Index index) {
    for (const model::Mutation& mutation : transaction) Apply(mutation, index);
  }

  // As loaded, so with final indexes.
  void Add(const model::Mutation& mutation) { Apply(mutation, Index()); }

  friend bool operator==(const Content&, const Content&) = default;

  size_t size() const { return records_.size(); }

  // The records that one has and the other has not, or has in another state.
  std::vector<std::string> Differences(const Content& other) const {
    std::vector<std::string> names;
    for (const auto& [key, value] : records_) {
      const auto it = other.records_.find(key);
      if (it == other.records_.end()) names.push_back("not there: " + PrintableKey(key));
      if (it != other.records_.end() && it->second != value) {
        names.push_back("other state: " + PrintableKey(key));
      }
    }
    for (const auto& [key, value] : other.records_) {
      if (!records_.contains(key)) names.push_back("should not be there: " + PrintableKey(key));
    }
    return names;
  }

 private:
  template <typename Record>
  static Record Final(const Record& record, Index index) {
    return index.is_set() ? model::Stamp(record, index) : record;
  }

  void Set(std::string key, std::string value) { records_[std::move(key)] = std::move(value); }

  void Apply(const model::Mutation& mutation, Index index) {
    if (const auto* node = std::get_if<model::PutNode>(&mutation)) {
      Set("n" + KeyOf(*node->node), EncodeNode(Final(*node->node, index)));
    } else if (const auto* instance = std::get_if<model::PutInstance>(&mutation)) {
      Set("i" + KeyOf(*instance->instance), EncodeInstance(Final(*instance->instance, index)));
    } else if (const auto* check = std::get_if<model::PutCheck>(&mutation)) {
      Set("x" + KeyOf(*check->check), EncodeCheck(Final(*check->check, index)));
    } else if (const auto* coordinate = std::get_if<model::PutCoordinate>(&mutation)) {
      Set("z" + KeyOf(*coordinate->coordinate),
          EncodeCoordinate(Final(*coordinate->coordinate, index)));
    } else if (const auto* acl = std::get_if<model::PutAcl>(&mutation)) {
      Set("a" + KeyOf(*acl->object), EncodeAcl(Final(*acl->object, index)));
    } else if (const auto* no_acl = std::get_if<model::RemoveAcl>(&mutation)) {
      records_.erase("a" + AclKey(no_acl->kind, no_acl->id));
    } else if (const auto* no_node = std::get_if<model::RemoveNode>(&mutation)) {
      records_.erase("n" + NodeKey(no_node->node));
    } else if (const auto* no_instance = std::get_if<model::RemoveInstance>(&mutation)) {
      records_.erase("i" + InstanceKey(no_instance->node, no_instance->id));
    } else if (const auto* no_check = std::get_if<model::RemoveCheck>(&mutation)) {
      records_.erase("x" + CheckKey(no_check->node, no_check->check_id));
    } else if (const auto* no_coordinate = std::get_if<model::RemoveCoordinate>(&mutation)) {
      records_.erase("z" + CoordinateKey(no_coordinate->node, no_coordinate->segment));
    }
  }

  std::map<std::string, std::string> records_;
};

}  // namespace rollcall::store
