// What a catalog of a certain size costs, in this process and without sockets.
//   catalog_scale DIR INSTANCES SERVICES
// Opens the store in DIR, which is new or was left by an earlier run of the same size, fills it
// with INSTANCES instances of SERVICES services if it is empty, and prints what it measured, a line
// of a name and a number each. An instance is on a node of its own and has a TTL check, three tags
// and three pairs of metadata.
//   scan_s          reading all keys and values of the store with RocksDB alone
//   load_s          opening the catalog from it
//   fill_s          registering the instances, where the store was empty
//   memory_bytes    growth of the resident memory by opening or filling, for each instance
//   register_us     CPU time of the process for each of 2,000 durable registrations of instances
//                   here and there, one after the other
// It ends without tearing the catalog down. Exit codes: 0, 1 it could not, 2 wrong usage.
#include <malloc.h>
#include <rocksdb/db.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/catalog/catalog.h"
#include "registry/model/command.h"
#include "registry/store/rocksdb_store.h"
#include "tests/bench/program.h"
#include "tests/bench/registrations.h"

namespace {

using rollcall::Result;
using rollcall::bench::ParseNumber;
using rollcall::bench::Registrations;
using rollcall::catalog::Catalog;
using rollcall::catalog::Written;
namespace model = rollcall::model;
using Seconds = std::chrono::duration<double>;
using WallClock = std::chrono::steady_clock;

constexpr size_t kRegistrations = 2000;
// So many are sent before one is waited for: the store commits them together.
constexpr size_t kInFlight = 4096;
constexpr size_t kMost = 10'000'000;

void Say(const char* name, double value) {
  std::printf("%s %.3f\n", name, value);
  std::fflush(stdout);
}

int Fail(const std::string& why) {
  std::fprintf(stderr, "catalog_scale: %s\n", why.c_str());
  return 1;
}

double SecondsSince(WallClock::time_point began) {
  return Seconds(WallClock::now() - began).count();
}

size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  size_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

double CpuMicroseconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

// The sizes of all keys and values; nothing when the store cannot be read.
std::optional<size_t> Scan(const std::string& path) {
  const rocksdb::Options options;
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, path, &names).ok()) return std::nullopt;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::OpenForReadOnly(options, path, families, &handles, &opened).ok()) {
    return std::nullopt;
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::ReadOptions read;
  read.total_order_seek = true;
  read.readahead_size = size_t{2} << 20;
  size_t bytes = 0;
  for (rocksdb::ColumnFamilyHandle* family : handles) {
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(read, family));
    for (at->SeekToFirst(); at->Valid(); at->Next()) bytes += at->key().size() + at->value().size();
  }
  for (rocksdb::ColumnFamilyHandle* family : handles) db->DestroyColumnFamilyHandle(family);
  return bytes;
}

// False when one was refused.
bool Fill(Catalog& catalog, size_t instances, const Registrations& registrations) {
  for (size_t number = 0; number < instances; ++number) {
    model::Register put = registrations.Of(number, 80);
    const bool is_last = number + 1 == instances;
    if (!is_last && (number + 1) % kInFlight != 0) {
      catalog.Submit(std::move(put), [](const Result<Written>&) {});
    } else if (!catalog.SubmitAndWait(std::move(put))) {
      return false;
    }
  }
  return catalog.snapshots().Get()->instance_count() == instances;
}

// CPU time of each; nothing when one was refused or changed nothing.
std::optional<double> RegisterHereAndThere(Catalog& catalog, size_t instances,
                                           const Registrations& registrations) {
  // Another port than any earlier run has used.
  const int port = 1 + static_cast<int>(catalog.snapshots().Get()->index().value() % 60000);
  const double before = CpuMicroseconds();
  for (size_t n = 0; n < kRegistrations; ++n) {
    const size_t number = n * 7919 % instances;
    const int other_port = port + static_cast<int>(n / instances);
    const Result<Written> written = catalog.SubmitAndWait(registrations.Of(number, other_port));
    if (!written || !written->changed) return std::nullopt;
  }
  return (CpuMicroseconds() - before) / static_cast<double>(kRegistrations);
}

int Measure(const std::string& path, size_t instances, const Registrations& registrations) {
  // Both read from the page cache.
  if (Scan(path)) {
    const WallClock::time_point began = WallClock::now();
    if (!Scan(path)) return Fail("the store cannot be scanned");
    Say("scan_s", SecondsSince(began));
    malloc_trim(0);
  }
  const rollcall::SteadyClock clock;
  const size_t memory_before = ResidentBytes();
  WallClock::time_point began = WallClock::now();
  auto store = rollcall::store::RocksdbStore::Open(path);
  if (!store) return Fail(store.error().message);
  auto opened = Catalog::Open(std::move(*store), clock, {});
  if (!opened) return Fail(opened.error().message);
  Catalog& catalog = **opened;
  if (catalog.snapshots().Get()->instance_count() != 0) {
    Say("load_s", SecondsSince(began));
    if (catalog.snapshots().Get()->instance_count() != instances) {
      return Fail("the store holds another number of instances");
    }
  } else {
    began = WallClock::now();
    if (!Fill(catalog, instances, registrations)) return Fail("a registration was refused");
    Say("fill_s", SecondsSince(began));
  }
  malloc_trim(0);
  Say("memory_bytes",
      static_cast<double>(ResidentBytes() - memory_before) / static_cast<double>(instances));
  const std::optional<double> cost = RegisterHereAndThere(catalog, instances, registrations);
  if (!cost) return Fail("a registration was refused, or changed nothing");
  Say("register_us", *cost);
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const auto instances = argc == 4 ? ParseNumber(argv[2], 1, kMost) : std::nullopt;
  const auto services = argc == 4 ? ParseNumber(argv[3], 1, kMost) : std::nullopt;
  if (!instances || !services) {
    std::fprintf(stderr, "usage: catalog_scale DIR INSTANCES SERVICES\n");
    return 2;
  }
  // Nobody renews the checks: none is to expire meanwhile.
  return Measure(argv[1], *instances, {.services = *services, .ttl = std::chrono::hours(24)});
}
