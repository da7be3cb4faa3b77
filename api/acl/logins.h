// Logins: what the logins of a server share: the auth methods as authenticators, with the keys that
// they have fetched; how many logins may wait for keys; what became of them. Any thread.
//
// The thread that fetches keys is there from the first login until Stop.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "registry/access/directory.h"
#include "registry/acl/methods/methods.h"
#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"

namespace rollcall::jwt {
class Authenticator;
}

namespace rollcall::api {

enum class LoginResult : uint8_t {
  kOk,
  kRefused,  // for good: what was presented is not good for a token
  kFailed,   // the server could not tell, as without keys
};
inline constexpr size_t kLoginResults = 3;

class Logins {
 public:
  // Logins that wait for keys at the same time: of one source of keys, and of all. Each holds a
  // connection and up to kMaxLoginBody bytes.
  static constexpr size_t kMaxWaitingForOne = 256;
  static constexpr size_t kMaxWaiting = 512;

  Logins();
  ~Logins();
  Logins(const Logins&) = delete;
  Logins& operator=(const Logins&) = delete;

  // Of a method as `directory` has it, whose methods are those that are kept in mind. The same as
  // long as its configuration is. `clock` outlives the first call of Stop. kUnavailable after that;
  // else as ParseJwtConfig and KeySources::For.
  Result<std::shared_ptr<const jwt::Authenticator>> AuthenticatorFor(
      const acl::AuthMethod& method, const acl::Directory& directory, const Clock& clock);

  // Held while a login waits. Null: too many do already. Outlived by this object.
  using Place = std::shared_ptr<void>;
  Place TakePlace();

  // Answers all that wait, with kUnavailable and on the fetching thread, and ends that thread.
  // Nobody gets an authenticator any more. To be called while the loops of those who wait are
  // still there; again is no error.
  void Stop();

  void Count(LoginResult result) {
    counts_[static_cast<size_t>(result)].fetch_add(1, std::memory_order_relaxed);
  }
  uint64_t count(LoginResult result) const {
    return counts_[static_cast<size_t>(result)].load(std::memory_order_relaxed);
  }
  size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  struct Method {
    std::string config;
    std::shared_ptr<const jwt::Authenticator> authenticator;
  };
  struct Keys;
  struct State {
    bool is_stopped = false;
    std::unique_ptr<Keys> keys;             // null: nobody has asked for any
    std::map<std::string, Method> methods;  // by name, in lower case
  };

  std::atomic<size_t> waiting_{0};
  std::atomic<uint64_t> counts_[kLoginResults]{};
  LockGuarded<State> state_;
};

}  // namespace rollcall::api
