#include "registry/catalog/log_reload.h"

#include <utility>

#include "registry/catalog/everything_changed.h"

namespace rollcall::catalog {

LogReload::LogReload(store::SharedLog* log, model::ValuePool* pool,
                     std::shared_ptr<const Snapshot> before, Clock::TimePoint now, Done done)
    : began_(now),
      thread_([log, pool, before = std::move(before),
               done = std::move(done)](const std::stop_token& given_up) {
        Result<LoadedLog> loaded = LoadLog(log, pool, given_up);
        if (given_up.stop_requested()) return;
        if (!loaded) return done(loaded.error());
        std::vector<WatchKey> changed = EverythingChanged(*before, *loaded->snapshot);
        done(Loaded{*std::move(loaded), std::move(changed)});
      }) {}

}  // namespace rollcall::catalog
