#include "tests/chaos/workload.h"

#include <utility>

namespace rollcall::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kWriters = 9;
constexpr int kLongestPauseMs = 40;  // of a writer, between two operations

// Half of the clients wait until a server gives up by itself, which takes it 10 s.
constexpr milliseconds kPatience[] = {seconds(3), seconds(13)};
constexpr milliseconds kBeatPatience{1000};
constexpr seconds kWait{4};  // of blocking queries

}  // namespace

Workload::Workload(Addresses servers, uint64_t seed, Recorder* recorder)
    : servers_(std::move(servers)), seed_(seed), recorder_(recorder) {
  const auto start = [](Group* group, auto life) { group->threads.emplace_back(life); };
  for (int i = 0; i < kChecks; ++i) start(&beating_, [this, i] { Beat(i); });
  for (int i = 0; i < kKeys; ++i) start(&watching_, [this, i] { Watch(i); });
  for (int i = 0; i < static_cast<int>(kServers); ++i) {
    start(&watching_, [this, i] { WatchCritical(i); });
  }
  for (int i = 0; i < kWriters; ++i) start(&writers_, [this, i] { WriteAndRead(i); });
}

void Workload::StopAll(Group* group) {
  group->is_stopping = true;
  for (std::thread& each : group->threads) each.join();
  group->threads.clear();
}

void Workload::Stop() {
  StopWriters();
  StopBeating();
  StopAll(&watching_);
}

int Workload::AnyServer(Random* random) const {
  return static_cast<int>((*random)() % servers_.size());
}

void Workload::WriteAndRead(int client) {
  Random random(seed_ * 100 + static_cast<uint64_t>(client));
  Client at(servers_, kPatience[client % 2], recorder_);
  // One for each server stays there, so that all of them are asked even when the others wait for
  // one that hangs.
  const bool is_roaming = client >= static_cast<int>(kServers);
  while (!writers_.is_stopping) {
    const int key = static_cast<int>(random() % kKeys);
    const int server = is_roaming ? AnyServer(&random) : client;
    const uint64_t draw = random() % 100;
    if (draw < 40) {
      at.WriteKey(server, key, ++last_value_);
    } else if (draw < 55) {
      at.WriteKey(server, key, kAbsent);
    } else {
      at.ReadKey(server, key, draw < 85 ? Consistency::kConsistent : Consistency::kDefault);
    }
    std::this_thread::sleep_for(milliseconds(random() % kLongestPauseMs));
  }
}

// As an agent does: it stays with a server that takes its heartbeats.
void Workload::Beat(int check) {
  Client at(servers_, kBeatPatience, recorder_);
  int server = check % static_cast<int>(servers_.size());
  const auto go_on = [&] {
    server = (server + 1) % static_cast<int>(servers_.size());
    std::this_thread::sleep_for(milliseconds(100));
  };
  while (!beating_.is_stopping && !at.RegisterCheck(server, check, kTtl)) go_on();
  while (!beating_.is_stopping) {
    if (!at.Beat(server, check)) {
      go_on();
      continue;
    }
    const auto next = std::chrono::steady_clock::now() + kTtl / 3;
    while (!beating_.is_stopping && std::chrono::steady_clock::now() < next) {
      std::this_thread::sleep_for(milliseconds(50));
    }
  }
}

void Workload::Watch(int key) {
  Random random(seed_ * 100 + 50 + static_cast<uint64_t>(key));
  Client at(servers_, kWait + seconds(2), recorder_);
  uint64_t index = 0;
  int server = AnyServer(&random);
  while (!watching_.is_stopping) {
    const std::optional<View> view = at.WatchKey(server, key, index, kWait);
    if (view) index = view->read.index;
    // Away from one that does not answer, and now and then from one that does.
    if (view && random() % 8 != 0) continue;
    server = AnyServer(&random);
    if (!view) std::this_thread::sleep_for(milliseconds(50));
  }
}

void Workload::WatchCritical(int server) {
  Client at(servers_, kWait + seconds(2), recorder_);
  uint64_t index = 0;
  while (!watching_.is_stopping) {
    at.WatchCritical(server, kWait, &index);
    if (index == 0) std::this_thread::sleep_for(milliseconds(50));
  }
}

}  // namespace rollcall::chaos
