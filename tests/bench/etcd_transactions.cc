// What etcd alone does with the transactions that rollcall's registrations become.
//   etcd_transactions HOST:PORT,... CLIENTS BATCH SECONDS
// Reads the documents that a rollcall has left there, and writes those of one instance after the
// other again, as a registration does that gives the instance another port: under the condition
// that its node's document is as it was written last, a put of that document, of the instance's,
// and of the log's head; where the condition fails, a read of the head. BATCH instances share one
// transaction, and one put of the head. CLIENTS have one transaction under way each; they take
// turns over the members. One thread. It prints:
//   registrations N, transactions T in S s
//   per second R
//   latency us: p50 A, p99 B
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_unary_call.h>

#include <cinttypes>
#include <cstdlib>
#include <map>
#include <utility>

#include "registry/store/document.h"
#include "tests/bench/etcd_calls.h"
#include "tests/bench/program.h"

namespace {

using rollcall::bench::ParseNumber;
using rollcall::store::DocumentKind;

namespace pb = etcdserverpb;
using Clock = std::chrono::steady_clock;

constexpr size_t kMaxClients = 1000;
constexpr size_t kMaxBatch = 60;
constexpr size_t kMaxSeconds = 3600;
constexpr auto kPatience = std::chrono::seconds(30);
// What stands for a server in the value of the head.
constexpr const char* kRun = "00000000deadbeef";

struct Instance {
  std::string node_key;
  std::string node_document;
  int64_t node_revision = 0;  // of the last write
  std::string key;
  std::string document;
};

class Load {
 public:
  Load(const std::vector<std::string>& endpoints, size_t batch) : batch_(batch) {
    for (const std::string& each : endpoints) {
      members_.push_back(pb::KV::NewStub(rollcall::bench::ConnectTo(each)));
    }
  }

  // False, with the reason on stderr, when something failed.
  bool Read();
  bool Run(size_t clients, Clock::duration time);
  void Print();

 private:
  struct Client {
    pb::KV::Stub* member;
    Clock::time_point sent_at;
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<pb::TxnResponse>> reader;
    std::vector<Instance*> writing;
    pb::TxnResponse response;
    grpc::Status status;
  };

  void Send(Client* client);
  bool Take(Client* client);

