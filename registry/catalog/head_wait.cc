#include "registry/catalog/head_wait.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rollcall::catalog {

void HeadWait::Add(WaitingWrite command, std::vector<std::string> nodes) {
  next_.commands.push_back({std::move(command), std::move(nodes)});
}

std::optional<uint64_t> HeadWait::Begin() {
  if (is_asking_ || next_.empty()) return {};
  is_asking_ = true;
  asked_ = std::exchange(next_, {});
  return ++last_;
}

HeadWait::Group HeadWait::End(uint64_t number) {
  Group group;
  if (number != last_ || !is_asking_) return group;
  is_asking_ = false;
  MoveInto(std::exchange(asked_, {}), &group);
  return group;
}

HeadWait::Group HeadWait::TakeAll() {
  is_asking_ = false;
  Group group;
  MoveInto(std::exchange(asked_, {}), &group);
  MoveInto(std::exchange(next_, {}), &group);
  return group;
}

std::vector<WaitingWrite> HeadWait::TakeLate(Clock::TimePoint now) {
  std::vector<WaitingWrite> late;
  for (Waiters* waiters : {&asked_, &next_}) {
    std::erase_if(waiters->commands, [&](Command& each) {
      if (each.write.give_up > now) return false;
      late.push_back(std::move(each.write));
      return true;
    });
  }
  return late;
}

Clock::TimePoint HeadWait::NextGiveUp() const {
  Clock::TimePoint next = Clock::TimePoint::max();
  for (const Waiters* waiters : {&asked_, &next_}) {
    for (const Command& each : waiters->commands) next = std::min(next, each.write.give_up);
  }
  return next;
}

std::set<std::string> HeadWait::NodesOf(const Waiters& waiters) {
  std::set<std::string> nodes;
  for (const Command& each : waiters.commands) nodes.insert(each.nodes.begin(), each.nodes.end());
  return nodes;
}

void HeadWait::MoveInto(Waiters waiters, Group* out) {
  for (Command& each : waiters.commands) out->commands.push_back(std::move(each.write));
  std::move(waiters.readers.begin(), waiters.readers.end(), std::back_inserter(out->readers));
}

}  // namespace rollcall::catalog
