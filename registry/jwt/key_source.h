// KeySource: where an auth method's keys come from. Any thread may ask.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "registry/base/result.h"
#include "registry/jwt/key_set.h"

namespace rollcall::jwt {

// kUnavailable: they could not be had, and why.
using OnKeys = std::function<void(Result<std::shared_ptr<const KeySet>>)>;

class KeySource {
 public:
  virtual ~KeySource() = default;

  // Calls back exactly once, perhaps before it returns and on the caller's thread, perhaps later on
  // one of its own; never under a lock. `key_id`: the key that is looked for; a source that can
  // have newer keys looks for them when it does not know it. Whether it is among the keys in the
  // end is for the caller to see.
  virtual void Find(const std::optional<std::string>& key_id, OnKeys on_keys) = 0;
};

// Keys that never change.
class FixedKeys final : public KeySource {
 public:
  explicit FixedKeys(KeySet keys) : keys_(std::make_shared<const KeySet>(std::move(keys))) {}

  void Find(const std::optional<std::string>& /*key_id*/, OnKeys on_keys) override {
    on_keys(keys_);
  }

 private:
  const std::shared_ptr<const KeySet> keys_;
};

}  // namespace rollcall::jwt
