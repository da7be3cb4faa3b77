#include "cli/server_status.h"

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "registry/base/go_duration.h"

namespace rollcall::cli {
namespace {

using nlohmann::json;

constexpr char kConfiguration[] = "/v1/operator/raft/configuration";
constexpr std::chrono::seconds kPatience{2};
constexpr size_t kMostAtOnce = 16;

// Fine enough for people.
std::string Rounded(const std::string& go_duration) {
  const auto duration = ParseGoDuration(go_duration);
  if (!duration) return go_duration;
  return FormatGoDuration(std::chrono::duration_cast<std::chrono::milliseconds>(*duration));
}

ServerStatus ParseServer(const json& entry) {
  ServerStatus server;
  server.id = entry.at("ID");
  server.node = entry.at("Node");
  server.http = entry.at("HTTP");
  server.https = entry.value("HTTPS", false);
  server.owns_expiry = entry.at("Leader");
  if (entry.at("LastIndex").is_null()) return server;
  server.index = std::to_string(entry.at("LastIndex").get<uint64_t>());
  server.lag = Rounded(entry.at("LastContact"));
  const std::string trouble = entry.at("Trouble");
  const bool takes_heartbeats = entry.at("Heartbeats");
  server.status = !trouble.empty() ? "no contact with etcd: " + trouble
                  : takes_heartbeats
                      ? "ok"
                      : "takes no heartbeats: it starts, stops, or does not reach the owner of "
                        "expiry";
  return server;
}

// A client's error without the URL, which has a column of its own, and without advice.
std::string WhyNoAnswer(const std::string& message, const std::string& url) {
  const std::string text = message.substr(0, message.find(';'));
  const std::string unreachable = "cannot reach " + url + ": ";
  if (text.starts_with(unreachable)) return "does not answer: " + text.substr(unreachable.size());
  if (text.starts_with(url + " did not answer")) return "does not answer: timed out, or hung up";
  if (text.starts_with(url + " ")) return text.substr(url.size() + 1);
  return "does not answer: " + text;
}

// What a server at that address says of itself, in place of what another one said of it.
Result<ServerStatus> AskOne(const Target& target) {
  const HttpAddress& address = target.address;
  RegistryClient client(target);
  client.SetConnectTimeout(kPatience);
  client.SetAnswerTimeout(kPatience);
  const Result<Response> response = client.Get(kConfiguration, {{"stale", ""}});
  if (!response) return Unavailable(WhyNoAnswer(response.error().message, address.Url()));
  const auto servers = ParseServers(response->body);
  if (!servers) return servers.error();
  const auto own = std::find_if(servers->begin(), servers->end(),
                                [](const ServerStatus& each) { return each.has_answered(); });
  if (own == servers->end()) return Corruption("what answers there is no server");
  return *own;
}

// Where it is asked, in the way of the one that has listed it.
Result<Target> TargetFor(const ServerStatus& server, const Target& asked) {
  if (server.http.empty()) return InvalidArgument("it does not say where it is");
  Result<HttpAddress> address = ParseHttpAddress(server.http);
  if (!address) return address.error();
  Target target = asked;
  target.address = std::move(*address);
  if (server.https) target.address.scheme = "https";
  // What was given for https is not to travel in the open.
  if (asked.address.scheme == "https" && !server.https) target.token.clear();
  return target;
}

void Complete(ServerStatus* server, const Target& asked) {
  const Result<Target> target = TargetFor(*server, asked);
  const Result<ServerStatus> answer =
      target ? AskOne(*target) : Result<ServerStatus>(target.error());
  if (!answer) {
    server->status = answer.error().message;
  } else if (answer->id != server->id) {
    server->status = "another server answers there: " + answer->node;
  } else {
    *server = *answer;
  }
}

}  // namespace

Result<std::vector<ServerStatus>> ParseServers(std::string_view body) {
  try {
    std::vector<ServerStatus> servers;
    const json answer = json::parse(body);
    for (const json& entry : answer.at("Servers")) {
      servers.push_back(ParseServer(entry));
    }
    return servers;
  } catch (const json::exception&) {
    return Corruption("the answer is not a list of servers; is --http-addr a rollcall server?");
  }
}

Result<std::vector<ServerStatus>> AskServers(RegistryClient& client) {
  const Result<Response> response = client.Get(kConfiguration, {{"stale", ""}});
  if (!response) return response.error();
  auto servers = ParseServers(response->body);
  if (!servers) return servers;
  std::vector<ServerStatus*> unknown;
  for (ServerStatus& each : *servers) {
    if (!each.has_answered()) unknown.push_back(&each);
  }
  std::atomic<size_t> next = 0;
  const auto ask = [&] {
    for (size_t at = next++; at < unknown.size(); at = next++)
      Complete(unknown[at], client.target());
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min(unknown.size(), kMostAtOnce); ++i) threads.emplace_back(ask);
  for (std::thread& thread : threads) thread.join();
  return servers;
}

nlohmann::ordered_json ServersJson(const std::vector<ServerStatus>& servers) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ServerStatus& each : servers) {
    nlohmann::ordered_json entry = {{"Node", each.node},    {"ID", each.id},
                                    {"HTTP", each.http},    {"Index", nullptr},
                                    {"Lag", nullptr},       {"Owner", each.owns_expiry},
                                    {"Status", each.status}};
    if (each.has_answered()) {
      entry["Index"] = std::stoull(each.index);
      entry["Lag"] = each.lag;
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace rollcall::cli
