#include "cli/server_catalog.h"

#include <spdlog/spdlog.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "cli/random_numbers.h"
#include "cli/store_settings.h"
#include "cli/store_wait.h"
#include "registry/base/background_threads.h"
#include "registry/store/etcd/etcd_log.h"
#include "registry/store/rocksdb_store.h"
#include "registry/store/volatile_store.h"

namespace rollcall::cli {
namespace {

Result<std::unique_ptr<store::Store>> OpenStore(const ServerOptions& options) {
  if (options.data_dir.empty()) {
    return std::unique_ptr<store::Store>(std::make_unique<store::VolatileStore>());
  }
  return store::RocksdbStore::Open(options.data_dir);
}

// Null: the process was told to end before the store could be reached.
Result<std::unique_ptr<catalog::Catalog>> OpenSharedCatalog(
    const SharedStore& store, const Clock& clock,
    const catalog::Catalog::Options& catalog_options) {
  const Result<store::EtcdOptions> etcd = EtcdOptionsOf(store);
  if (!etcd) return etcd.error();
  StoreWait wait;
  while (true) {
    auto log = std::make_unique<store::EtcdLog>(*etcd, &clock, RandomNumbers());
    auto catalog = catalog::Catalog::OpenShared(std::move(log), clock, catalog_options);
    if (catalog) wait.End();
    if (catalog || !wait.IsWorthAnotherTry(catalog.error())) {
      if (wait.was_stopped()) return std::unique_ptr<rollcall::catalog::Catalog>();
      return catalog;
    }
  }
}

// What the disk holds is unknown from here on: no write may be acknowledged any more, and nothing
// may be written on the way out. A restart finds out what is there.
[[noreturn]] void StopForGood(const Error& error) {
  spdlog::critical("a commit failed, stopping: {}", error.message);
  spdlog::shutdown();
  std::_Exit(1);
}

std::string HexOf(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, number);
  return text;
}

catalog::Catalog::Options CatalogOptions(const Clock& clock, catalog::HeardServers& heard) {
  catalog::Catalog::Options catalog_options;
  catalog_options.shared.id = HexOf(RandomNumbers()());
  catalog_options.shared.on_group = [&heard, &clock](const catalog::GroupView& view) {
    heard.SetGroup(view, clock.Now());
  };
  catalog_options.on_fatal = StopForGood;
  catalog_options.shared.on_warning = [](const std::string& text) { spdlog::warn("{}", text); };
  catalog_options.shared.on_relief = [](const std::string& text) { spdlog::info("{}", text); };
  return catalog_options;
}

}  // namespace

// With the writer and RocksDB's threads in the background: on a busy core they wait until those who
// answer have had their turn, so that registrations which come meanwhile share a commit.
Result<std::unique_ptr<catalog::Catalog>> OpenCatalog(const ServerOptions& options,
                                                      const Clock& clock,
                                                      catalog::HeardServers& heard) {
  catalog::Catalog::Options catalog_options = CatalogOptions(clock, heard);
  const BackgroundThreads background;
  if (options.shared_store) {
    return OpenSharedCatalog(*options.shared_store, clock, std::move(catalog_options));
  }
  Result<std::unique_ptr<store::Store>> store = OpenStore(options);
  if (!store) return store.error();
  return catalog::Catalog::Open(std::move(*store), clock, std::move(catalog_options));
}

}  // namespace rollcall::cli