  const size_t batch_;
  std::vector<std::unique_ptr<pb::KV::Stub>> members_;
  std::vector<Instance> instances_;
  size_t next_ = 0;  // in instances_
  uint64_t transactions_ = 0;
  uint64_t answered_ = 0;  // transactions
  grpc::CompletionQueue queue_;
  Clock::time_point began_;
  Clock::time_point last_answer_;
  std::vector<double> latencies_us_;
};

bool Complain(const std::string& reason) {
  std::fprintf(stderr, "etcd_transactions: %s\n", reason.c_str());
  return false;
}

bool Load::Read() {
  grpc::ClientContext context;
  pb::RangeRequest request;
  request.set_key(rollcall::bench::kPrefix);
  request.set_range_end(rollcall::bench::kEndOfPrefix);
  pb::RangeResponse response;
  if (const auto status = members_[0]->Range(&context, request, &response); !status.ok()) {
    return Complain("cannot read: " + status.error_message());
  }
  std::map<std::string, const mvccpb::KeyValue*> nodes;
  std::map<std::string, const mvccpb::KeyValue*> instances;  // one of each node
  for (const mvccpb::KeyValue& kv : response.kvs()) {
    const auto key =
        std::string_view(kv.key()).substr(std::string_view(rollcall::bench::kPrefix).size());
    if (!rollcall::store::IsDocumentKey(key)) continue;
    const auto name = rollcall::store::ParseDocumentKey(key);
    if (!name) return Complain("a document's key cannot be read");
    if (name->kind == DocumentKind::kNode) nodes[name->node] = &kv;
    if (name->kind == DocumentKind::kInstance) instances.emplace(name->node, &kv);
  }
  for (const auto& [node, instance] : instances) {
    const mvccpb::KeyValue& document = *nodes.at(node);
    instances_.push_back({document.key(), document.value(), document.mod_revision(),
                          instance->key(), instance->value()});
  }
  return !instances_.empty() || Complain("there are no instances");
}

void Load::Send(Client* client) {
  pb::TxnRequest request;
  client->writing.clear();
  for (size_t i = 0; i < batch_; ++i) {
    Instance* const each = &instances_[next_];
    next_ = next_ + 1 == instances_.size() ? 0 : next_ + 1;
    client->writing.push_back(each);
    pb::Compare* const unchanged = request.add_compare();
    unchanged->set_key(each->node_key);
    unchanged->set_result(pb::Compare::EQUAL);
    unchanged->set_target(pb::Compare::MOD);
    unchanged->set_mod_revision(each->node_revision);
    pb::PutRequest* put = request.add_success()->mutable_request_put();
    put->set_key(each->node_key);
    put->set_value(each->node_document);
    put = request.add_success()->mutable_request_put();
    put->set_key(each->key);
    put->set_value(each->document);
  }
  const std::string head = std::string(rollcall::bench::kPrefix) + "head";
  pb::PutRequest* const put = request.add_success()->mutable_request_put();
  put->set_key(head);
  put->set_value(std::string(kRun) + "-" + std::to_string(++transactions_));
  pb::RangeRequest* const range = request.add_failure()->mutable_request_range();
  range->set_key(head);
  range->set_keys_only(true);

  client->context = std::make_unique<grpc::ClientContext>();
  client->context->AddMetadata("hasleader", "true");
  client->sent_at = Clock::now();
  client->reader = client->member->AsyncTxn(client->context.get(), request, &queue_);
  client->reader->Finish(&client->response, &client->status, client);
}

bool Load::Take(Client* client) {
  if (!client->status.ok()) return Complain("a write failed: " + client->status.error_message());
  if (!client->response.succeeded()) return Complain("somebody else writes to these keys");
  for (Instance* each : client->writing) {
    each->node_revision = client->response.header().revision();
  }
  ++answered_;
  last_answer_ = Clock::now();
  latencies_us_.push_back(rollcall::bench::Seconds(last_answer_ - client->sent_at) * 1e6);
  return true;
}

bool Load::Run(size_t clients, Clock::duration time) {
  if (clients * batch_ > instances_.size()) return Complain("too few instances for that");
  std::vector<Client> all(clients);
  for (size_t i = 0; i < clients; ++i) all[i].member = members_[i % members_.size()].get();
  began_ = Clock::now();
  for (Client& each : all) Send(&each);
  for (size_t under_way = clients; under_way > 0;) {
    void* tag = nullptr;
    bool ok = false;
    const auto until = std::chrono::system_clock::now() + kPatience;
    if (queue_.AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) {
      return Complain("no answer within 30 s");
    }
    auto* const client = static_cast<Client*>(tag);
    if (!Take(client)) return false;
    if (last_answer_ - began_ < time) {
      Send(client);
    } else {
      --under_way;
    }
  }
  return true;
}

void Load::Print() {
  const double seconds = rollcall::bench::Seconds(last_answer_ - began_);
  const uint64_t registrations = answered_ * batch_;
  std::printf("registrations %" PRIu64 ", transactions %" PRIu64 " in %.3f s\n", registrations,
              answered_, seconds);
  std::printf("per second %.1f\n", static_cast<double>(registrations) / seconds);
  std::printf("latency us: p50 %.1f, p99 %.1f\n", rollcall::bench::Percentile(&latencies_us_, 50),
              rollcall::bench::Percentile(&latencies_us_, 99));
}

}  // namespace

int main(int argc, char** argv) {
  const bool complete = argc == 5;
  const auto clients = complete ? ParseNumber(argv[2], 1, kMaxClients) : std::nullopt;
  const auto batch = complete ? ParseNumber(argv[3], 1, kMaxBatch) : std::nullopt;
  const auto seconds = complete ? ParseNumber(argv[4], 1, kMaxSeconds) : std::nullopt;
  if (!clients || !batch || !seconds) {
    std::fprintf(stderr,
                 "usage: etcd_transactions HOST:PORT,... CLIENTS BATCH SECONDS (1 to 1000 clients, "
                 "1 to 60 instances in a transaction, 1 to 3600 seconds)\n");
    return 2;
  }
  Load load(rollcall::bench::SplitEndpoints(argv[1]), *batch);
  if (!load.Read() || !load.Run(*clients, std::chrono::seconds(*seconds))) {
    // Calls that are under way still refer to what is about to go.
    std::fflush(stderr);
    std::_Exit(1);
  }
  load.Print();
  return 0;
}
