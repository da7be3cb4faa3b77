#include "registry/jwt/remote/key_cache.h"

#include <algorithm>
#include <utility>

#include "registry/jwt/shown.h"

namespace rollcall::jwt {

std::shared_ptr<KeyCache> KeyCache::Make(Fetch fetch, Later later, KeyCacheOptions options,
                                         const Clock& clock) {
  return std::shared_ptr<KeyCache>(
      new KeyCache(std::move(fetch), std::move(later), std::move(options), clock));
}

KeyCache::KeyCache(Fetch fetch, Later later, KeyCacheOptions options, const Clock& clock)
    : fetch_(std::move(fetch)),
      later_(std::move(later)),
      options_(std::move(options)),
      clock_(clock) {}

Result<KeyCache::Keys> KeyCache::Present(const State& state,
                                         const std::optional<std::string>& key_id) const {
  const std::string why = state.trouble ? state.trouble->message : "none have been fetched yet";
  const bool is_good = state.keys != nullptr && clock_.Now() - state.fetched_at < options_.grace;
  if (!is_good) return Unavailable("there are no keys to verify tokens with: " + why);
  if (state.trouble && key_id && !state.keys->Knows(*key_id)) {
    return Unavailable("whether there is a key " + Shown(*key_id) + " is not known: " + why);
  }
  return state.keys;
}

void KeyCache::Find(const std::optional<std::string>& key_id, OnKeys on_keys) {
  std::optional<Result<Keys>> answer;
  Next next = Next::kNothing;
  std::chrono::nanoseconds rest{};
  TimePoint answered_at;
  {
    auto state = state_.Lock();
    next = Begin(*state, key_id, on_keys, &answer);
    if (next == Next::kAskLater) {
      answered_at = *state->answered_at;
      rest = answered_at + options_.pause - clock_.Now();
    }
  }
  if (next == Next::kAnswer) return on_keys(*std::move(answer));
  if (next == Next::kAsk) return Ask();
  if (next != Next::kAskLater) return;
  later_(rest, [self = shared_from_this(), answered_at] { self->OnPauseOver(answered_at); });
}

KeyCache::Next KeyCache::Begin(State& state, const std::optional<std::string>& key_id,
                               OnKeys& on_keys, std::optional<Result<Keys>>* answer) {
  const TimePoint now = clock_.Now();
  const bool is_fresh = state.keys != nullptr && now - state.fetched_at < options_.lifetime;
  const bool is_known = state.keys != nullptr && (!key_id || state.keys->Knows(*key_id));
  const bool in_pause =
      !state.is_asking && state.answered_at && now - *state.answered_at < options_.pause;
  // After a failure nobody waits: whoever comes within the pause is told of it.
  if ((is_fresh && is_known) || (in_pause && state.trouble)) {
    *answer = Present(state, key_id);
    return Next::kAnswer;
  }
  const size_t max =
      in_pause ? std::min(options_.max_in_pause, options_.max_waiting) : options_.max_waiting;
  if (state.waiting.size() >= max) {
    *answer = Unavailable("too many logins wait for the keys to verify tokens with");
    return Next::kAnswer;
  }
  state.waiting.push_back({key_id, std::move(on_keys)});
  if (in_pause) return std::exchange(state.is_pausing, true) ? Next::kNothing : Next::kAskLater;
  return std::exchange(state.is_asking, true) ? Next::kNothing : Next::kAsk;
}

void KeyCache::OnPauseOver(TimePoint answered_at) {
  {
    auto state = state_.Lock();
    // Somebody else may have asked as soon as it was over.
    if (!state->is_pausing || state->is_asking || state->answered_at != answered_at) return;
    state->is_pausing = false;
    state->is_asking = true;
  }
  Ask();
}

void KeyCache::Ask() {
  fetch_([self = shared_from_this()](const Result<std::string>& text) { self->OnAnswer(text); });
}

std::string KeyCache::Of(const std::string& trouble) const {
  if (options_.origin.empty()) return trouble;
  return "the key set of " + Shown(options_.origin) + ": " + trouble;
}

void KeyCache::OnAnswer(const Result<std::string>& text) {
  Result<KeySet> keys = text ? KeySet::FromJwks(*text) : Result<KeySet>(Error(text.error()));
  if (text && !keys) keys = Error{keys.error().code, Of(keys.error().message)};
  std::vector<std::string> troubles;
  std::vector<std::pair<OnKeys, Result<Keys>>> answers;
  {
    auto state = state_.Lock();
    state->is_asking = false;
    state->is_pausing = false;
    state->answered_at = clock_.Now();
    if (keys) {
      for (const std::string& why : keys->passed_over()) troubles.push_back(Of(why));
      state->keys = std::make_shared<const KeySet>(*std::move(keys));
      state->fetched_at = *state->answered_at;
      state->trouble.reset();
    } else {
      troubles.push_back(keys.error().message);
      state->trouble = keys.error();
    }
    for (Waiting& each : std::exchange(state->waiting, {})) {
      answers.emplace_back(std::move(each.on_keys), Present(*state, each.key_id));
    }
  }
  if (options_.on_trouble != nullptr) {
    for (const std::string& trouble : troubles) options_.on_trouble(trouble);
  }
  for (const auto& [on_keys, answer] : answers) on_keys(answer);
}

}  // namespace rollcall::jwt
