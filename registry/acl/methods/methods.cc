#include "registry/acl/methods/methods.h"

namespace rollcall::acl {

std::string_view ToString(BindType type) {
  switch (type) {
    case BindType::kService:
      return "service";
    case BindType::kNode:
      return "node";
    case BindType::kRole:
      return "role";
  }
  return "";
}

bool ParseBindType(std::string_view text, BindType* type) {
  for (const BindType candidate : {BindType::kService, BindType::kNode, BindType::kRole}) {
    if (ToString(candidate) != text) continue;
    *type = candidate;
    return true;
  }
  return false;
}

}  // namespace rollcall::acl
