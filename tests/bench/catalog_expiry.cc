// What it costs to expire checks in a catalog of many that are renewed, and how late it happens; in
// this process and without sockets.
//   catalog_expiry DIR INSTANCES HEARTBEATS UNRENEWED
// Opens a catalog with INSTANCES instances that each have a TTL check of 30 s, and renews them all
// in turn with HEARTBEATS a second, for two TTLs. During the first one UNRENEWED checks, one now
// and then, get their last heartbeat, so that they expire during the second one, which is measured.
// What the catalog commits goes to a new store in DIR. Prints a line of a name and a number each:
//   writer_percent  CPU time of the catalog's writer thread, of a core, while checks expire: the
//                   wheel, the expiries, their commits
//   late_p50_ms, late_p99_ms, late_max_ms
//                   from the end of a check's TTL until it can be read that it is critical
//   expired         how many have expired: those that were to, or it fails
//   heartbeats      heartbeats a second
// It ends without tearing the catalog down. Exit codes: 0, 1 it could not, or a check expired that
// was not to, or one did not; 2 wrong usage.
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "registry/catalog/catalog.h"
#include "registry/catalog/resolve.h"
#include "registry/store/rocksdb_store.h"
#include "tests/bench/program.h"
#include "tests/bench/registrations.h"
#include "tests/registry/store/record_chunks.h"

namespace {

using rollcall::Clock;
using rollcall::Index;
using rollcall::Result;
using rollcall::bench::ParseNumber;
using rollcall::bench::Registrations;
using rollcall::catalog::Catalog;
using rollcall::catalog::ChangeSet;
using rollcall::catalog::CheckEntry;
namespace catalog = rollcall::catalog;
namespace model = rollcall::model;
namespace store = rollcall::store;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::seconds kTtl{30};
constexpr size_t kInstancesOfAService = 20;
// Heartbeats come in bursts, a millisecond apart.
constexpr size_t kBurstsPerSecond = 1000;
// They have not kept up when they took longer than they should by such a part.
constexpr double kSlack = 1.02;
constexpr size_t kNodesOfChunk = 500;
constexpr size_t kMost = 10'000'000;

void Say(const char* name, double value) { std::printf("%s %.3f\n", name, value); }

int Fail(const std::string& why) {
  std::fprintf(stderr, "catalog_expiry: %s\n", why.c_str());
  return 1;
}

// A store that seems to hold as many instances, and commits to another one, a new one.
class MadeUpStore final : public store::Store {
 public:
  MadeUpStore(std::unique_ptr<store::Store> disk, const Registrations& registrations,
              size_t instances)
      : disk_(std::move(disk)), registrations_(registrations), instances_(instances) {}

  Result<Index> Load(const ChunkSink& sink) override {
    const auto loaded = disk_->Load([](store::RecordChunk) { return true; });
    if (!loaded) return loaded;
    // All records carry the index of the one that the disk really has.
    const model::Transaction first = Records(0);
    const auto committed = disk_->Commit({&first, 1});
    if (!committed) return committed.error();
    index_ = committed->back();
    // Nodes are numbered in their order.
    for (size_t number = 0; number < instances_;) {
      std::vector<model::Mutation> records;
      const size_t end = std::min(number + kNodesOfChunk, instances_);
      for (; number < end; ++number) {
        for (model::Mutation& record : Records(number)) records.push_back(std::move(record));
      }
      for (store::RecordChunk& chunk : store::ChunksOf(records, index_, kNodesOfChunk)) {
        if (!sink(std::move(chunk))) return index_;
      }
    }
    return index_;
  }

  Result<std::vector<Index>> Commit(std::span<const model::Transaction> batch) override {
    return disk_->Commit(batch);
  }

