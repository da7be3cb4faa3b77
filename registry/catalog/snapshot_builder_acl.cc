// The part of SnapshotBuilder that keeps the objects of access control.
#include <algorithm>

#include "registry/catalog/snapshot_builder.h"

namespace rollcall::catalog {

void SnapshotBuilder::Do(const model::PutAcl& put) {
  AclRef record = Stamped(put.object);
  NoteAcl(record->modify_index);
  next_.acl_.Ensure(edit_, std::move(record));
}

void SnapshotBuilder::Do(const model::RemoveAcl& remove) {
  if (next_.acl_.Erase(edit_, {remove.kind, remove.id})) NoteAcl(index_);
}

void SnapshotBuilder::NoteAcl(Index at) {
  next_.acl_index_ = std::max(next_.acl_index_, at);
  next_.acl_edition_ = Edition::Next();
  Changed(WatchKey::Acl());
}

}  // namespace rollcall::catalog
