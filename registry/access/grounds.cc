#include "registry/access/grounds.h"

#include <algorithm>

namespace rollcall::acl {
namespace {

std::optional<Text> ContentOf(const model::AclObject* object) {
  return object == nullptr ? std::nullopt : std::optional(object->content);
}

}  // namespace

void Grounds::Add(model::AclKind kind, std::string_view id, const model::AclObject* object) {
  objects_.push_back({kind, std::string(id), ContentOf(object)});
}

bool Grounds::AreIn(const catalog::Snapshot& snapshot) const {
  return std::all_of(objects_.begin(), objects_.end(), [&snapshot](const Object& each) {
    // Not their indexes: those of a log that was restored from a backup can come again.
    return ContentOf(snapshot.FindAcl(each.kind, each.id)) == each.content;
  });
}

size_t Grounds::bytes() const {
  size_t bytes = sizeof *this + objects_.capacity() * sizeof(Object);
  for (const Object& each : objects_) {
    bytes += each.id.capacity() + (each.content ? each.content->size() : 0);
  }
  return bytes;
}

}  // namespace rollcall::acl
