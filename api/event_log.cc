#include "api/event_log.h"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <utility>

namespace rollcall::api {

Index EventIndex(const boost::uuids::uuid& id) {
  uint64_t halves[2] = {0, 0};
  for (size_t i = 0; i < 16; ++i) halves[i / 8] = halves[i / 8] << 8 | id.data[i];
  return Index(halves[0] ^ halves[1]);
}

EventLog::EventLog() {
  state_.Lock()->events = std::make_shared<const std::vector<UserEventPtr>>();
}

UserEventPtr EventLog::Add(UserEvent event) {
  boost::uuids::random_generator random;
  boost::uuids::uuid id = random();
  while (EventIndex(id) <= Index(1)) id = random();
  event.id = boost::uuids::to_string(id);
  event.index = EventIndex(id);

  auto state = state_.Lock();
  event.ltime = ++state->last_ltime;
  auto kept = std::make_shared<const UserEvent>(std::move(event));
  const std::vector<UserEventPtr>& before = *state->events;
  const size_t dropped = before.size() < kMaxEvents ? 0 : 1;
  auto events = std::make_shared<std::vector<UserEventPtr>>(
      before.begin() + static_cast<std::ptrdiff_t>(dropped), before.end());
  events->push_back(kept);
  state->events = std::move(events);
  return kept;
}

std::shared_ptr<const std::vector<UserEventPtr>> EventLog::Events() const {
  return state_.Lock()->events;
}

}  // namespace rollcall::api
