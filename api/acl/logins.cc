#include "api/acl/logins.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "registry/acl/methods/config.h"
#include "registry/base/ascii.h"
#include "registry/base/printable.h"
#include "registry/jwt/authenticator.h"
#include "registry/jwt/remote/fetcher.h"
#include "registry/jwt/remote/key_sources.h"

namespace rollcall::api {
namespace {

jwt::KeyCacheOptions KeyCacheOptionsOfLogins() {
  jwt::KeyCacheOptions options;
  options.max_waiting = Logins::kMaxWaitingForOne;
  options.on_trouble = [](const std::string& what) {
    spdlog::warn("keys of auth methods: {}", FirstLine(what));
  };
  return options;
}

}  // namespace

struct Logins::Keys {
  explicit Keys(const Clock& clock) : sources(fetcher, KeyCacheOptionsOfLogins(), clock) {}

  jwt::Fetcher fetcher;
  jwt::KeySources sources;
};

Logins::Logins() = default;
Logins::~Logins() { Stop(); }

Result<std::shared_ptr<const jwt::Authenticator>> Logins::AuthenticatorFor(
    const acl::AuthMethod& method, const acl::Directory& directory, const Clock& clock) {
  const std::string name = AsciiLower(method.name);
  auto state = state_.Lock();
  if (state->is_stopped) return Unavailable("the server shuts down");
  const auto known = state->methods.find(name);
  if (known != state->methods.end() && known->second.config == method.config) {
    return known->second.authenticator;
  }
  auto config = acl::ParseJwtConfig(method.config);
  if (!config) return config.error();
  if (state->keys == nullptr) state->keys = std::make_unique<Keys>(clock);
  // The one before is still held, so that keys stay which are fetched from the same place.
  auto source = state->keys->sources.For(*config);
  if (!source) return source.error();
  auto made = std::make_shared<const jwt::Authenticator>(*std::move(config), *std::move(source));
  state->methods[name] = {method.config, made};
  std::erase_if(state->methods, [&directory](const auto& each) {
    return directory.auth_methods().Find(each.first) == nullptr;
  });
  return made;
}

Logins::Place Logins::TakePlace() {
  if (waiting_.fetch_add(1, std::memory_order_relaxed) >= kMaxWaiting) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
  }
  return {this, [](void* self) {
            static_cast<Logins*>(self)->waiting_.fetch_sub(1, std::memory_order_relaxed);
          }};
}

void Logins::Stop() {
  std::unique_ptr<Keys> keys;  // outlives the lock: whoever waits is called back without it
  std::map<std::string, Method> methods;
  auto state = state_.Lock();
  state->is_stopped = true;
  keys.swap(state->keys);
  methods.swap(state->methods);
}

}  // namespace rollcall::api
