// BearerCache: from a token's secret to what it grants. A token's rules are compiled on its first
// use and kept; asking again costs a look-up, and a hash if it was not asked for lately.
//
// What is kept is never older than the snapshot that it is asked with: of each bearer it is known
// which objects of access control were looked at, and once one of them has changed, it is compiled
// anew. That other objects change, as with every login of somebody else, costs a look at these.
// Expiry is looked at on every use. Secrets that no token has are not kept, so that whoever tries
// many fills no memory. Who was not asked for makes room first, but by and large: an order of all
// uses would have to be written down at each of them.
//
// Belongs to one thread, as the SnapshotReader whose snapshots it is asked with.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "registry/access/bearer.h"
#include "registry/access/grounds.h"
#include "registry/access/recent_secrets.h"
#include "registry/acl/authorizer.h"
#include "registry/base/result.h"
#include "registry/catalog/edition.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::acl {

class BearerCache {
 public:
  struct Options {
    bool enabled = false;  // otherwise everybody may do everything, and has no accessor
    DefaultPolicy otherwise = DefaultPolicy::kDeny;
    std::string datacenter = "dc1";
    // What is kept at the most: bearers, and the bytes that they take, about. A single one that
    // takes more is kept alone.
    size_t capacity = 4096;
    size_t max_bytes = size_t{64} << 20;
    std::function<UtcTime()> now = [] { return UtcTime(std::chrono::system_clock::now()); };
    // Told once for each time that something is compiled and found damaged.
    std::function<void(const std::string&)> on_damage = [](const std::string&) {};
  };

  explicit BearerCache(Options options);

  bool enabled() const { return options_.enabled; }
  // Who asks where access is not controlled.
  const BearerPtr& everybody() const { return everybody_; }
  const Options& options() const { return options_; }

  // The token that has this secret; empty: the anonymous one. kPermissionDenied, "ACL not found",
  // when there is none or it has expired; kCorruption when a record that it depends on cannot be
  // read.
  Result<BearerPtr> Find(std::string_view secret, const catalog::Snapshot& snapshot);

  // The same bearer as things are now: for who has waited since it was found.
  Result<BearerPtr> FindAgain(const Bearer& bearer, const catalog::Snapshot& snapshot);

  // Kept at present.
  size_t size() const { return entries_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    SecretDigest digest;
    Result<BearerPtr> found;  // the error: kCorruption
    catalog::Edition as_of;   // of access control in the snapshot that it was last compared with
    std::shared_ptr<const Grounds> grounds;
    size_t bytes = 0;
    bool was_used = false;  // since it was last passed over when room was made
  };
  using Entries = std::list<Entry>;
  struct FirstBytes {
    size_t operator()(const SecretDigest& digest) const;
  };

  Result<BearerPtr> FindByDigest(const SecretDigest& digest, const catalog::Snapshot& snapshot);
  // What is kept of that digest and is of this snapshot; null: nothing, any more.
  Entry* FindKept(const SecretDigest& digest, const catalog::Snapshot& snapshot);
  Result<BearerPtr> Checked(const Entry& entry) const;
  void Keep(Entry entry);
  void Drop(Entries::iterator entry);
  // Of at least one that is kept.
  void DropOne();
  Result<Entry> Compile(const SecretDigest& digest, const catalog::Snapshot& snapshot) const;

  const Options options_;
  const BearerPtr everybody_;
  const SecretDigest anonymous_;
  RecentSecrets recent_;
  Entries entries_;  // the newest, and those that have been passed over, in front
  size_t bytes_ = 0;
  // That was asked for last, as long as it is kept: a request asks when it comes, and again when it
  // is answered.
  Entry* last_ = nullptr;
  std::unordered_map<SecretDigest, Entries::iterator, FirstBytes> by_digest_;
};

}  // namespace rollcall::acl
