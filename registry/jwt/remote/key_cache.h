// KeyCache: a source of keys that are elsewhere and change, such as a URL. It keeps what it has
// fetched, and asks again
//
//   1. when nothing has been fetched, or it was longer ago than `lifetime`;
//   2. when it does not know the key that is looked for, for an issuer signs with a new key as soon
//      as he has published it;
//   3. but never while it is asking, nor within `pause` of the last answer, so that tokens of
//      strangers who name keys as they like cause no more than one question each `pause`;
//      Who looks for an unknown key within the pause waits until it is over and the next answer is
//      there, for a key that was published a moment ago looks just like one that is made up: he is
//      neither told that it does not exist, nor let off without an answer;
//   4. and when asking fails, the keys it had are good for `grace` since they were fetched. Whether
//      there is a key that is not among them is then not known, and that is what is said.
//
// So a key that its issuer has taken out is good for at most `lifetime` while he can be asked, and
// for at most `grace` while he cannot.
// Synchronises itself: any thread may ask. Answers come on the asker's thread, or on the one on
// which `fetch` calls back.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"
#include "registry/jwt/key_source.h"

namespace rollcall::jwt {

struct KeyCacheOptions {
  std::chrono::seconds lifetime{300};
  std::chrono::seconds pause{10};
  std::chrono::seconds grace{3600};
  // Askers that wait for one answer; more are told that there are no keys.
  size_t max_waiting = 1000;
  // Of these, askers that may begin to wait within the pause, and so for longer: fewer, so that
  // strangers with made-up keys leave room for those who wait for an answer.
  size_t max_in_pause = 64;
  // Where the keys come from, for messages about what `fetch` has got there; what keeps it from
  // getting anything it says itself.
  std::string origin;
  // Told of each fetch that has failed, and of each key of a set that cannot be used, and whose
  // they are; for the log. From the thread that `fetch` calls back on.
  std::function<void(const std::string& what)> on_trouble;
};

class KeyCache final : public KeySource, public std::enable_shared_from_this<KeyCache> {
 public:
  // Fetches the text of a JWKS, and calls back exactly once, from any thread, perhaps before it
  // returns.
  using OnText = std::function<void(Result<std::string>)>;
  using Fetch = std::function<void(OnText)>;
  // Calls back exactly once, from any thread, after this time or when there is no more waiting.
  using Later = std::function<void(std::chrono::nanoseconds, std::function<void()>)>;

  // `clock` outlives it, and all that `fetch` and `later` have under way.
  static std::shared_ptr<KeyCache> Make(Fetch fetch, Later later, KeyCacheOptions options,
                                        const Clock& clock);

  void Find(const std::optional<std::string>& key_id, OnKeys on_keys) override;

 private:
  using TimePoint = Clock::TimePoint;
  using Keys = std::shared_ptr<const KeySet>;

  struct Waiting {
    std::optional<std::string> key_id;
    OnKeys on_keys;
  };

  struct State {
    Keys keys;                             // null: none have ever been fetched
    TimePoint fetched_at;                  // when `keys` were
    std::optional<TimePoint> answered_at;  // the last answer, of whatever kind
    std::optional<Error> trouble;          // the last answer was this one
    bool is_asking = false;
    bool is_pausing = false;  // `later` calls back when the pause is over: somebody waits for it
    std::vector<Waiting> waiting;
  };

  // What is to be done for an asker, outside of the lock.
  enum class Next : uint8_t { kAnswer, kAsk, kAskLater, kNothing };

  KeyCache(Fetch fetch, Later later, KeyCacheOptions options, const Clock& clock);

  // Takes from `on_keys` if the asker has to wait.
  Next Begin(State& state, const std::optional<std::string>& key_id, OnKeys& on_keys,
             std::optional<Result<Keys>>* answer);
  // The pause after the answer of that time.
  void OnPauseOver(TimePoint answered_at);
  void Ask();
  void OnAnswer(const Result<std::string>& text);
  // What is wrong with what has been fetched.
  std::string Of(const std::string& trouble) const;
  // What to say without asking; never null keys.
  Result<Keys> Present(const State& state, const std::optional<std::string>& key_id) const;

  const Fetch fetch_;
  const Later later_;
  const KeyCacheOptions options_;
  const Clock& clock_;
  LockGuarded<State> state_;
};

}  // namespace rollcall::jwt
