#include "api/shared/needs.h"

namespace rollcall::api {
namespace {

std::string_view WordOf(acl::Right right) {
  return right == acl::Right::kWrite ? ":write" : ":read";
}

void AddTo(std::string* list, std::string_view subject, acl::Right right) {
  if (!list->empty()) *list += ", ";
  *list += subject;
  *list += WordOf(right);
}

}  // namespace

std::string Needs::ToText() const {
  if (how == How::kNothing) return "nothing";
  if (how == How::kServer) return "to be a server of the same store";
  if (how == How::kPassedOn) return "what the registry demands";
  std::string list;
  for (const acl::Scalar scalar : scalars) AddTo(&list, acl::NameOf(scalar), right);
  for (const acl::Resource resource : resources) {
    AddTo(&list, acl::NameOf(acl::Subject{resource, acl::Match::kExact}), right);
  }
  if (list.empty()) return "a token";
  if (how == How::kFiltered) list += " (what may not be read is left out)";
  return list;
}

}  // namespace rollcall::api
