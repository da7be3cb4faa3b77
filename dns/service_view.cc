#include "dns/service_view.h"

#include <algorithm>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "dns/order.h"
#include "dns/reach.h"
#include "dns/srv_target.h"
#include "registry/base/ascii.h"

namespace rollcall::dns {

namespace {

// The labels of `name` in front of `apex`.
std::string_view LabelsAbove(const DomainName& name, const DomainName& apex) {
  return name.wire().substr(0, name.wire().size() - apex.wire().size());
}

// The target of an instance that is reached at an IP address, with the longest of our domains;
// empty when in another one it is called differently (a name would be too long).
std::optional<SrvTarget> TargetInEveryDomain(const catalog::InstanceEntry& entry,
                                             const Zone& zone) {
  const DomainName& longest = zone.domains().front();
  const DomainName& shortest = zone.domains().back();
  std::optional<SrvTarget> target = SrvTargetOf(entry, DomainName(), zone, longest);
  if (!target || zone.domains().size() == 1) return target;
  const std::optional<SrvTarget> other = SrvTargetOf(entry, DomainName(), zone, shortest);
  if (!other || LabelsAbove(target->name, longest) != LabelsAbove(other->name, shortest)) {
    return std::nullopt;
  }
  return target;
}

// Each address once, with the weight of all that are there.
template <typename Address>
class AddressList {
 public:
  void Add(const Address& address, uint16_t weight) { all_.emplace_back(address, weight); }

  void Store(std::vector<Address>* addresses, WeightGroups* groups) {
    std::sort(all_.begin(), all_.end());
    std::vector<uint64_t> weights;
    for (const auto& [address, weight] : all_) {
      if (!addresses->empty() && addresses->back() == address) {
        weights.back() += weight;
      } else {
        addresses->push_back(address);
        weights.push_back(weight);
      }
    }
    *groups = WeightGroups(weights);
  }

 private:
  std::vector<std::pair<Address, uint64_t>> all_;
};

}  // namespace

class ServiceView::Builder {
 public:
  Builder(const Zone& zone, ServiceView* view) : zone_(zone), view_(view) {}

  // False when the service is not plain.
  bool Add(const catalog::InstanceEntry& entry) {
    const Reach reach = ReachOf(entry);
    if (!reach.has_address()) return false;
    const std::optional<SrvTarget> target = TargetInEveryDomain(entry, zone_);
    if (!target) return false;
    const uint16_t weight = WeightOf(entry);
    AddEndpoint(TargetIndex(*target),
                static_cast<uint16_t>(std::clamp(entry.instance->port, 0, 65535)), weight);
    if (reach.v4) v4_.Add(*reach.v4, weight);
    if (reach.v6) v6_.Add(*reach.v6, weight);
    return true;
  }

  void Finish() {
    view_->endpoint_weights_ = WeightGroups(weights_);
    v4_.Store(&view_->v4_, &view_->v4_weights_);
    v6_.Store(&view_->v6_, &view_->v6_weights_);
  }

 private:
  uint32_t TargetIndex(const SrvTarget& target) {
    const std::string_view labels = LabelsAbove(target.name, zone_.domains().front());
    const auto [known, is_new] =
        target_indexes_.emplace(AsciiLower(labels), static_cast<uint32_t>(view_->targets_.size()));
    if (is_new) {
      view_->targets_.push_back({static_cast<uint32_t>(view_->names_.size()),
                                 static_cast<uint8_t>(labels.size()), target.reach.v4.has_value(),
                                 target.reach.v6.has_value(), target.reach.v4.value_or(Ipv4{}),
                                 target.reach.v6.value_or(Ipv6{})});
      view_->names_.append(labels);
    }
    return known->second;
  }

  void AddEndpoint(uint32_t target, uint16_t port, uint16_t weight) {
    const uint64_t key = uint64_t{target} << 16 | port;
    const auto [known, is_new] = endpoint_indexes_.emplace(key, view_->endpoints_.size());
    if (is_new) {
      view_->endpoints_.push_back({target, port, weight});
      weights_.push_back(weight);
    } else {
      Endpoint& endpoint = view_->endpoints_[known->second];
      endpoint.weight = std::max(endpoint.weight, weight);
      weights_[known->second] += weight;
    }
  }

  const Zone& zone_;
  ServiceView* const view_;
  std::unordered_map<std::string, uint32_t> target_indexes_;
  std::unordered_map<uint64_t, size_t> endpoint_indexes_;
  std::vector<uint64_t> weights_;
  AddressList<Ipv4> v4_;
  AddressList<Ipv6> v6_;
};

ServiceView::ServiceView(const std::vector<const catalog::InstanceEntry*>& instances,
                         const Zone& zone) {
  Builder builder(zone, this);
  is_plain_ = std::all_of(instances.begin(), instances.end(),
                          [&](const catalog::InstanceEntry* entry) { return builder.Add(*entry); });
  if (is_plain_) builder.Finish();
}

}  // namespace rollcall::dns
