// KeyCache: a source of keys that are elsewhere and change, such as a URL. It keeps what it has
// fetched, and asks again
//
//   1. when nothing has been fetched, or it was longer ago than `lifetime`;
//   2. when it does not know the key that is looked for, for an issuer signs with a new key as soon
//      as he has published it;
//   3. but never while it is asking, nor within `pause` of the last answer, so that tokens of
//      strangers who name keys as they like cause no more than one question each `pause`;
//   4. and when asking fails, the keys it had are good for `grace` since they were fetched.
//
// So a key that its issuer has taken out is good for at most `lifetime` while he can be asked, and
// for at most `grace` while he cannot.
// Synchronises itself: any thread may ask. Answers come on the asker's thread, or on the one on
// which `fetch` calls back.
#pragma once

#include <chrono>
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

  // `clock` outlives it, and all that `fetch` has under way.
  static std::shared_ptr<KeyCache> Make(Fetch fetch, KeyCacheOptions options, const Clock& clock);

  void Find(const std::optional<std::string>& key_id, OnKeys on_keys) override;

 private:
  using TimePoint = Clock::TimePoint;
  using Keys = std::shared_ptr<const KeySet>;

  struct State {
    Keys keys;                             // null: none have ever been fetched
    TimePoint fetched_at;                  // when `keys` were
    std::optional<TimePoint> answered_at;  // the last answer, of whatever kind
    std::optional<Error> trouble;          // the last answer was this one
    bool is_asking = false;
    std::vector<OnKeys> waiting;
  };

  KeyCache(Fetch fetch, KeyCacheOptions options, const Clock& clock);

  void OnAnswer(const Result<std::string>& text);
  // What is wrong with what has been fetched.
  std::string Of(const std::string& trouble) const;
  // What to say without asking; never null keys.
  Result<Keys> Present(const State& state) const;

  const Fetch fetch_;
  const KeyCacheOptions options_;
  const Clock& clock_;
  LockGuarded<State> state_;
};

}  // namespace rollcall::jwt
