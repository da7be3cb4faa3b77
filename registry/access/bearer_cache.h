// BearerCache: from a token's secret to what it grants. A token's rules are compiled on its first
// use and kept; asking again costs a hash and a look-up.
//
// What is kept is never older than the snapshot that it is asked with: of each bearer it is known
// which objects of access control were looked at, and once one of them has changed, it is compiled
// anew. That other objects change, as with every login of somebody else, costs a look at these.
// Expiry is looked at on every use. Secrets that no token has are not kept, so that whoever tries
// many fills no memory.
//
// Belongs to one thread, as the SnapshotReader whose snapshots it is asked with.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "registry/access/bearer.h"
#include "registry/acl/authorizer.h"
#include "registry/base/index.h"
#include "registry/base/result.h"
#include "registry/base/text.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::acl {

class BearerCache {
 public:
  struct Options {
    bool enabled = false;  // otherwise everybody may do everything, and has no accessor
    DefaultPolicy otherwise = DefaultPolicy::kDeny;
    std::string datacenter = "dc1";
    size_t capacity = 4096;  // bearers; the one that was not asked for the longest makes room
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

 private:
  // An object that was looked at.
  struct Seen {
    model::AclKind kind;
    std::string id;
    std::optional<Text> content;  // none: it was not there
  };
  struct Entry {
    SecretDigest digest;
    Result<BearerPtr> found;  // the error: kCorruption
    Index as_of;              // acl_index of the snapshot that it was last compared with
    std::vector<Seen> seen;
  };
  using Entries = std::list<Entry>;
  struct FirstBytes {
    size_t operator()(const SecretDigest& digest) const;
  };

  Result<BearerPtr> FindByDigest(const SecretDigest& digest, const catalog::Snapshot& snapshot);
  Result<BearerPtr> Checked(const Entry& entry) const;
  static bool IsAsItWas(const Entry& entry, const catalog::Snapshot& snapshot);
  Result<Entry> Compile(const SecretDigest& digest, const catalog::Snapshot& snapshot) const;

  const Options options_;
  const BearerPtr everybody_;
  const SecretDigest anonymous_;
  Entries entries_;  // the one that was asked for last in front
  std::unordered_map<SecretDigest, Entries::iterator, FirstBytes> by_digest_;
};

}  // namespace rollcall::acl
