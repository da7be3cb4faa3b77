#include "registry/jwt/remote/key_cache.h"

#include <utility>

#include "registry/jwt/shown.h"

namespace rollcall::jwt {

std::shared_ptr<KeyCache> KeyCache::Make(Fetch fetch, KeyCacheOptions options, const Clock& clock) {
  return std::shared_ptr<KeyCache>(new KeyCache(std::move(fetch), std::move(options), clock));
}

KeyCache::KeyCache(Fetch fetch, KeyCacheOptions options, const Clock& clock)
    : fetch_(std::move(fetch)), options_(std::move(options)), clock_(clock) {}

Result<KeyCache::Keys> KeyCache::Present(const State& state) const {
  const bool is_good = state.keys != nullptr && clock_.Now() - state.fetched_at < options_.grace;
  if (is_good) return state.keys;
  return Unavailable("there are no keys to verify tokens with: " +
                     (state.trouble ? state.trouble->message : "none have been fetched yet"));
}

void KeyCache::Find(const std::optional<std::string>& key_id, OnKeys on_keys) {
  std::optional<Result<Keys>> answer;
  bool asks = false;
  {
    auto state = state_.Lock();
    const TimePoint now = clock_.Now();
    const bool is_fresh = state->keys != nullptr && now - state->fetched_at < options_.lifetime;
    const bool is_known = state->keys != nullptr && (!key_id || state->keys->Knows(*key_id));
    const bool may_ask =
        !state->is_asking && (!state->answered_at || now - *state->answered_at >= options_.pause);
    if ((is_fresh && is_known) || (!state->is_asking && !may_ask)) {
      answer = Present(*state);
    } else if (state->waiting.size() >= options_.max_waiting) {
      answer = Unavailable("too many logins wait for the keys to verify tokens with");
    } else {
      state->waiting.push_back(std::move(on_keys));
      asks = std::exchange(state->is_asking, true) == false;
    }
  }
  if (answer) return on_keys(*std::move(answer));
  if (asks) {
    fetch_([self = shared_from_this()](const Result<std::string>& text) { self->OnAnswer(text); });
  }
}

std::string KeyCache::Of(const std::string& trouble) const {
  if (options_.origin.empty()) return trouble;
  return "the key set of " + Shown(options_.origin) + ": " + trouble;
}

void KeyCache::OnAnswer(const Result<std::string>& text) {
  Result<KeySet> keys = text ? KeySet::FromJwks(*text) : Result<KeySet>(Error(text.error()));
  if (text && !keys) keys = Error{keys.error().code, Of(keys.error().message)};
  std::vector<std::string> troubles;
  std::vector<OnKeys> waiting;
  std::optional<Result<Keys>> answer;
  {
    auto state = state_.Lock();
    state->is_asking = false;
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
    waiting.swap(state->waiting);
    answer = Present(*state);
  }
  if (options_.on_trouble != nullptr) {
    for (const std::string& trouble : troubles) options_.on_trouble(trouble);
  }
  for (const OnKeys& on_keys : waiting) on_keys(*answer);
}

}  // namespace rollcall::jwt