 private:
  // Of one instance, with its node and check.
  model::Transaction Records(size_t number) const {
    model::Transaction records =
        std::move(*catalog::Resolve(registrations_.Of(number, 80), nothing_));
    for (model::Mutation& record : records) {
      if (auto* node = std::get_if<model::PutNode>(&record)) Stamp(&node->node);
      if (auto* instance = std::get_if<model::PutInstance>(&record)) Stamp(&instance->instance);
      if (auto* check = std::get_if<model::PutCheck>(&record)) Stamp(&check->check);
    }
    return records;
  }
  template <typename Record>
  void Stamp(std::shared_ptr<const Record>* record) const {
    *record = std::make_shared<const Record>(model::Stamp(**record, index_));
  }

  const std::unique_ptr<store::Store> disk_;
  const Registrations registrations_;
  const size_t instances_;
  const catalog::Snapshot nothing_;
  Index index_;
};

// Notes when each index could be read, and the writer thread's CPU clock. Any thread.
class Publications final : public catalog::ChangeListener {
 public:
  void OnChange(const std::shared_ptr<const ChangeSet>& changes) override {
    const Clock::TimePoint now = clock_.Now();
    const std::lock_guard lock(mutex_);
    if (published_.empty()) pthread_getcpuclockid(pthread_self(), &writer_clock_);
    published_.emplace_back(changes->snapshot->index(), now);
  }

  // There is at least one.
  Seconds WriterCpu() const {
    const std::lock_guard lock(mutex_);
    timespec used = {};
    clock_gettime(writer_clock_, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  }

  // When `index`, which has been published, could be read.
  Clock::TimePoint TimeOf(Index index) const {
    const std::lock_guard lock(mutex_);
    return std::lower_bound(published_.begin(), published_.end(), index,
                            [](const auto& each, Index sought) { return each.first < sought; })
        ->second;
  }

 private:
  const rollcall::SteadyClock clock_;
  mutable std::mutex mutex_;
  std::vector<std::pair<Index, Clock::TimePoint>> published_;  // in order
  clockid_t writer_clock_ = {};
};

// One check that is left alone.
struct Left {
  size_t number;
  Clock::TimePoint due;
};

// The heartbeats of two TTLs, a burst at a time.
class Heartbeats {
 public:
  Heartbeats(const Catalog& of, const Registrations& registrations, size_t instances)
      : catalog_(of), registrations_(registrations), is_left_(instances) {}

  // Renews the next check unless it is left alone. False when the catalog does not renew it.
  bool Renew() {
    const size_t number = Next();
    if (is_left_[number]) return true;
    const std::shared_ptr<const catalog::Snapshot>& snapshot = reader_.Current();
    return catalog_.Heartbeat(*snapshot, Registrations::NodeOf(number),
                              registrations_.CheckOf(number), model::CheckStatus::kPassing,
                              "") == Catalog::HeartbeatResult::kRenewed;
  }

  // The same, and it was the check's last heartbeat.
  bool RenewForTheLastTime() {
    const size_t number = next_;
    if (is_left_[number]) return Renew();
    if (!Renew()) return false;
    const CheckEntry* check =
        reader_.Current()->FindCheck(Registrations::NodeOf(number), registrations_.CheckOf(number));
    is_left_[number] = true;
    left_.push_back({number, check->ttl->due()});
    return true;
  }

  const std::vector<Left>& left() const { return left_; }

 private:
  size_t Next() { return std::exchange(next_, (next_ + 1) % is_left_.size()); }

