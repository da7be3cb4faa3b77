#include "tests/chaos/client.h"

#include <utility>

namespace rollcall::chaos {
namespace {

using e2e::Json;
using e2e::Reply;

std::string ServiceOf(int key) { return "key-" + std::to_string(key); }
// Of three keys two lie on one node: writes of one get in the way of the other's. The third has a
// node of its own, which comes and goes with it.
bool HasOwnNode(int key) { return key % 3 == 2; }
std::string NodeOf(int key) {
  return (HasOwnNode(key) ? "lone-host-" : "host-") + std::to_string(key / 3);
}

constexpr const char* kBeating = "beating-";
std::string BeatingNode(int check) { return kBeating + std::to_string(check); }

Json Registration(int key, Value value) {
  return {{"Node", NodeOf(key)},
          {"Address", "10.0.0.1"},
          {"Service",
           {{"ID", ServiceOf(key)},
            {"Service", ServiceOf(key)},
            {"Port", 80},
            {"Meta", {{"write", std::to_string(value)}}}}}};
}

Json Deregistration(int key) {
  Json command = {{"Node", NodeOf(key)}};
  if (!HasOwnNode(key)) command["ServiceID"] = ServiceOf(key);
  return command;
}

// Whether a refusal leaves open if the write was made.
bool MayHaveBeenMade(const Reply& reply) {
  return reply.status != 503 || reply.body.find("may have been made") != std::string::npos;
}

}  // namespace

Client::Client(const Addresses& servers, std::chrono::milliseconds patience, Recorder* recorder)
    : recorder_(recorder) {
  for (const std::string& each : servers) {
    servers_.push_back(std::make_unique<e2e::Http>(each, kHttpPort, patience));
  }
}

Outcome Client::WriteKey(int server, int key, Value value) {
  Write write{.key = key, .value = value, .server = server, .began = recorder_->Now()};
  e2e::Http& http = *servers_[static_cast<size_t>(server)];
  const Reply reply = value == kAbsent ? http.Put("/v1/catalog/deregister", Deregistration(key))
                                       : http.Put("/v1/catalog/register", Registration(key, value));
  write.ended = recorder_->Now();
  if (reply.ok()) {
    write.outcome = Outcome::kDone;
  } else {
    write.outcome = reply.is_sent && MayHaveBeenMade(reply) ? Outcome::kUnknown : Outcome::kNotDone;
    if (reply.status != 0 && reply.status != 503) {
      recorder_->AddOddity("a write was answered " + std::to_string(reply.status) + " " +
                           reply.body);
    }
  }
  recorder_->Add(write);
  return write.outcome;
}

std::optional<Read> Client::Ask(int server, int key, const std::string& query) {
  Read read{.key = key, .server = server, .began = recorder_->Now()};
  const Reply reply = servers_[static_cast<size_t>(server)]->Get("/v1/health/service/" +
                                                                 ServiceOf(key) + "?" + query);
  read.ended = recorder_->Now();
  read.index = reply.index;
  const Json instances = reply.json();
  if (!reply.ok() || !instances.is_array() || instances.size() > 1) {
    if (reply.status != 0 && reply.status != 503) {
      recorder_->AddOddity("a read was answered " + std::to_string(reply.status) + " " +
                           reply.body);
    }
    recorder_->AddFailedRead();
    return std::nullopt;
  }
  if (!instances.empty()) {
    const Json& service = instances[0].at("Service");
    read.value = std::stoll(service.at("Meta").at("write").get<std::string>());
    read.modify_index = service.at("ModifyIndex").get<uint64_t>();
  }
  return read;
}

std::optional<Read> Client::ReadKey(int server, int key, Consistency consistency) {
  std::optional<Read> read =
      Ask(server, key, consistency == Consistency::kConsistent ? "consistent" : "");
  if (!read) return std::nullopt;
  read->consistency = consistency;
  recorder_->Add(*read);
  return read;
}

std::optional<View> Client::WatchKey(int server, int key, uint64_t index,
                                     std::chrono::seconds wait) {
  const std::optional<Read> read =
      Ask(server, key,
          "index=" + std::to_string(index) + "&wait=" + std::to_string(wait.count()) + "s");
  if (!read) return std::nullopt;
  const View view{.watcher = 0, .read = *read, .asked = index};
  recorder_->Add(view);
  return view;
}

bool Client::RegisterCheck(int server, int check, std::chrono::seconds ttl) {
  const std::string name = BeatingNode(check);
  const Json definition = {{"TTL", std::to_string(ttl.count()) + "s"}};
  return BeatWith(server, check, "/v1/catalog/register",
                  {{"Node", name},
                   {"Address", "10.0.0.2"},
                   {"Service", {{"ID", name}, {"Service", "beating"}, {"Port", 80}}},
                   {"Check",
                    {{"CheckID", name},
                     {"Name", "alive"},
                     {"ServiceID", name},
                     {"Status", "passing"},
                     {"Definition", definition}}}});
}

bool Client::Beat(int server, int check) {
  const std::string name = BeatingNode(check);
  return BeatWith(server, check, "/v1/catalog/heartbeat", {{"Node", name}, {"CheckIDs", {name}}});
}

bool Client::BeatWith(int server, int check, const std::string& path, const Json& body) {
  chaos::Beat beat{.check = check, .server = server, .began = recorder_->Now()};
  const Reply reply = servers_[static_cast<size_t>(server)]->Put(path, body);
  beat.ended = recorder_->Now();
  beat.is_accepted = reply.ok();
  recorder_->Add(beat);
  if (!reply.ok() && reply.status != 0 && reply.status != 503) {
    recorder_->AddOddity("a heartbeat was answered " + std::to_string(reply.status) + " " +
                         reply.body);
  }
  return beat.is_accepted;
}

void Client::WatchCritical(int server, std::chrono::seconds wait, uint64_t* index) {
  const Time began = recorder_->Now();
  const Reply reply = servers_[static_cast<size_t>(server)]->Get(
      "/v1/health/state/critical?index=" + std::to_string(*index) +
      "&wait=" + std::to_string(wait.count()) + "s");
  const Time ended = recorder_->Now();
  if (!reply.ok()) {
    *index = 0;
    return;
  }
  *index = reply.index;
  for (const Json& each : reply.json()) {
    const std::string id = each.at("CheckID");
    if (!id.starts_with(kBeating)) continue;
    recorder_->Add(Critical{.check = std::stoi(id.substr(std::string(kBeating).size())),
                            .server = server,
                            .began = began,
                            .ended = ended});
  }
}

std::optional<int> Client::CountAlive(int server) {
  const Reply reply =
      servers_[static_cast<size_t>(server)]->Get("/v1/health/service/beating?consistent&passing");
  if (!reply.ok()) return std::nullopt;
  return static_cast<int>(reply.json().size());
}

}  // namespace rollcall::chaos
