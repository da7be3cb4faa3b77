// RecordSharer: lets the records of a store share what they have in common, as they are read: each
// through the catalog's pool of values, and with the records of its own node that came before it.
// Single-threaded; part of a SnapshotLoader.
#pragma once

#include <cstddef>
#include <vector>

#include "registry/base/counted.h"
#include "registry/model/records.h"
#include "registry/model/value_pool.h"

namespace rollcall::catalog {

class RecordSharer {
 public:
  template <typename Record>
  using Records = std::vector<Ref<Counted<Record>>>;

  // `pool` null: records stay as they come.
  explicit RecordSharer(model::ValuePool* pool) : pool_(pool) {}

  // The record as it is kept. Given are the records so far, those of each kind in order when they
  // come from a store that is whole (store.h). What is out of order, or of a node that is not
  // there, shares less and says the same.
  Ref<Counted<model::Node>> Share(model::Node node);
  Ref<Counted<model::Instance>> Share(model::Instance instance, const Records<model::Node>& nodes);
  Ref<Counted<model::Check>> Share(model::Check check, const Records<model::Node>& nodes,
                                   const Records<model::Instance>& instances);

 private:
  // How far the records of one kind have come in those of another.
  struct Places {
    size_t node = 0;
    size_t instance = 0;
  };

  model::ValuePool* const pool_;
  Places of_instances_;
  Places of_checks_;
};

}  // namespace rollcall::catalog
