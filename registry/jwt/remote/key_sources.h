// KeySources: for each auth method its source of keys. Methods with the same settings share one,
// and one keeps its keys when a method is changed in other ways. Any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/jwt/key_source.h"
#include "registry/jwt/method_config.h"
#include "registry/jwt/remote/fetcher.h"
#include "registry/jwt/remote/key_cache.h"

namespace rollcall::jwt {

class KeySources {
 public:
  // `options`: of each, beside its origin. `fetcher` and `clock` outlive it, and what it has handed
  // out.
  KeySources(Fetcher& fetcher, KeyCacheOptions options, const Clock& clock);

  // kInvalidArgument as CheckMethodConfig. Nothing is fetched before somebody asks for keys.
  Result<std::shared_ptr<KeySource>> For(const MethodConfig& config);

 private:
  // Of a URL or a file.
  std::shared_ptr<KeySource> CacheFor(const MethodConfig& config);

  Fetcher& fetcher_;
  const KeyCacheOptions options_;
  const Clock& clock_;
  // By what they are made of. Those that nobody holds any more go with the next one that is made.
  LockGuarded<std::map<std::string, std::weak_ptr<KeySource>>> caches_;
};

}  // namespace rollcall::jwt
