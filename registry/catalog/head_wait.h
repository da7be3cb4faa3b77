// HeadWait: those who wait for a look at the log's head: commands that would write nothing, which
// is to be said of the log and not of this server's memory, and readers who want all that had been
// acknowledged when they came. One look is under way at a time; who comes meanwhile is for the
// next one.
// Belongs to the catalog's writer thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/catalog/waiting_write.h"

namespace rollcall::catalog {

class HeadWait {
 public:
  // Called once: when the snapshot is new enough, or with the reason why that is not known.
  using Reader = std::function<void(Result<void>)>;
  struct Group {
    std::vector<WaitingWrite> commands;
    std::vector<Reader> readers;
  };

  // Nothing may be written to `nodes` until the command has been taken out. Only commands that were
  // given after it may be added after it.
  void Add(WaitingWrite command, std::vector<std::string> nodes);
  void Add(Reader reader) { next_.readers.push_back(std::move(reader)); }

  // Set: the log is to be asked for its head now, for those who wait; the number is for End.
  std::optional<uint64_t> Begin();
  // The log has answered the look `number`: whom that was for. Empty when they have been taken out.
  Group End(uint64_t number);

  // Takes out everybody; the answer to a look under way is for nobody then.
  Group TakeAll();
  // Takes out the commands that may not wait any longer.
  std::vector<WaitingWrite> TakeLate(Clock::TimePoint now);
  // When there will be one; max() when there are none.
  Clock::TimePoint NextGiveUp() const;

  // The nodes of the commands for which a look is under way, and of those for the next one.
  std::set<std::string> NodesAsked() const { return NodesOf(asked_); }
  std::set<std::string> NodesNext() const { return NodesOf(next_); }
  bool empty() const { return asked_.empty() && next_.empty(); }
  size_t command_count() const { return asked_.commands.size() + next_.commands.size(); }

 private:
  struct Command {
    WaitingWrite write;
    std::vector<std::string> nodes;
  };
  struct Waiters {
    std::vector<Command> commands;
    std::vector<Reader> readers;
    bool empty() const { return commands.empty() && readers.empty(); }
  };
  static std::set<std::string> NodesOf(const Waiters& waiters);
  static void MoveInto(Waiters waiters, Group* out);

  Waiters asked_;  // for whom the look under way is
  Waiters next_;
  bool is_asking_ = false;
  uint64_t last_ = 0;
};

}  // namespace rollcall::catalog
