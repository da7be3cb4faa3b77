#include "api/http/conditional.h"

#include <algorithm>

#include "registry/base/ascii.h"

namespace rollcall::http {
namespace {

std::string_view WithoutWeakness(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

// Whether the list (section 8.8.3: each element a quoted string, with W/ before it or not) has
// `opaque`, which is quoted too. A comma inside of the quotes belongs to the tag.
bool ListHas(std::string_view list, std::string_view opaque) {
  while (true) {
    list.remove_prefix(std::min(list.find_first_not_of(" \t,"), list.size()));
    list = WithoutWeakness(list);
    if (!list.starts_with('"')) return false;
    const size_t end = list.find('"', 1);
    if (end == std::string_view::npos) return false;
    if (list.substr(0, end + 1) == opaque) return true;
    list.remove_prefix(end + 1);
  }
}

}  // namespace

std::string WeakETag(std::string_view opaque) {
  return std::string("W/\"").append(opaque).append("\"");
}

bool MatchesIfNoneMatch(const Request& request, std::string_view etag) {
  const std::string_view opaque = WithoutWeakness(etag);
  return std::any_of(request.headers().begin(), request.headers().end(),
                     [&](const NamedValue& field) {
                       return EqualsIgnoreCase(field.name, "If-None-Match") &&
                              (field.value == "*" || ListHas(field.value, opaque));
                     });
}

Response NotModified(std::string_view etag) {
  Response response = EmptyResponse(304);
  response.AddHeader("ETag", etag);
  return response;
}

}  // namespace rollcall::http
