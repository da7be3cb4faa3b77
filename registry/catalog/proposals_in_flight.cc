#include "registry/catalog/proposals_in_flight.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rollcall::catalog {

void ProposalsInFlight::Lose(Id id, Clock::TimePoint now) {
  const auto found = proposals_.find(id);
  if (found != proposals_.end()) found->second.lost = now;
}

std::optional<ProposalInFlight> ProposalsInFlight::Take(Id id) {
  auto node = proposals_.extract(id);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

std::vector<ProposalInFlight> ProposalsInFlight::TakeBelow(uint64_t fence) {
  std::vector<ProposalInFlight> below;
  std::erase_if(proposals_, [&](auto& each) {
    if (each.second.fence >= fence) return false;
    below.push_back(std::move(each.second));
    return true;
  });
  return below;
}

std::vector<ProposalInFlight> ProposalsInFlight::TakeAll() {
  std::vector<ProposalInFlight> all;
  for (auto& [id, proposal] : std::exchange(proposals_, {})) all.push_back(std::move(proposal));
  return all;
}

std::vector<WaitingWrite> ProposalsInFlight::TakeLate(Clock::TimePoint now) {
  std::vector<WaitingWrite> late;
  for (auto& [id, proposal] : proposals_) {
    auto& commands = proposal.commands;
    const auto first =
        std::stable_partition(commands.begin(), commands.end(),
                              [now](const WaitingWrite& each) { return each.give_up > now; });
    std::move(first, commands.end(), std::back_inserter(late));
    commands.erase(first, commands.end());
  }
  return late;
}

bool ProposalsInFlight::HasLostBefore(Clock::TimePoint time) const {
  return std::any_of(proposals_.begin(), proposals_.end(), [time](const auto& each) {
    return each.second.lost && *each.second.lost < time;
  });
}

bool ProposalsInFlight::HasExpiries() const {
  return std::any_of(proposals_.begin(), proposals_.end(),
                     [](const auto& each) { return !each.second.expired.empty(); });
}

std::set<std::string> ProposalsInFlight::Nodes() const {
  std::set<std::string> nodes;
  for (const auto& [id, proposal] : proposals_) {
    nodes.insert(proposal.nodes.begin(), proposal.nodes.end());
  }
  return nodes;
}

Clock::TimePoint ProposalsInFlight::NextGiveUp() const {
  Clock::TimePoint next = Clock::TimePoint::max();
  for (const auto& [id, proposal] : proposals_) {
    for (const WaitingWrite& each : proposal.commands) next = std::min(next, each.give_up);
  }
  return next;
}

}  // namespace rollcall::catalog
