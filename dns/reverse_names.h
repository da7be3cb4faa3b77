// ReverseNames: what is at an address, one after the other, as far as it may be seen: every node
// whose address it is, then every service that has an instance with this address of its own.
// Goes by a snapshot that outlives it; one question's.
#pragma once

#include <cstddef>

#include "dns/sight.h"
#include "registry/base/ip_address.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

class ReverseNames {
 public:
  ReverseNames(const catalog::Snapshot& snapshot, const IpAddress& address, const Sight& sight);

  // Null after the last one. To look for those that may be seen takes only so long: where an
  // address has a great many, the rest counts as what may not be.
  const catalog::AddressIndex::Entry* Next();

  // Whether something has been left out so far.
  bool left_out() const { return left_out_; }

 private:
  bool IsSeen(const catalog::AddressIndex::Entry& entry);
  // Of a service that is seen: whether an instance is, of those that are here.
  bool HasSeenInstance(const catalog::ServiceEntry& service);

  const catalog::Snapshot& snapshot_;
  const IpAddress address_;
  const Sight sight_;
  catalog::AddressIndex::Entries::Iterator at_;
  size_t effort_left_;
  bool left_out_ = false;
};

}  // namespace rollcall::dns
