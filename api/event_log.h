// EventLog: the last user events that were fired (PUT /v1/event/fire), in memory. There is no
// gossip and no agent that acts on them: they are for whoever lists or watches them.
// Any thread.
#pragma once

#include <boost/uuid/uuid.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/name_filter.h"
#include "registry/base/index.h"
#include "registry/base/lock_guarded.h"

namespace rollcall::api {

struct UserEvent {
  std::string name;
  std::string payload;
  // Which nodes it is for, and which services and tags of services.
  NameFilter node;
  NameFilter service;
  NameFilter tag;
  // Given by the log.
  std::string id;      // a random UUID
  Index index;         // EventIndex of it
  uint64_t ltime = 0;  // numbers the events: 1, 2, ...
};
using UserEventPtr = std::shared_ptr<const UserEvent>;

// What X-Consul-Index says when this event is the newest: the two halves of its ID, one XOR the
// other. Consul's clients make it from the ID themselves (IDToIndex), so it is part of the API.
Index EventIndex(const boost::uuids::uuid& id);

class EventLog {
 public:
  // So many are kept, as in Consul.
  static constexpr size_t kMaxEvents = 256;

  EventLog();

  // Gives the event an ID, an index that is neither 0 nor 1 (of a list without events) and a
  // number, and keeps it. The caller wakes who waits for it.
  UserEventPtr Add(UserEvent event);

  // Those that are kept, the newest last; immutable.
  std::shared_ptr<const std::vector<UserEventPtr>> Events() const;

 private:
  struct State {
    std::shared_ptr<const std::vector<UserEventPtr>> events;
    uint64_t last_ltime = 0;
  };
  mutable LockGuarded<State> state_;
};

}  // namespace rollcall::api
