#include "registry/catalog/log_loader.h"

#include <limits>
#include <optional>
#include <utility>

#include "registry/catalog/fence.h"
#include "registry/catalog/server_group.h"
#include "registry/catalog/snapshot_loader.h"
#include "registry/store/document.h"

namespace rollcall::catalog {

Result<LoadedLog> LoadLog(store::SharedLog* log, model::ValuePool* pool,
                          const std::stop_token& given_up) {
  LoadedLog all;
  SnapshotLoader loader(pool, SnapshotLoader::UsefulHelpers());
  // The records of a document are of its revision or older, and that of no document is known to be
  // the last before all have been read.
  const Index any(std::numeric_limits<uint64_t>::max());
  store::DocumentChunks chunks(
      "the log", any, [&loader](store::RecordChunk chunk) { return loader.Add(std::move(chunk)); });
  std::optional<Error> damage;
  const auto take = [&](const std::vector<store::KeyValue>& keys) {
    for (const store::KeyValue& key : keys) {
      if (ServerGroup::IsOwn(key.key) || key.key.starts_with(kFenceKeys)) {
        all.group[key.key] = key.value;
      }
      if (!store::IsDocumentKey(key.key)) continue;
      const Result<bool> added = chunks.Add(key);
      if (!added) damage = added.error();
      if (!added || !*added) return false;
      const Result<store::DocumentName> name = store::ParseDocumentKey(key.key);
      if (name && name->kind == store::DocumentKind::kNode) {
        all.revisions[name->node] = key.revision;
      }
    }
    return true;
  };
  Result<store::Position> position = log->Load(take, given_up);
  if (damage) return *damage;
  if (!position) return position.error();
  chunks.Finish();
  Result<SnapshotLoader::Loaded> loaded = loader.Finish(position->head);
  if (!loaded) return loaded.error();
  all.position = std::move(*position);
  all.snapshot = std::move(loaded->snapshot);
  all.deadlines = std::move(loaded->deadlines);
  return all;
}

}  // namespace rollcall::catalog
