#include "registry/access/bearer_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "registry/acl/objects/grants.h"
#include "registry/acl/objects/objects.h"
#include "registry/acl/objects/secrets.h"

namespace rollcall::acl {
namespace {

Error NoSuchToken() { return {ErrorCode::kPermissionDenied, "ACL not found"}; }

std::optional<Text> ContentOf(const model::AclObject* object) {
  return object == nullptr ? std::nullopt : std::optional(object->content);
}

BearerPtr Everybody() {
  return std::make_shared<const Bearer>(
      Bearer{{}, "", std::nullopt, Authorizer({}, DefaultPolicy::kAllow)});
}

}  // namespace

size_t BearerCache::FirstBytes::operator()(const SecretDigest& digest) const {
  size_t bytes = 0;
  std::memcpy(&bytes, digest.data(), sizeof bytes);
  return bytes;
}

BearerCache::BearerCache(Options options)
    : options_(std::move(options)),
      everybody_(Everybody()),
      anonymous_(DigestOf(kAnonymousSecret)) {}

Result<BearerPtr> BearerCache::Find(std::string_view secret, const catalog::Snapshot& snapshot) {
  if (!options_.enabled) return everybody_;
  return FindByDigest(secret.empty() ? anonymous_ : DigestOf(secret), snapshot);
}

Result<BearerPtr> BearerCache::FindAgain(const Bearer& bearer, const catalog::Snapshot& snapshot) {
  if (!options_.enabled) return everybody_;
  return FindByDigest(bearer.digest, snapshot);
}

Result<BearerPtr> BearerCache::FindByDigest(const SecretDigest& digest,
                                            const catalog::Snapshot& snapshot) {
  const auto known = by_digest_.find(digest);
  if (known != by_digest_.end()) {
    Entry& entry = *known->second;
    if (entry.as_of == snapshot.acl_index() || IsAsItWas(entry, snapshot)) {
      entry.as_of = snapshot.acl_index();
      entries_.splice(entries_.begin(), entries_, known->second);
      return Checked(entry);
    }
    entries_.erase(known->second);
    by_digest_.erase(known);
  }
  Result<Entry> entry = Compile(digest, snapshot);
  if (!entry) return entry.error();
  if (entries_.size() >= std::max<size_t>(options_.capacity, 1)) {
    by_digest_.erase(entries_.back().digest);
    entries_.pop_back();
  }
  entries_.push_front(*std::move(entry));
  by_digest_.emplace(digest, entries_.begin());
  return Checked(entries_.front());
}

Result<BearerPtr> BearerCache::Checked(const Entry& entry) const {
  if (!entry.found) return entry.found;
  const Bearer& bearer = **entry.found;
  if (bearer.expires && bearer.HasExpired(options_.now())) return NoSuchToken();
  return entry.found;
}

bool BearerCache::IsAsItWas(const Entry& entry, const catalog::Snapshot& snapshot) {
  return std::all_of(entry.seen.begin(), entry.seen.end(), [&snapshot](const Seen& seen) {
    // Not their indexes: those of a log that was restored from a backup can come again.
    return ContentOf(snapshot.FindAcl(seen.kind, seen.id)) == seen.content;
  });
}

Result<BearerCache::Entry> BearerCache::Compile(const SecretDigest& digest,
                                                const catalog::Snapshot& snapshot) const {
  Entry entry{digest, BearerPtr(), snapshot.acl_index(), {}};
  const GrantContext context{[&entry, &snapshot](model::AclKind kind, std::string_view id) {
                               const model::AclObject* const object = snapshot.FindAcl(kind, id);
                               entry.seen.push_back({kind, std::string(id), ContentOf(object)});
                               return object;
                             },
                             options_.datacenter, options_.now(), options_.otherwise};
  const auto damaged = [&](const Error& error) {
    options_.on_damage(error.message);
    entry.found = Error{ErrorCode::kCorruption,
                        "what this token may do cannot be read; the server's log says why"};
    return std::move(entry);
  };
  const Result<Token> token = FindTokenByHash(HexOf(digest), context);
  if (!token) {
    if (token.error().code == ErrorCode::kNotFound) return NoSuchToken();
    return damaged(token.error());
  }
  Result<Authorizer> authorizer = AuthorizerOf(*token, context);
  if (!authorizer) return damaged(authorizer.error());
  entry.found = std::make_shared<const Bearer>(
      Bearer{digest, token->accessor_id, token->expiration_time, *std::move(authorizer)});
  return entry;
}

}  // namespace rollcall::acl
