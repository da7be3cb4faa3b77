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

}  // namespace

class ServiceView::Builder {
 public:
  Builder(const Zone& zone, ServiceView* view) : zone_(zone), view_(view) {}

  // False when the service is not plain.
  bool Add(const catalog::InstanceEntry& entry) {
    const Reach reach = ReachOf(entry);
    if (reach.host) return AddHost(*reach.host, entry);
    if (!reach.has_address()) return true;  // reached nowhere, and so not given out
    const std::optional<SrvTarget> target = TargetInEveryDomain(entry, zone_);
    if (!target) return false;
    const Share share{StableKeyOf(entry), WeightOf(entry)};
    AddEndpoint(TargetIndex(*target), PortOf(entry), share);
    if (reach.v4) v4_.Add(*reach.v4, share);
    if (reach.v6) v6_.Add(*reach.v6, share);
    return true;
  }

  // False when the service is not plain.
  bool Finish() {
    if (v4_.empty() && v6_.empty()) return false;
    const AnswerOrder order = zone_.options().order;
    view_->endpoint_shares_ = RecordShares(view_->endpoints_.size(), order, std::move(members_));
    v4_.Store(order, &view_->v4_, &view_->v4_shares_);
    v6_.Store(order, &view_->v6_, &view_->v6_shares_);
    return true;
  }

 private:
  // An instance, before it is known which record it is behind.
  struct Share {
    uint64_t key;
    uint16_t weight;
  };

  // Each address once, with all that are there.
  template <typename Address>
  class AddressList {
   public:
    bool empty() const { return all_.empty(); }
    void Add(const Address& address, const Share& share) { all_.emplace_back(address, share); }

    void Store(AnswerOrder order, std::vector<Address>* addresses, RecordShares* shares) {
      std::sort(all_.begin(), all_.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
      std::vector<RecordShares::Member> members;
      members.reserve(all_.size());
      for (const auto& [address, share] : all_) {
        if (addresses->empty() || addresses->back() != address) addresses->push_back(address);
        members.push_back({share.key, static_cast<uint32_t>(addresses->size() - 1), share.weight});
      }
      *shares = RecordShares(addresses->size(), order, std::move(members));
    }

   private:
    std::vector<std::pair<Address, Share>> all_;
  };

  // An instance at a name of others: an SRV record without addresses. One of ours would be
  // followed.
  bool AddHost(const DomainName& host, const catalog::InstanceEntry& entry) {
    if (zone_.DomainOf(host) != nullptr) return false;
    ServiceView::Target target;
    target.is_absolute = true;
    AddEndpoint(TargetIndex(host.wire(), target), PortOf(entry),
                {StableKeyOf(entry), WeightOf(entry)});
    return true;
  }

  static uint16_t PortOf(const catalog::InstanceEntry& entry) {
    return static_cast<uint16_t>(std::clamp(entry.instance->port, 0, 65535));
  }

  // A whole name ends with the root's octet, which labels do not: the two are never the same.
  uint32_t TargetIndex(std::string_view name, ServiceView::Target target) {
    const auto [known, is_new] =
        target_indexes_.emplace(AsciiLower(name), static_cast<uint32_t>(view_->targets_.size()));
    if (is_new) {
      target.name_at = static_cast<uint32_t>(view_->names_.size());
      target.name_size = static_cast<uint8_t>(name.size());
      view_->targets_.push_back(target);
      view_->names_.append(name);
    }
    return known->second;
  }

  uint32_t TargetIndex(const SrvTarget& srv_target) {
    ServiceView::Target target;
    target.has_v4 = srv_target.reach.v4.has_value();
    target.has_v6 = srv_target.reach.v6.has_value();
    target.v4 = srv_target.reach.v4.value_or(Ipv4{});
    target.v6 = srv_target.reach.v6.value_or(Ipv6{});
    return TargetIndex(LabelsAbove(srv_target.name, zone_.domains().front()), target);
  }

  void AddEndpoint(uint32_t target, uint16_t port, const Share& share) {
    const auto [known, is_new] = endpoint_indexes_.emplace(
        uint64_t{target} << 16 | port, static_cast<uint32_t>(view_->endpoints_.size()));
    if (is_new) view_->endpoints_.push_back({target, port, 0});
    Endpoint& endpoint = view_->endpoints_[known->second];
    endpoint.weight = std::max(endpoint.weight, share.weight);
    members_.push_back({share.key, known->second, share.weight});
  }

  const Zone& zone_;
  ServiceView* const view_;
  std::unordered_map<std::string, uint32_t> target_indexes_;
  std::unordered_map<uint64_t, uint32_t> endpoint_indexes_;
  std::vector<RecordShares::Member> members_;  // of endpoints
  AddressList<Ipv4> v4_;
  AddressList<Ipv6> v6_;
};

ServiceView::ServiceView(const std::vector<const catalog::InstanceEntry*>& instances,
                         const Zone& zone) {
  Builder builder(zone, this);
  is_plain_ = std::all_of(instances.begin(), instances.end(),
                          [&](const catalog::InstanceEntry* entry) { return builder.Add(*entry); });
  is_plain_ = is_plain_ && builder.Finish();
}

}  // namespace rollcall::dns
