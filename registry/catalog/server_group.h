// ServerGroup: the servers of a shared log, as the log tells: which are alive, and which one owns
// expiry, that is, acts on deadlines that pass.
//
// Each server has a key that the log keeps while the server is alive, and one of them has the key
// "owner" as well. All that the owner does to expired checks it does under the condition that this
// key is its own: one that has been cut off from the log can expire nothing.
//
// Belongs to the catalog's writer thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/clock.h"
#include "registry/store/shared_log.h"

namespace rollcall::catalog {

inline constexpr std::string_view kOwnerKey = "owner";
inline constexpr std::string_view kServerKeys = "server/";

// What a server does about heartbeats.
enum class HeartbeatDuty {
  kApart,   // takes none: what it took would not reach the owner of expiry
  kActive,  // takes them; the owner does not act on a deadline before it has heard this server
  kLeft,    // takes none, and all that it took has reached the owner
};

// What is known of one server.
struct GroupMember {
  HeartbeatDuty duty = HeartbeatDuty::kApart;
  std::string about;  // what it says of itself

  // The value of its key.
  std::string ToValue() const;
  static GroupMember FromValue(std::string_view value);
  friend bool operator==(const GroupMember&, const GroupMember&) = default;
};

// What is known of the group at one moment. Plain values.
struct GroupView {
  std::string self;                            // this server's ID
  std::map<std::string, GroupMember> servers;  // by ID
  // Who owns expiry, as the log has it: its ID, a dot, and a number, another one each time.
  std::optional<std::string> owner;
  // Until when this server is alive for the others too; unset: it may not be.
  std::optional<Clock::TimePoint> alive_until;

  // Empty: nobody does.
  std::string owner_id() const { return owner ? owner->substr(0, owner->rfind('.')) : ""; }
  bool is_owner() const { return !self.empty() && owner_id() == self; }
  // Whether the others know of this server.
  bool is_known() const { return alive_until.has_value() && servers.contains(self); }
  bool IsActive(const std::string& id) const;
};

// Whether what a server had taken may have been lost with it, between one moment and the next.
bool HasLostHeartbeats(const GroupView& before, const GroupView& now);

class ServerGroup {
 public:
  // Another write to the log, which moves no head; what comes of it shows in the log.
  using Propose = std::function<void(std::vector<store::Condition> conditions,
                                     std::vector<store::Operation> operations)>;

  // `id` is another one in each run of each server.
  ServerGroup(std::string id, Propose propose);

  // Lets the others know of this server, which says this of itself.
  void Announce(std::string about);
  // kApart until it is called.
  void SetDuty(HeartbeatDuty duty);

  // Everything that the log holds, in place of what was known.
  void Load(const std::map<std::string, std::string>& keys);
  // Whether the key is one of the group's.
  static bool IsOwn(std::string_view key);
  void OnChange(const store::KeyChange& change);
  // As SharedLogListener::OnLease: called again and again while the lease is held.
  void OnLease(std::optional<Clock::TimePoint> until);

  const GroupView& view() const { return view_; }

  // Lets somebody else own expiry, and does not try to be it before `until`.
  void Resign(Clock::TimePoint until);

 private:
  // Tells the log what it does not hold: that this server is there, that nobody else owns expiry.
  void Assert();
  void AssertOwnKey();
  bool MayBeOwner() const;
  std::string OwnKey() const { return std::string(kServerKeys) + view_.self; }

  const Propose propose_;
  std::optional<GroupMember> self_;
  GroupView view_;
  std::optional<Clock::TimePoint> no_owner_before_;
  // What was decided as the owner once does not hold when this server is the owner again.
  uint64_t last_claim_ = 0;
};

}  // namespace rollcall::catalog