  const Catalog& catalog_;
  const Registrations& registrations_;
  catalog::SnapshotReader reader_{catalog_.snapshots()};
  std::vector<bool> is_left_;
  std::vector<Left> left_;
  size_t next_ = 0;
};

// `per_second` calls of `renew` a second, for one TTL from `began` on. False when one fails.
template <typename F>
bool Paced(Clock::TimePoint began, size_t per_second, F renew) {
  const size_t bursts = kBurstsPerSecond * static_cast<size_t>(kTtl.count());
  for (size_t burst = 0, sent = 0; burst < bursts; ++burst) {
    std::this_thread::sleep_until(began + std::chrono::milliseconds(burst));
    for (; sent < per_second * (burst + 1) / kBurstsPerSecond; ++sent) {
      if (!renew()) return false;
    }
  }
  std::this_thread::sleep_until(began + kTtl);
  return true;
}

// How late each was seen to be critical, sorted; nothing when one is not.
std::optional<std::vector<double>> LatenessMs(const catalog::Snapshot& snapshot,
                                              const Registrations& registrations,
                                              const std::vector<Left>& left,
                                              const Publications& publications) {
  std::vector<double> late;
  for (const auto& [number, due] : left) {
    const CheckEntry* check =
        snapshot.FindCheck(Registrations::NodeOf(number), registrations.CheckOf(number));
    if (check == nullptr || check->check->status != model::CheckStatus::kCritical) return {};
    late.push_back(Milliseconds(publications.TimeOf(check->check->modify_index) - due).count());
  }
  std::sort(late.begin(), late.end());
  return late;
}

int Measure(const std::string& path, size_t instances, size_t per_second, size_t unrenewed) {
  const Registrations registrations{
      .services = std::max<size_t>(1, instances / kInstancesOfAService), .ttl = kTtl};
  const rollcall::SteadyClock clock;
  auto disk = store::RocksdbStore::Open(path);
  if (!disk) return Fail(disk.error().message);
  auto opened = Catalog::Open(
      std::make_unique<MadeUpStore>(std::move(*disk), registrations, instances), clock, {});
  if (!opened) return Fail(opened.error().message);
  Catalog& of = **opened;
  Publications publications;
  of.AddListener(&publications);
  // A first change, to learn which thread the writer is: a node without checks.
  model::Register node;
  node.node.name = "first";
  if (!of.SubmitAndWait(std::move(node))) return Fail("a registration was refused");

  Heartbeats heartbeats(of, registrations, instances);
  const size_t in_a_ttl = per_second * static_cast<size_t>(kTtl.count());
  // Odd, lest in each turn the same checks meet it.
  const size_t step = std::max<size_t>(1, in_a_ttl / unrenewed) | 1;
  const Clock::TimePoint began = clock.Now();
  size_t sent = 0;
  bool renewed = Paced(began, per_second, [&] {
    return ++sent % step == 0 ? heartbeats.RenewForTheLastTime() : heartbeats.Renew();
  });
  const Seconds cpu_before = publications.WriterCpu();
  const Clock::TimePoint half = clock.Now();
  renewed = renewed && Paced(began + kTtl, per_second, [&] { return heartbeats.Renew(); });
  const Seconds took = clock.Now() - half;
  const Seconds cpu = publications.WriterCpu() - cpu_before;
  if (!renewed) return Fail("a check was not renewed: it had expired before its time, or is gone");
  if (Seconds(clock.Now() - began) > 2 * kTtl * kSlack) return Fail("the heartbeats were too slow");
  // The last of them have until then.
  std::this_thread::sleep_for(std::chrono::seconds(2));

  const auto late =
      LatenessMs(*of.snapshots().Get(), registrations, heartbeats.left(), publications);
  if (!late || late->empty()) return Fail("a check has not expired");
  if (of.counters().ttl_expiries.value() != late->size()) return Fail("other checks have expired");
  Say("writer_percent", cpu / took * 100);
  Say("late_p50_ms", (*late)[late->size() / 2]);
  Say("late_p99_ms", (*late)[late->size() * 99 / 100]);
  Say("late_max_ms", late->back());
  Say("expired", static_cast<double>(late->size()));
  Say("heartbeats", static_cast<double>(2 * in_a_ttl) / Seconds(took + (half - began)).count());
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const auto instances = argc == 5 ? ParseNumber(argv[2], 1, kMost) : std::nullopt;
  const auto per_second = argc == 5 ? ParseNumber(argv[3], 1, kMost) : std::nullopt;
  const auto unrenewed = argc == 5 ? ParseNumber(argv[4], 1, kMost) : std::nullopt;
  if (!instances || !per_second || !unrenewed) {
    std::fprintf(stderr, "usage: catalog_expiry DIR INSTANCES HEARTBEATS UNRENEWED\n");
    return 2;
  }
  return Measure(argv[1], *instances, *per_second, *unrenewed);
}
