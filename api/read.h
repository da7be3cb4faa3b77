// Read: one question to the catalog, in the form that serves a plain and a blocking query alike:
// what to wait on, the index of the result, and the result. Any thread, on any snapshot.
#pragma once

#include <functional>

#include "api/http/response.h"
#include "registry/base/index.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/watch.h"

namespace rollcall::api {

struct Read {
  // A change that may move `index` names this key.
  catalog::WatchKey key;
  // Cheap: looked at on every wake-up.
  std::function<Index(const catalog::Snapshot&)> index;
  // The answer's JSON.
  std::function<http::Body(const catalog::Snapshot&)> render;
};

}  // namespace rollcall::api
