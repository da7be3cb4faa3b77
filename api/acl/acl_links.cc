#include "api/acl/acl_links.h"

#include <optional>
#include <string>

namespace rollcall::api {
namespace {

template <typename T>
acl::FindLink FinderOn(const acl::Shelf<T>& shelf) {
  return [&shelf](const acl::LinkRequest& link) -> std::optional<std::string> {
    const acl::Kept<T>* const kept =
        link.id.empty() ? shelf.FindByName(link.name) : shelf.Find(link.id);
    if (kept == nullptr) return std::nullopt;
    return kept->object.id;
  };
}

}  // namespace

acl::FindLink PolicyFinder(const acl::Directory& directory) {
  return FinderOn(directory.policies());
}

acl::LinkFinders LinkFindersIn(const acl::Directory& directory) {
  return {FinderOn(directory.policies()), FinderOn(directory.roles())};
}

}  // namespace rollcall::api
