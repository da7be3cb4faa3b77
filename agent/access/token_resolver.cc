#include "agent/access/token_resolver.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "agent/access/rules_answer.h"
#include "api/shared/access_check.h"
#include "registry/acl/objects/objects.h"
#include "registry/base/printable.h"

namespace rollcall::access {
namespace {

using acl::SecretDigest;
using std::chrono::milliseconds;

// How often the log says that the registry cannot be asked.
constexpr std::chrono::minutes kLogPause{1};

// Consul's have 36 bytes, those of services that issue their own may have more.
constexpr size_t kMaxSecretSize = 4096;

// Whether it may stand in a header. No token has another one.
bool CanBeAsked(std::string_view secret) {
  return secret.size() <= kMaxSecretSize &&
         std::all_of(secret.begin(), secret.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string_view WithoutLineEnd(std::string_view body) {
  while (body.ends_with('\n') || body.ends_with('\r')) body.remove_suffix(1);
  return body;
}

Error NobodyToAsk() {
  return {ErrorCode::kPermissionDenied,
          "Permission denied: no server of the registry says what this token may do"};
}

constexpr std::array<std::pair<std::string_view, DownPolicy>, 4> kDownPolicies = {{
    {"extend-cache", DownPolicy::kExtendCache},
    {"async-cache", DownPolicy::kAsyncCache},
    {"deny", DownPolicy::kDeny},
    {"allow", DownPolicy::kAllow},
}};

}  // namespace

Result<DownPolicy> ParseDownPolicy(std::string_view word) {
  for (const auto& [name, policy] : kDownPolicies) {
    if (name == word) return policy;
  }
  return InvalidArgument("\"" + Printable(word) +
                         "\" is none of extend-cache, async-cache, deny and allow");
}

TokenResolver::TokenResolver(const Clock& clock, front::Upstream& upstream, Options options)
    : clock_(clock),
      upstream_(upstream),
      options_(std::move(options)),
      known_(options_.capacity, options_.max_bytes),
      brief_(options_.capacity, options_.capacity) {}

TokenResolver::~TokenResolver() {
  for (auto& [digest, asking] : asking_) asking.handle.Cancel();
}

void TokenResolver::Resolve(std::string_view secret, Callback callback) {
  if (secret.empty()) secret = acl::kAnonymousSecret;
  if (!CanBeAsked(secret)) return callback(api::TokenNotFound());
  const SecretDigest digest = acl::DigestOf(secret);
  const Clock::TimePoint now = clock_.Now();
  const Known* const known = known_.Find(digest);
  if (known != nullptr && known->fresh_until > now) return callback(Checked(digest, known->grant));
  if (const Brief* const brief = brief_.Find(digest); brief != nullptr && brief->until > now) {
    // Whoever is called may change what is said.
    const Result<GrantPtr> verdict = brief->verdict;
    return callback(verdict);
  }
  const bool is_full = asking_.size() >= options_.max_asking && !asking_.contains(digest);
  const bool asks = !is_full && !asking_.contains(digest);
  const bool needs_no_answer = is_full || options_.down_policy == DownPolicy::kAsyncCache;
  if (known != nullptr && needs_no_answer) {
    const Result<GrantPtr> verdict = Checked(digest, known->grant);
    if (asks && verdict) Ask(digest, secret);
    return callback(verdict);
  }
  if (is_full) {
    return callback(Unavailable("too many tokens are being asked about at once; try again"));
  }
  if (asks) Ask(digest, secret);
  asking_.at(digest).waiting.push_back(std::move(callback));
}

void TokenResolver::Ask(const SecretDigest& digest, std::string_view secret) {
  front::UpstreamRequest request;
  request.target = "/v1/internal/acl/rules";
  request.headers.push_back({"X-Consul-Token", std::string(secret)});
  asking_[digest].handle = upstream_.Send(
      std::move(request),
      [this, digest](const Result<front::UpstreamReply>& reply) { OnReply(digest, reply); });
}

void TokenResolver::OnReply(const SecretDigest& digest, const Result<front::UpstreamReply>& reply) {
  const auto asked = asking_.extract(digest);
  const Result<GrantPtr> verdict = Learn(digest, reply);
  for (const Callback& callback : asked.mapped().waiting) callback(verdict);
}

Result<GrantPtr> TokenResolver::Learn(const SecretDigest& digest,
                                      const Result<front::UpstreamReply>& reply) {
  if (!reply) return FallBack(digest, reply.error().message, IsAway::kYes);
  const std::string_view text = WithoutLineEnd(reply->body);
  if (reply->status == 403 && text == "ACL not found") return Forget(digest);
  if (reply->status == 401 && text == "ACL support disabled") return Keep(digest, Everything(), 0);
  if (reply->status != 200) {
    const std::string why = reply->server + " answers with the status " +
                            std::to_string(reply->status) +
                            (reply->status == 404 ? "; is it older than this agent?" : "");
    // The registry cannot read what the token grants, and grants nothing.
    if (reply->status == 500) return Refuse(digest, why);
    const bool is_away = reply->status >= 502 && reply->status <= 504;
    return FallBack(digest, why, is_away ? IsAway::kYes : IsAway::kNo);
  }
  Result<Grant> grant = ReadRulesAnswer(reply->body);
  if (!grant) return FallBack(digest, reply->server + ": " + grant.error().message, IsAway::kNo);
  return Keep(digest, std::make_shared<const Grant>(*std::move(grant)), reply->body.size());
}

Result<GrantPtr> TokenResolver::Keep(const SecretDigest& digest, GrantPtr grant, size_t bytes) {
  NoteBack();
  brief_.Erase(digest);
  known_.Put(digest, {grant, clock_.Now() + options_.token_ttl}, bytes);
  return Checked(digest, std::move(grant));
}

Result<GrantPtr> TokenResolver::Forget(const SecretDigest& digest) {
  NoteBack();
  known_.Erase(digest);
  return SayBriefly(digest, api::TokenNotFound(),
                    std::min(options_.refused_for, options_.token_ttl));
}

Result<GrantPtr> TokenResolver::Refuse(const SecretDigest& digest, const std::string& why) {
  NoteAway(why);
  known_.Erase(digest);
  return SayBriefly(digest, NobodyToAsk(), options_.pause);
}

Result<GrantPtr> TokenResolver::FallBack(const SecretDigest& digest, const std::string& why,
                                         IsAway is_away) {
  NoteAway(why);
  // A registry that is there and says something else, as that too many have asked, opens nothing.
  if (options_.down_policy == DownPolicy::kAllow && is_away == IsAway::kYes) {
    return SayBriefly(digest, Everything(), options_.pause);
  }
  if (options_.down_policy == DownPolicy::kDeny) {
    return SayBriefly(digest, NobodyToAsk(), options_.pause);
  }
  Known* const known = known_.Find(digest);
  if (known == nullptr) return SayBriefly(digest, NobodyToAsk(), options_.pause);
  known->fresh_until = clock_.Now() + options_.pause;
  return Checked(digest, known->grant);
}

Result<GrantPtr> TokenResolver::SayBriefly(const SecretDigest& digest, Result<GrantPtr> verdict,
                                           milliseconds time) {
  if (time.count() > 0) brief_.Put(digest, {verdict, clock_.Now() + time}, 1);
  return verdict;
}

Result<GrantPtr> TokenResolver::Checked(const SecretDigest& digest, GrantPtr grant) {
  if (!grant->HasExpired(options_.now())) return grant;
  known_.Erase(digest);
  return api::TokenNotFound();
}

void TokenResolver::NoteAway(const std::string& why) {
  const Clock::TimePoint now = clock_.Now();
  if (now < next_log_) return;
  next_log_ = now + kLogPause;
  away_was_logged_ = true;
  spdlog::warn("the registry cannot be asked what a token may do, acl.down_policy counts: {}",
               Printable(why));
}

void TokenResolver::NoteBack() {
  if (!std::exchange(away_was_logged_, false)) return;
  next_log_ = {};
  spdlog::info("the registry says again what tokens may do");
}

}  // namespace rollcall::access
