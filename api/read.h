// Read: one question to the catalog, in the form that serves a plain and a blocking query alike:
// what to wait on, the index of the result, and the result. Any thread, on any snapshot.
#pragma once

#include <functional>
#include <utility>

#include "api/http/response.h"
#include "registry/base/index.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/watch.h"

namespace rollcall::api {

// A result's JSON, and whether it was there already, kept from an earlier request.
struct Rendered {
  Rendered(http::Body json) : body(std::move(json)) {}  // NOLINT: made for this request
  Rendered(http::Body json, bool was_kept_before) : body(std::move(json)), kept(was_kept_before) {}

  http::Body body;
  bool kept = false;
};

// Whether the index of a read can move although its result stays as it is.
enum class IndexMoves {
  kWithTheResult,
  // The result shows a part of what the index counts: only passing instances, those that a filter
  // lets through. Who waits for it is woken by a change of the result itself.
  kAlsoWithoutIt,
};

struct Read {
  // A change that may move `index` names this key.
  catalog::WatchKey key;
  // Cheap: looked at on every wake-up.
  std::function<Index(const catalog::Snapshot&)> index;
  std::function<Rendered(const catalog::Snapshot&)> render;
  IndexMoves index_moves = IndexMoves::kWithTheResult;
};

}  // namespace rollcall::api
