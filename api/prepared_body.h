// What many clients ask for in the same form: rendered once per change, and kept with what it was
// rendered from. Any thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/http/body.h"
#include "api/read.h"
#include "api/reply.h"
#include "registry/catalog/prepared.h"
#include "registry/model/json.h"

namespace rollcall::api {

class PreparedBody final : public catalog::PreparedValue {
 public:
  explicit PreparedBody(std::string json)
      : body(std::make_shared<const http::SharedBody>(std::move(json))) {}
  const std::shared_ptr<const http::SharedBody> body;
};

// What `cell` keeps, rendered by `render()` (returning its JSON) when that is nothing yet.
template <typename MakeJson>
Rendered Prepared(const catalog::PreparedCell& cell, const MakeJson& render) {
  bool kept = true;
  const PreparedBody& prepared = cell.GetOrMake<PreparedBody>([&] {
    kept = false;
    return std::make_unique<const PreparedBody>(render());
  });
  return {prepared.body, kept};
}

// The list that `make()` gives. A plain one, as most clients ask for it, is kept in `cell`.
template <typename MakeList>
Rendered RenderList(bool plain, const catalog::PreparedCell& cell, const MakeList& make) {
  if (!plain) return Rendered(Render(make()));
  return Prepared(cell, [&] { return model::Dump(make()); });
}

}  // namespace rollcall::api
