// RegistrySync: keeps the registry's picture of this host true. A thread of its own sends what
// changed, at once; renews the node's lease with a heartbeat every third of its TTL; compares
// everything now and then (anti-entropy); and does all of it again when the registry has lost us.
// While no server answers it keeps trying, with exponential backoff and full jitter up to two
// seconds, so that a registry that returns sees its agents within that time and not all at once.
//
// Publish and Stop may be called from any thread; callbacks come on the sync thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "agent/desired_state.h"
#include "agent/held_outputs.h"
#include "agent/registry_client.h"
#include "agent/registry_view.h"
#include "agent/tokens.h"
#include "registry/base/clock.h"
#include "registry/base/counter.h"
#include "registry/base/lock_guarded.h"

namespace rollcall::agent {

// What a server says about itself, as far as it concerns an agent.
struct ServerInfo {
  std::string url;
  std::string datacenter;
  std::string node;
  int dns_port = 0;  // 0: it did not say
};

// How long to wait between two full comparisons in a datacenter of so many nodes: `base` up to 128
// of them, as much again with each doubling, as Consul's agents do, so that the registry has about
// as much to do however many there are.
std::chrono::milliseconds ComparisonInterval(std::chrono::milliseconds base, size_t nodes);

class RegistrySync {
 public:
  struct Options {
    RegistryClient::Options client;
    std::chrono::milliseconds node_ttl{15'000};
    std::chrono::milliseconds comparison_interval{60'000};  // where nodes are few
    // About how long a check's output waits when its status has not changed; 0: not at all.
    std::chrono::milliseconds check_update_interval{300'000};
    std::shared_ptr<AgentTokens> tokens = nullptr;  // null: nothing is sent with one
    OwnIds own = {};  // what an agent of this node has registered before this one
    // Its token is on its way: how long nothing is asked without it. Recheck ends that.
    std::chrono::milliseconds waits_for_token{0};
    // Called on the sync thread: a server says that there is no such token.
    std::function<void(const std::string& token)> on_unknown_token = nullptr;
  };
  // Called once an answer has come from a server that is not the one of the last call.
  using OnServer = std::function<void(const ServerInfo&)>;
  // Called when the registry holds this state and nothing more of ours.
  using OnSynced = std::function<void(std::shared_ptr<const DesiredState>)>;
  // A number in [0, 1).
  using Random = std::function<double()>;

  // Starts at once.
  RegistrySync(const Options& options, std::shared_ptr<const DesiredState> desired, Random random,
               OnServer on_server, OnSynced on_synced = nullptr);
  ~RegistrySync();

  // The newest state; one that is not yet sent is skipped.
  void Publish(std::shared_ptr<const DesiredState> desired);

  // The tokens have changed: what was refused may be taken now.
  void Recheck();

  // Whether the last request was answered.
  bool is_connected() const { return connected_; }

  struct Counters {
    Counter heartbeats;
    Counter writes;       // that the registry has taken
    Counter refusals;     // writes that it has not
    Counter comparisons;  // of everything
    Counter failures;     // requests that no server answered
  };
  // Any thread.
  const Counters& counters() const { return counters_; }

  // Ends the thread, within a few seconds. kDeregister removes the node and all that it holds from
  // the registry first; kStay leaves it there until the TTL runs out. Later calls do nothing.
  enum class Departure { kDeregister, kStay };
  void Stop(Departure departure);

  // Who has answered last; the first one when nobody has. Once it has stopped.
  const std::string& server() const { return client_.server(); }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;
  struct Mailbox {
    std::shared_ptr<const DesiredState> desired;
    bool has_news = true;
    bool recheck = false;
    std::optional<Departure> departure;
  };

  void Run();
  // False: stop.
  bool WaitForWork(TimePoint wake_up);
  TimePoint NextWakeUp() const;
  // One round of what is due; kUnavailable when no server answered.
  Result<void> DoWhatIsDue();
  Result<void> Heartbeat();
  Result<void> CompareAll();
  Result<void> SendWrites();
  // How many of the writes were sent and answered, whatever the answer.
  Result<size_t> SendOne(const RegistryWrite& write);
  Result<size_t> SendBatch(std::span<const RegistryWrite> writes);
  // What the registry answered to a write.
  void OnAnswer(const RegistryWrite& write, int status, const std::string& text);
  void Release(const RegistryWrite& write);
  // With what it is sent.
  std::string TokenFor(const RegistryWrite& write) const;
  std::string OwnToken() const;
  void ForgetTokenOf(const model::Deregister& gone);
  void TellSynced();
  Result<RegistryAnswer> Send(const RegistryRequest& request);
  // Asks the server who it is, and of how many nodes it knows.
  void LearnAboutServer();
  void Deregister();
  void WarnOnce(const std::string& reason);
  void OnFailure(const Error& error);
  void OnSuccess();
  Duration Fraction(Duration of, double at_least) const;

  // Constant after construction.
  const Options options_;
  const Random random_;
  const OnServer on_server_;
  const OnSynced on_synced_;

  // Synchronise themselves.
  RegistryClient client_;  // all but Interrupt: the sync thread, while it runs
  LockGuarded<Mailbox> mailbox_;
  std::condition_variable news_;
  std::atomic<bool> connected_{false};
  Counters counters_;  // the sync thread counts

  // The sync thread's.
  const SteadyClock clock_;
  RegistryView view_;
  HeldOutputs held_;
  std::shared_ptr<const DesiredState> desired_;
  TimePoint heartbeat_due_;
  TimePoint comparison_due_;
  TimePoint retry_due_;
  int failures_ = 0;
  std::set<std::string> reasons_told_;  // why the registry cannot be used, since the last success
  std::shared_ptr<const DesiredState> synced_;  // the one told last
  bool has_news_ = true;
  bool node_is_servers_own_ = false;
  bool node_is_anothers_ = false;  // which is alive and has another ID
  std::string known_server_;
  size_t known_nodes_ = 0;
  bool learn_again_ = false;  // how many nodes there are
  bool has_refused_ = false;  // a write, since the last comparison
  bool takes_batches_ = true;
  bool waits_for_token_ = false;
  std::string last_refusal_;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace rollcall::agent
