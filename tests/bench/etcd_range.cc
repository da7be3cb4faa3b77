// How long a bare client takes to read all that a rollcall has in an etcd.
//   etcd_range HOST:PORT PAGE
// One read of the whole range where PAGE is 0; else pages at one revision, the first of PAGE keys
// and each of up to four times as many as the one before, as long as it stays below 10,000 keys and
// about 4 MB. From before it connects until the last answer has been decoded. It prints:
//   keys K, bytes B in S s
#include <grpcpp/client_context.h>

#include "tests/bench/etcd_calls.h"
#include "tests/bench/program.h"

namespace {

namespace pb = etcdserverpb;
using Clock = std::chrono::steady_clock;

constexpr size_t kPageBytes = size_t{4} << 20;
constexpr size_t kLargestPage = 10'000;

}  // namespace

int main(int argc, char** argv) {
  const auto first_page =
      argc == 3 ? rollcall::bench::ParseNumber(argv[2], 0, kLargestPage) : std::nullopt;
  if (!first_page) {
    std::fprintf(stderr, "usage: etcd_range HOST:PORT PAGE (0 to 10000)\n");
    return 2;
  }
  const auto began = Clock::now();
  const auto member = pb::KV::NewStub(rollcall::bench::ConnectTo(argv[1]));
  std::string from = rollcall::bench::kPrefix;
  size_t page = *first_page;
  int64_t revision = 0;
  size_t keys = 0;
  size_t bytes = 0;
  for (bool more = true; more;) {
    grpc::ClientContext context;
    pb::RangeRequest request;
    request.set_key(from);
    request.set_range_end(rollcall::bench::kEndOfPrefix);
    request.set_limit(static_cast<int64_t>(page));
    request.set_revision(revision);
    pb::RangeResponse response;
    if (const auto status = member->Range(&context, request, &response); !status.ok()) {
      std::fprintf(stderr, "etcd_range: %s\n", status.error_message().c_str());
      return 1;
    }
    more = response.more() && response.kvs_size() > 0;
    if (revision == 0) revision = response.header().revision();
    keys += static_cast<size_t>(response.kvs_size());
    const size_t size = response.ByteSizeLong();
    bytes += size;
    if (!more) break;
    from = response.kvs(response.kvs_size() - 1).key() + '\0';
    const size_t average = size / static_cast<size_t>(response.kvs_size()) + 1;
    page = std::min({kPageBytes / average + 1, page * 4, kLargestPage});
  }
  std::printf("keys %zu, bytes %zu in %.4f s\n", keys, bytes,
              rollcall::bench::Seconds(Clock::now() - began));
  return 0;
}
