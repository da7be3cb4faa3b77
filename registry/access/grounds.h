// Grounds: the objects of access control that somebody's rights were read from, as they were then,
// and those that were looked for and not there. As long as a snapshot has the same, the rights are
// those that it grants. Immutable once it is shared: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/text.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::acl {

class Grounds {
 public:
  // `object`: what was found under that name; null: nothing.
  void Add(model::AclKind kind, std::string_view id, const model::AclObject* object);

  // Whether all of them are in the snapshot as they were.
  bool AreIn(const catalog::Snapshot& snapshot) const;

  // How much memory they hold, about. Contents that are still in the catalog count too, although
  // they are shared with it: they may go there, and stay here.
  size_t bytes() const;

 private:
  struct Object {
    model::AclKind kind;
    std::string id;
    std::optional<Text> content;  // none: it was not there
  };

  std::vector<Object> objects_;
};

}  // namespace rollcall::acl
