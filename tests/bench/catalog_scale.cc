// What a catalog of a certain size costs, in this process and without sockets.
//   catalog_scale DIR INSTANCES SERVICES
// Fills the store in DIR (empty, or left by an earlier run of the same size) with INSTANCES
// instances of SERVICES services, each on a node of its own, with one TTL check, three tags and
// three pairs of metadata. Prints one line "name value" for each figure:
//   memory_bytes        growth of the resident memory, over the instances
//   register_us         CPU time of the writer for a registration that changes an instance, durable
//   load_s, scan_s      start from the store; RocksDB's own scan of the same keys and values
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "registry/catalog/catalog.h"
#include "registry/model/command.h"
#include "registry/store/rocksdb_store.h"

namespace {

using namespace rollcall;
using Wall = std::chrono::steady_clock;

size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  size_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

model::Register Registration(size_t number, size_t services, int port) {
  model::Register put;
  char text[64];
  std::snprintf(text, sizeof text, "node-%07zu", number);
  put.node.name = text;
  std::snprintf(text, sizeof text, "10.%zu.%zu.%zu", number >> 16 & 255, number >> 8 & 255,
                number & 255);
  put.node.address = text;
  model::Instance instance;
  std::snprintf(text, sizeof text, "service-%05zu", number % services);
  instance.service = text;
  std::snprintf(text, sizeof text, "service-%05zu-%07zu", number % services, number);
  instance.id = text;
  instance.port = port;
  instance.tags = {"primary", "v1.14.2", "rack-" + std::to_string(number % 40)};
  instance.meta = {{"owner", "team-" + std::to_string(number % 100)},
                   {"version", "1.14.2"},
                   {"zone", "eu-west-1b"}};
  model::Check check;
  check.check_id = "service:" + instance.id;
  check.name = "Service '" + instance.service + "' check";
  check.status = model::CheckStatus::kPassing;
  check.service_id = instance.id;
  check.type = "ttl";
  auto definition = std::make_shared<model::CheckDefinition>();
  definition->ttl = std::chrono::seconds(30);
  check.definition = definition;
  check.upkeep = definition;
  put.instance = std::move(instance);
  put.checks.push_back(std::move(check));
  return put;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const size_t instances = std::strtoul(argv[2], nullptr, 10), services = std::strtoul(argv[3], nullptr, 10);
  rollcall::SteadyClock clock;
  auto began = Wall::now();
  auto store = store::RocksdbStore::Open(argv[1]);
  if (!store) { std::fprintf(stderr, "%s\n", store.error().message.c_str()); return 1; }
  const size_t before = ResidentBytes();
  auto opened = catalog::Catalog::Open(std::move(*store), clock, {});
  if (!opened) { std::fprintf(stderr, "%s\n", opened.error().message.c_str()); return 1; }
  catalog::Catalog& catalog = **opened;
  std::printf("load_s %.3f\n", std::chrono::duration<double>(Wall::now() - began).count());
  auto snapshot = catalog.snapshots().Get();
  if (snapshot->instance_count() == 0) {
    for (size_t i = 0; i < instances; ++i) {
      if (i % 4096 == 4095) {
        if (!catalog.SubmitAndWait(Registration(i, services, 80))) return 1;
      } else {
        catalog.Submit(Registration(i, services, 80), [](Result<catalog::Written>) {});
      }
    }
    if (!catalog.SubmitAndWait(Registration(0, services, 81))) return 1;
    std::printf("fill_s %.3f\n", std::chrono::duration<double>(Wall::now() - began).count());
  }
  snapshot = catalog.snapshots().Get();
  std::printf("instances %zu\n", snapshot->instance_count());
  snapshot = nullptr;
  std::printf("memory_bytes %.1f\n", double(ResidentBytes() - before) / double(instances));
  malloc_trim(0);
  std::printf("memory_trimmed_bytes %.1f\n", double(ResidentBytes() - before) / double(instances));
  began = Wall::now();
  rusage a, b;
  getrusage(RUSAGE_SELF, &a);
  for (int n = 0; n < 2000; ++n) {
    if (!catalog.SubmitAndWait(Registration(size_t(n) * 7919 % instances, services, 1000 + int(began.time_since_epoch().count() % 5000)))) return 1;
  }
  getrusage(RUSAGE_SELF, &b);
  auto s = [](const timeval& t) { return double(t.tv_sec) * 1e6 + double(t.tv_usec); };
  std::printf("register_us %.2f user %.2f wall %.2f\n", (s(b.ru_utime) + s(b.ru_stime) - s(a.ru_utime) - s(a.ru_stime)) / 2000, (s(b.ru_utime) - s(a.ru_utime)) / 2000,
  std::chrono::duration<double, std::micro>(Wall::now() - began).count() / 2000);
  std::fflush(stdout);
  _exit(0);
}
