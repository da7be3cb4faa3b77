#include "api/server_handlers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/reply.h"
#include "api/servers.h"
#include "api/shared/agent_json.h"
#include "api/shared/query_options.h"
#include "registry/base/go_duration.h"

namespace rollcall::api {
namespace {

using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<http::Exchange>;

constexpr int kTooManyRequests = 429;  // what Consul's autopilot answers when not all are well

std::string DateOf(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, sizeof("2026-11-24T10:00:00Z") + 8> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

ordered_json RaftServerJson(const KnownServer& server, const ServerState& own) {
  ordered_json json = {{"ID", server.id},
                       {"Node", server.card.node},
                       {"Address", server.address()},
                       {"Leader", server.is_leader},
                       {"ProtocolVersion", "3"},
                       {"Voter", true},
                       {"LastIndex", nullptr},
                       {"HTTP", server.card.http},
                       {"Heartbeats", server.takes_heartbeats},
                       {"LastContact", nullptr},
                       {"Trouble", nullptr}};
  if (server.card.https) json["HTTPS"] = true;
  if (server.is_self) {
    json["LastIndex"] = own.index.value();
    json["LastContact"] = FormatGoDuration(own.last_contact);
    json["Trouble"] = own.trouble;
  }
  return json;
}

ordered_json ServerHealthJson(const KnownServer& server, const ServerState& own) {
  const bool is_well = own.trouble.empty();
  ordered_json json = {{"ID", server.id},
                       {"Name", server.card.node},
                       {"Address", server.address()},
                       // Who is in trouble itself cannot tell whether the others are there.
                       {"SerfStatus", is_well || server.is_self ? "alive" : "none"},
                       {"Version", server.card.version},
                       {"Leader", server.is_leader},
                       {"LastContact", nullptr},
                       {"LastTerm", 0},
                       {"LastIndex", nullptr},
                       {"Healthy", is_well},
                       {"Voter", true},
                       {"StableSince", nullptr}};
  if (server.is_self) {
    json["LastContact"] = FormatGoDuration(own.last_contact);
    json["LastIndex"] = own.index.value();
    json["StableSince"] = DateOf(own.since);
  }
  return json;
}

ordered_json RaftConfigurationJson(ApiWorker& worker) {
  const ServerState own = OwnState(worker);
  ordered_json servers = ordered_json::array();
  for (const KnownServer& each : KnownServers(worker)) {
    servers.push_back(RaftServerJson(each, own));
  }
  return {{"Servers", std::move(servers)}, {"Index", own.index.value()}};
}

// Any one of the servers can do everything alone.
ordered_json AutopilotHealthJson(ApiWorker& worker) {
  const ServerState own = OwnState(worker);
  ordered_json servers = ordered_json::array();
  for (const KnownServer& each : KnownServers(worker)) {
    servers.push_back(ServerHealthJson(each, own));
  }
  const bool is_well = own.trouble.empty();
  const size_t spare = is_well ? servers.size() - 1 : 0;
  return {{"Healthy", is_well}, {"FailureTolerance", spare}, {"Servers", std::move(servers)}};
}

// `answer`, to who asks for this datacenter.
http::Handler InDatacenter(ApiWorker& worker, void (*answer)(ApiWorker&, const ExchangePtr&)) {
  return [&worker, answer](const ExchangePtr& exchange) {
    const auto options = ParseQueryOptions(exchange->request(), ContextOf(worker.info()));
    if (!options) return exchange->Respond(ErrorResponse(options.error()));
    answer(worker, exchange);
  };
}

}  // namespace

http::Handler LeaderHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    exchange->Respond(http::JsonResponse(Render(LeaderAddress(KnownServers(worker)))));
  };
}

http::Handler PeersHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    ordered_json addresses = ordered_json::array();
    for (const KnownServer& each : KnownServers(worker)) {
      addresses.push_back(each.address());
    }
    exchange->Respond(http::JsonResponse(Render(addresses)));
  };
}

http::Handler RaftConfigurationHandler(ApiWorker& worker) {
  return InDatacenter(worker, [](ApiWorker& w, const ExchangePtr& exchange) {
    exchange->Respond(JsonAnswer(exchange->request(), RaftConfigurationJson(w)));
  });
}

http::Handler AutopilotHealthHandler(ApiWorker& worker) {
  return InDatacenter(worker, [](ApiWorker& w, const ExchangePtr& exchange) {
    const ordered_json health = AutopilotHealthJson(w);
    const int status = health["Healthy"].get<bool>() ? 200 : kTooManyRequests;
    exchange->Respond(JsonAnswer(exchange->request(), health, status));
  });
}

}  // namespace rollcall::api
