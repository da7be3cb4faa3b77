// How long a change takes from one member of an etcd to who watches at another one.
//   etcd_changes HOST:PORT,HOST:PORT,... SECONDS
// Puts a key at one member and waits for the watch of another; the pairs of members take turns. A
// time is from before the put is sent until the watcher's thread has the event. Between two changes
// nothing happens for 5 ms. It prints:
//   changes N
//   latency us: p50 A, p99 B
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/bench/etcd_calls.h"
#include "tests/bench/program.h"

namespace {

namespace pb = etcdserverpb;
using Clock = std::chrono::steady_clock;

constexpr const char* kKey = "bench/changes";
constexpr auto kPause = std::chrono::milliseconds(5);
constexpr auto kPatience = std::chrono::seconds(10);
constexpr size_t kMaxSeconds = 3600;

// A member that is written to and watched.
class Member {
 public:
  explicit Member(const std::string& endpoint)
      : channel_(rollcall::bench::ConnectTo(endpoint)),
        kv_(pb::KV::NewStub(channel_)),
        watch_(pb::Watch::NewStub(channel_)),
        stream_(watch_->Watch(&context_)),
        thread_([this] { Follow(); }) {}

  ~Member() {
    context_.TryCancel();
    thread_.join();
  }

  // The revision; 0 when it failed.
  int64_t Put(const std::string& value) {
    grpc::ClientContext context;
    pb::TxnRequest request;  // of nothing else, and without a condition
    pb::PutRequest* const put = request.add_success()->mutable_request_put();
    put->set_key(kKey);
    put->set_value(value);
    pb::TxnResponse response;
    const bool ok = kv_->Txn(&context, request, &response).ok();
    return ok ? response.header().revision() : 0;
  }

  // When the watch told of that revision; nothing when it does not.
  std::optional<Clock::time_point> AwaitRevision(int64_t revision) {
    std::unique_lock lock(mutex_);
    const bool told = told_.wait_for(lock, kPatience, [&] { return revision_ >= revision; });
    return told ? std::optional(at_) : std::nullopt;
  }

  bool AwaitWatch() {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, kPatience, [&] { return watching_; });
  }

 private:
  void Follow() {
    pb::WatchRequest request;
    request.mutable_create_request()->set_key(kKey);
    stream_->Write(request);
    pb::WatchResponse response;
    while (stream_->Read(&response)) {
      const auto now = Clock::now();
      const std::lock_guard lock(mutex_);
      watching_ = true;
      if (response.events_size() > 0) {
        revision_ = response.events(response.events_size() - 1).kv().mod_revision();
        at_ = now;
      }
      told_.notify_one();
    }
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<pb::KV::Stub> kv_;
  const std::unique_ptr<pb::Watch::Stub> watch_;
  grpc::ClientContext context_;
  const std::unique_ptr<grpc::ClientReaderWriter<pb::WatchRequest, pb::WatchResponse>> stream_;
  std::mutex mutex_;
  std::condition_variable told_;
  bool watching_ = false;  // guarded by mutex_, as are the next
  int64_t revision_ = 0;   // of the last event
  Clock::time_point at_;   // when it came
  std::thread thread_;
};

int Complain(const char* reason) {
  std::fprintf(stderr, "etcd_changes: %s\n", reason);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto seconds =
      argc == 3 ? rollcall::bench::ParseNumber(argv[2], 1, kMaxSeconds) : std::nullopt;
  const auto endpoints =
      seconds ? rollcall::bench::SplitEndpoints(argv[1]) : std::vector<std::string>();
  if (endpoints.size() < 2) {
    std::fprintf(stderr, "usage: etcd_changes HOST:PORT,HOST:PORT,... SECONDS (from 1 to 3600)\n");
    return 2;
  }
  std::vector<std::unique_ptr<Member>> members;
  members.reserve(endpoints.size());
  for (const std::string& each : endpoints) members.push_back(std::make_unique<Member>(each));
  for (const auto& each : members) {
    if (!each->AwaitWatch() || each->Put("first") == 0) return Complain("a member does not answer");
  }
  std::vector<double> latencies_us;
  const auto end = Clock::now() + std::chrono::seconds(*seconds);
  for (size_t turn = 0; Clock::now() < end; ++turn) {
    std::this_thread::sleep_for(kPause);
    const auto [from, to] = rollcall::bench::PairOf(turn, members.size());
    const auto began = Clock::now();
    const int64_t revision = members[from]->Put(std::to_string(turn));
    if (revision == 0) return Complain("a put failed");
    const auto told_at = members[to]->AwaitRevision(revision);
    if (!told_at) return Complain("a watch does not tell of a change");
    latencies_us.push_back(rollcall::bench::Seconds(*told_at - began) * 1e6);
  }
  std::printf("changes %zu\n", latencies_us.size());
  std::printf("latency us: p50 %.1f, p99 %.1f\n", rollcall::bench::Percentile(&latencies_us, 50),
              rollcall::bench::Percentile(&latencies_us, 99));
  return 0;
}
