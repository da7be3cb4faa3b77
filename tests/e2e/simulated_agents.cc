#include "tests/e2e/simulated_agents.h"

#include <algorithm>
#include <cstdio>
#include <random>

#include "agent/local_state.h"
#include "registry/base/clock.h"

namespace rollcall::e2e {
namespace {

std::shared_ptr<const agent::DesiredState> DesiredOf(const SimulatedFleet& fleet, size_t number) {
  const SteadyClock clock;
  model::Node node;
  node.name = "node-" + std::to_string(number);
  node.address = "10.1." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
  agent::LocalState state(node, fleet.node_ttl, clock, {});
  model::AgentService service;
  service.instance.id = service.instance.service = SimulatedService(number / fleet.instances_each);
  service.instance.port = 8080;
  (void)state.EnsureService(service, agent::Origin::kFile, agent::UnnamedChecks::kKeep);
  return state.Desired();
}

std::function<double()> RandomFrom(size_t seed) {
  return [generator = std::mt19937_64(seed)]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(generator);
  };
}

}  // namespace

std::string SimulatedService(size_t number) {
  std::string digits = std::to_string(number);
  return "svc-" + std::string(3 - std::min<size_t>(digits.size(), 3), '0') + digits;
}

SimulatedAgents::SimulatedAgents(const SimulatedFleet& fleet) {
  agent::RegistrySync::Options options;
  options.client.servers = {fleet.server_url};
  options.node_ttl = fleet.node_ttl;
  for (size_t number = 0; number < fleet.services * fleet.instances_each; ++number) {
    agents_.push_back(std::make_unique<agent::RegistrySync>(
        options, DesiredOf(fleet, number), RandomFrom(number), [](const agent::ServerInfo&) {}));
  }
}

size_t SimulatedAgents::Connected() const {
  return static_cast<size_t>(std::count_if(agents_.begin(), agents_.end(),
                                           [](const auto& a) { return a->is_connected(); }));
}

uint64_t SimulatedAgents::Heartbeats() const {
  uint64_t all = 0;
  for (const auto& each : agents_) all += each->counters().heartbeats.value();
  return all;
}

}  // namespace rollcall::e2e
