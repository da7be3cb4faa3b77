#include "dns/reverse_names.h"

#include <algorithm>

namespace rollcall::dns {

namespace {

using Entry = catalog::AddressIndex::Entry;

// Names and instances looked at for one question, where not everything may be seen; the service
// that it ends at is still looked at whole.
constexpr size_t kMaxEffort = 5000;

}  // namespace

ReverseNames::ReverseNames(const catalog::Snapshot& snapshot, const IpAddress& address,
                           const Sight& sight)
    : snapshot_(snapshot),
      address_(address),
      sight_(sight),
      at_(snapshot.addresses().From(address)),
      effort_left_(kMaxEffort) {}

const Entry* ReverseNames::Next() {
  while (at_ != snapshot_.addresses().entries().end() && at_->address == address_) {
    if (effort_left_ == 0) {
      left_out_ = true;
      break;
    }
    const Entry& entry = *at_;
    ++at_;
    if (sight_.is_whole() || IsSeen(entry)) return &entry;
    left_out_ = true;
  }
  return nullptr;
}

bool ReverseNames::IsSeen(const Entry& entry) {
  --effort_left_;
  if (entry.kind == catalog::AddressIndex::Kind::kNode) {
    const catalog::NodeEntry* const node = snapshot_.FindNode(entry.name);
    return node != nullptr && sight_.Node(node->node->name);
  }
  const catalog::ServiceEntry* const service = snapshot_.FindService(entry.name);
  if (service == nullptr || !sight_.Service(service->name)) return false;
  return sight_.SeesAllNodes() || HasSeenInstance(*service);
}

bool ReverseNames::HasSeenInstance(const catalog::ServiceEntry& service) {
  effort_left_ -= std::min(effort_left_, service.instances.size());
  return std::any_of(service.instances.begin(), service.instances.end(),
                     [this](const catalog::InstanceEntry& entry) {
                       return sight_.Instance(entry) &&
                              ParseIpAddress(entry.instance->address) == address_;
                     });
}

}  // namespace rollcall::dns
