#include "registry/access/bearer_cache.h"

#include <cstring>
#include <iterator>
#include <utility>

#include "registry/acl/objects/grants.h"
#include "registry/acl/objects/objects.h"
#include "registry/acl/objects/secrets.h"

namespace rollcall::acl {
namespace {

Error NoSuchToken() { return {ErrorCode::kPermissionDenied, "ACL not found"}; }

BearerPtr Everybody() {
  return std::make_shared<const Bearer>(
      Bearer{{}, "", std::nullopt, Authorizer({}, DefaultPolicy::kAllow), nullptr});
}

// Of the map, for each bearer.
constexpr size_t kBytesOfPlace = sizeof(SecretDigest) + 4 * sizeof(void*);

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
  if (secret.empty()) return FindByDigest(anonymous_, snapshot);
  if (const SecretDigest* const digest = recent_.Find(secret)) {
    return FindByDigest(*digest, snapshot);
  }
  const SecretDigest digest = DigestOf(secret);
  Result<BearerPtr> found = FindByDigest(digest, snapshot);
  if (found) recent_.Keep(secret, digest);
  return found;
}

Result<BearerPtr> BearerCache::FindAgain(const Bearer& bearer, const catalog::Snapshot& snapshot) {
  if (!options_.enabled) return everybody_;
  return FindByDigest(bearer.digest, snapshot);
}

Result<BearerPtr> BearerCache::FindByDigest(const SecretDigest& digest,
                                            const catalog::Snapshot& snapshot) {
  if (const Entry* const kept = FindKept(digest, snapshot)) return Checked(*kept);
  Result<Entry> entry = Compile(digest, snapshot);
  if (!entry) return entry.error();
  Keep(*std::move(entry));
  return Checked(entries_.front());
}

BearerCache::Entry* BearerCache::FindKept(const SecretDigest& digest,
                                          const catalog::Snapshot& snapshot) {
  const catalog::Edition edition = snapshot.acl_edition();
  if (last_ != nullptr && last_->as_of == edition && last_->digest == digest) return last_;
  const auto known = by_digest_.find(digest);
  if (known == by_digest_.end()) return nullptr;
  Entry& entry = *known->second;
  if (entry.as_of != edition && !entry.grounds->AreIn(snapshot)) {
    Drop(known->second);
    return nullptr;
  }
  entry.as_of = edition;
  entry.was_used = true;
  return last_ = &entry;
}

void BearerCache::Keep(Entry entry) {
  while (!entries_.empty() &&
         (entries_.size() >= options_.capacity || bytes_ + entry.bytes > options_.max_bytes)) {
    DropOne();
  }
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  by_digest_.emplace(entries_.front().digest, entries_.begin());
}

void BearerCache::Drop(Entries::iterator entry) {
  if (last_ == &*entry) last_ = nullptr;
  bytes_ -= entry->bytes;
  by_digest_.erase(entry->digest);
  entries_.erase(entry);
}

// "Second chance" (Corbato 1969): whoever has been used since the last time is let off once.
void BearerCache::DropOne() {
  last_ = nullptr;  // that it is used again is to be noted again
  while (entries_.back().was_used) {
    entries_.back().was_used = false;
    entries_.splice(entries_.begin(), entries_, std::prev(entries_.end()));
  }
  Drop(std::prev(entries_.end()));
}

Result<BearerPtr> BearerCache::Checked(const Entry& entry) const {
  if (!entry.found) return entry.found;
  const Bearer& bearer = **entry.found;
  if (bearer.expires && bearer.HasExpired(options_.now())) return NoSuchToken();
  return entry.found;
}

Result<BearerCache::Entry> BearerCache::Compile(const SecretDigest& digest,
                                                const catalog::Snapshot& snapshot) const {
  const auto grounds = std::make_shared<Grounds>();
  const GrantContext context{[&grounds, &snapshot](model::AclKind kind, std::string_view id) {
                               const model::AclObject* const object = snapshot.FindAcl(kind, id);
                               grounds->Add(kind, id, object);
                               return object;
                             },
                             options_.datacenter, options_.now(), options_.otherwise};
  const auto entry_of = [&](Result<BearerPtr> found) {
    const size_t bytes = sizeof(Entry) + kBytesOfPlace + grounds->bytes() +
                         (found ? sizeof(Bearer) + (*found)->authorizer.bytes() : 0);
    return Entry{digest, std::move(found), snapshot.acl_edition(), grounds, bytes};
  };
  const auto damaged = [&](const Error& error) {
    options_.on_damage(error.message);
    return entry_of(Error{ErrorCode::kCorruption,
                          "what this token may do cannot be read; the server's log says why"});
  };
  const Result<Token> token = FindTokenByHash(HexOf(digest), context);
  if (!token) {
    if (token.error().code == ErrorCode::kNotFound) return NoSuchToken();
    return damaged(token.error());
  }
  Result<Authorizer> authorizer = AuthorizerOf(*token, context);
  if (!authorizer) return damaged(authorizer.error());
  return entry_of(std::make_shared<const Bearer>(
      Bearer{digest, token->accessor_id, token->expiration_time, *std::move(authorizer), grounds}));
}

}  // namespace rollcall::acl
