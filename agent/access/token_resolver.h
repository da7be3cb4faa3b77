// TokenResolver: from a token's secret to what it grants, as the registry says, which is asked over
// GET /v1/internal/acl/rules and whose answers are kept.
//
//   known, younger than token_ttl      it counts
//   known, older                       the registry is asked; async-cache: meanwhile it counts
//   not known                          the registry is asked
//   the registry says "ACL not found"  nothing is known any more; refused, for a short time unasked
//   the registry cannot be asked       as down_policy says, and it is asked again after a pause
//   it cannot read what is granted     refused (500)
//   it says something else             what was known counts, and nothing more, after a pause again
//
// One request is under way for each secret, whoever waits for it. That a token has expired is seen
// on every use. Secrets are kept nowhere: what is known is found by their SHA-256. What is kept is
// bounded, and who tries many secrets that nobody has takes no room from those that are known.
// A registry that does not control access says so; then everybody may do everything here, too.
//
// The loop's thread. What it is given outlives it.
// Source: Consul 1.8, agent/consul/acl.go (ACLResolver), and its documentation of acl.down_policy
// and acl.token_ttl.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/access/digest_table.h"
#include "agent/access/grant.h"
#include "agent/front/upstream.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"

namespace rollcall::access {

// What counts while the registry cannot be asked about a token.
enum class DownPolicy : uint8_t {
  kExtendCache,  // what was known, whatever its age; what was never known is refused
  kAsyncCache,   // the same, and nobody waits for the registry but who asks for the first time
  kDeny,         // nothing
  kAllow,        // everything
};

// Of Consul's words: "extend-cache", "async-cache", "deny", "allow". kInvalidArgument for others.
Result<DownPolicy> ParseDownPolicy(std::string_view word);

class TokenResolver {
 public:
  struct Options {
    DownPolicy down_policy = DownPolicy::kExtendCache;
    std::chrono::milliseconds token_ttl{30'000};   // 0: asked about each time
    std::chrono::milliseconds refused_for{5'000};  // that a token is not there
    std::chrono::milliseconds pause{1'000};        // after the registry could not be asked
    size_t capacity = 1024;                        // tokens that are known
    size_t max_bytes = size_t{32} * 1024 * 1024;   // of the answers about them
    size_t max_asking = 128;                       // requests under way
    std::function<UtcTime()> now = [] { return UtcTime(std::chrono::system_clock::now()); };
  };

  // A grant; or an error, which says to the client why not:
  //   kPermissionDenied  "ACL not found", or "Permission denied: " and that nobody can be asked;
  //   kUnavailable       too many tokens are being asked about at once.
  using Callback = std::function<void(const Result<GrantPtr>&)>;

  TokenResolver(const Clock& clock, front::Upstream& upstream, Options options);
  // Who waits is not called any more.
  ~TokenResolver();
  TokenResolver(const TokenResolver&) = delete;
  TokenResolver& operator=(const TokenResolver&) = delete;

  // Calls back once: from within, or when the registry has answered. Empty: the anonymous token.
  void Resolve(std::string_view secret, Callback callback);

  size_t known() const { return known_.size(); }
  size_t asking() const { return asking_.size(); }

 private:
  struct Known {
    GrantPtr grant;
    Clock::TimePoint fresh_until;
  };
  // What is said of a token for a short time, without anything being known of it.
  struct Brief {
    Result<GrantPtr> verdict;
    Clock::TimePoint until;
  };
  struct Asking {
    front::Upstream::Handle handle;
    std::vector<Callback> waiting;
  };

  void Ask(const acl::SecretDigest& digest, std::string_view secret);
  void OnReply(const acl::SecretDigest& digest, const Result<front::UpstreamReply>& reply);
  Result<GrantPtr> Learn(const acl::SecretDigest& digest,
                         const Result<front::UpstreamReply>& reply);
  Result<GrantPtr> Keep(const acl::SecretDigest& digest, GrantPtr grant, size_t bytes);
  Result<GrantPtr> Forget(const acl::SecretDigest& digest);
  // Whether the registry could not be reached, or said that it cannot serve.
  enum class IsAway { kNo, kYes };
  Result<GrantPtr> FallBack(const acl::SecretDigest& digest, const std::string& why,
                            IsAway is_away);
  Result<GrantPtr> Refuse(const acl::SecretDigest& digest, const std::string& why);
  Result<GrantPtr> SayBriefly(const acl::SecretDigest& digest, Result<GrantPtr> verdict,
                              std::chrono::milliseconds time);
  // The grant, unless its token has expired.
  Result<GrantPtr> Checked(const acl::SecretDigest& digest, GrantPtr grant);
  void NoteAway(const std::string& why);
  void NoteBack();

  const Clock& clock_;
  front::Upstream& upstream_;
  const Options options_;
  DigestTable<Known> known_;
  DigestTable<Brief> brief_;
  std::unordered_map<acl::SecretDigest, Asking, DigestHash> asking_;
  bool away_was_logged_ = false;
  Clock::TimePoint next_log_{};  // of the registry's absence
};

}  // namespace rollcall::access
