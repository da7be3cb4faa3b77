// What selectors of binding rules ask of a login, named as in Consul's JWT auth method.
#include "api/filter/schemas.h"

namespace rollcall::api::filter {

template <>
const Fields<LoginRecord>& FieldsOf() {
  using R = LoginRecord;
  static const Fields<R> kFields = {
      TextMap<R>(
          "value", [](const R& r) -> auto& { return r.values; }),
      TextListMap<R>(
          "list", [](const R& r) -> auto& { return r.lists; }),
  };
  return kFields;
}

}  // namespace rollcall::api::filter
