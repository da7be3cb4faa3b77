// Fuzz target: the whole answer path, from the octets of a query to those of its answer, over a
// fixed catalog with names and addresses of all kinds. The first octet of the input says by which
// transport and at which of the servers; the rest is the query.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dns/responder.h"
#include "registry/base/clock.h"
#include "tests/dns/catalog_text.h"
#include "tests/dns/message_text.h"

namespace rollcall::dns {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

std::shared_ptr<const catalog::Snapshot> FixedCatalog() {
  CatalogText text;
  model::Node both;
  both.name = "n1";
  both.address = "10.0.0.1";
  both.tagged_addresses = {{"lan_ipv6", "2001:db8::1"}};
  both.meta = {{"rack", "r1"}, {"rfc1035-note", std::string(600, 'x')}};
  text.Node(both).Node("n2.dotted", "2001:db8::2").Node("out", "www.example.com");
  text.Node("loop", "loop2.node.consul").Node("loop2", "loop.node.consul");
  text.Node(std::string(70, 'l'), "10.0.0.4");
  for (const char* node : {"n1", "n2.dotted", "out", "loop"}) {
    text.Instance({.node = node, .name = "mixed", .port = 80, .tags = {"v1.2", "Blue"}});
  }
  text.Instance({.node = "n1", .name = "web", .port = 8080, .tags = {"v1"}});
  text.Instance({.node = "n2.dotted", .name = "web", .port = 8081, .meta = {{"k", "v"}}});
  text.Instance({.node = "n1", .name = "alias", .address = "web.service.consul"});
  text.Instance({.node = "n1", .name = "ill"}).Check("n1", "ill", model::CheckStatus::kCritical);
  for (int i = 0; i < 300; ++i) {
    text.Instance({.node = "n1",
                   .name = "many",
                   .port = i,
                   .address = "10.1." + std::to_string(i % 7) + "." + std::to_string(i % 250),
                   .weights = {.passing = i % 5, .warning = 1},
                   .id = "many" + std::to_string(i)});
  }
  return text.Build();
}

DnsOptions Options() {
  DnsOptions options;
  options.node_name = "n1";
  options.alt_domain = "sd.example";
  return options;
}

class Server {
 public:
  Server(const std::shared_ptr<const catalog::Snapshot>& snapshot, DnsOptions options)
      : reader_(holder_),
        responder_(std::make_shared<const Zone>(Zone::Make(std::move(options)).value()),
                   {.catalog = &reader_, .clock = &clock_, .seed = 1}) {
    holder_.Publish(snapshot);
  }

  size_t Respond(const Query& query, std::span<uint8_t> out) {
    return responder_.Respond(query, out).size;
  }

 private:
  catalog::SnapshotHolder holder_;
  catalog::SnapshotReader reader_;
  SteadyClock clock_;
  Responder responder_;
};

std::vector<std::unique_ptr<Server>> Servers() {
  const auto snapshot = FixedCatalog();
  DnsOptions stable = Options();
  stable.order = AnswerOrder::kStable;
  stable.max_answers = 3;
  stable.minimal_any = false;
  std::vector<std::unique_ptr<Server>> servers;
  servers.push_back(std::make_unique<Server>(snapshot, Options()));
  servers.push_back(std::make_unique<Server>(snapshot, stable));
  return servers;
}

void CheckAnswer(const Query& query, std::span<const uint8_t> answer) {
  Require(answer.size() >= kHeaderSize);
  Require(std::equal(answer.begin(), answer.begin() + 2, query.octets.begin()));  // the ID
  Require((answer[2] & 0x80) != 0);                                               // QR
  // Whoever speaks no EDNS gets no more than it can take.
  if (query.transport == Transport::kUdp && answer[11] == 0) Require(answer.size() <= 8192);
  Require(LdnsReads(answer));
}

// Of one input.
void AskWith(const uint8_t* data, size_t size) {
  static const std::vector<std::unique_ptr<Server>> kServers = Servers();
  static std::vector<uint8_t> room(kMaxMessageSize);
  if (size < 1) return;
  Query query{{data + 1, size - 1},
              (data[0] & 1) != 0 ? Transport::kTcp : Transport::kUdp,
              Ipv4{192, 0, 2, data[0]}};
  const size_t answered = kServers[data[0] >> 1 & 1]->Respond(query, room);
  if (answered > 0) CheckAnswer(query, std::span(room).first(answered));
}

}  // namespace
}  // namespace rollcall::dns

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  rollcall::dns::AskWith(data, size);
  return 0;
}
