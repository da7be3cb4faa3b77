#include "registry/jwt/remote/key_sources.h"

#include <utility>

namespace rollcall::jwt {

KeySources::KeySources(Fetcher& fetcher, KeyCacheOptions options, const Clock& clock)
    : fetcher_(fetcher), options_(std::move(options)), clock_(clock) {}

Result<std::shared_ptr<KeySource>> KeySources::For(const MethodConfig& config) {
  if (const Result<void> ok = CheckMethodConfig(config); !ok) return ok.error();
  if (!config.jwks_url.empty() || !config.jwks_file.empty()) return CacheFor(config);
  auto keys = config.jwks.empty() ? KeySet::FromPems(config.validation_pub_keys)
                                  : KeySet::FromJwks(config.jwks);
  if (!keys) return keys.error();
  return std::shared_ptr<KeySource>(std::make_shared<FixedKeys>(*std::move(keys)));
}

std::shared_ptr<KeySource> KeySources::CacheFor(const MethodConfig& config) {
  // A URL has no NUL in it, and a path goes no further than its first one.
  const std::string what = config.jwks_url + '\0' + config.jwks_file + '\0' + config.jwks_ca_cert;
  auto caches = caches_.Lock();
  if (const auto found = caches->find(what); found != caches->end()) {
    if (auto source = found->second.lock()) return source;
  }
  std::erase_if(*caches, [](const auto& entry) { return entry.second.expired(); });
  KeyCache::Fetch fetch;
  if (config.jwks_url.empty()) {
    fetch = [this, path = config.jwks_file](KeyCache::OnText on_text) {
      fetcher_.ReadFile(path, std::move(on_text));
    };
  } else {
    fetch = [this, url = config.jwks_url, ca = config.jwks_ca_cert](KeyCache::OnText on_text) {
      fetcher_.Get(url, ca, std::move(on_text));
    };
  }
  KeyCacheOptions options = options_;
  options.origin = config.jwks_url.empty() ? config.jwks_file : config.jwks_url;
  std::shared_ptr<KeySource> source = KeyCache::Make(
      std::move(fetch),
      [this](std::chrono::nanoseconds time, std::function<void()> then) {
        fetcher_.After(time, std::move(then));
      },
      std::move(options), clock_);
  (*caches)[what] = source;
  return source;
}

}  // namespace rollcall::jwt
