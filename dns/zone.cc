#include "dns/zone.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <utility>

#include "dns/address_labels.h"
#include "dns/constants.h"

namespace rollcall::dns {

namespace {

// What must still fit in front of a domain: "<32 hex digits>.addr.<datacenter>.".
constexpr size_t kLongestPrefix = 33 + 5 + 64;

uint32_t NextSerial() {
  static std::atomic<uint32_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

uint64_t ShapeOf(const DnsOptions& options) {
  return std::hash<std::string>()(options.domain + '\n' + options.alt_domain + '\n' +
                                  options.datacenter + '\n' +
                                  (options.order == AnswerOrder::kStable ? "stable" : "random"));
}

}  // namespace

Result<Zone> Zone::Make(DnsOptions options) {
  Zone zone(std::move(options));
  const DnsOptions& wanted = zone.options_;
  std::vector<std::string> texts{wanted.domain};
  if (!wanted.alt_domain.empty()) texts.push_back(wanted.alt_domain);
  for (const std::string& text : texts) {
    const std::optional<DomainName> domain = DomainName::FromText(text);
    if (!domain || domain->is_root() ||
        domain->wire().size() + kLongestPrefix > DomainName::kMaxSize) {
      return InvalidArgument("dns domain \"" + text + "\" is not a usable domain name");
    }
    zone.domains_.push_back(*domain);
  }
  zone.main_domain_ = zone.domains_.front();
  std::stable_sort(
      zone.domains_.begin(), zone.domains_.end(),
      [](const DomainName& a, const DomainName& b) { return a.wire().size() > b.wire().size(); });
  const std::optional<DomainName> datacenter = DomainName::FromText(wanted.datacenter);
  if (!datacenter || wanted.datacenter.find('.') != std::string::npos) {
    return InvalidArgument("datacenter \"" + wanted.datacenter + "\" is not a DNS label");
  }
  for (const DomainName& domain : zone.domains_) {
    if (!zone.NodeName(wanted.node_name, domain)) {
      return InvalidArgument("node name \"" + wanted.node_name + "\" cannot be part of a DNS name");
    }
  }
  if (wanted.max_udp_payload < kMinUdpPayload || wanted.max_udp_payload > kMaxUdpPayload) {
    return InvalidArgument("dns max_udp_payload " + std::to_string(wanted.max_udp_payload) +
                           " is not from 512 to " + std::to_string(kMaxUdpPayload));
  }
  zone.serial_ = NextSerial();
  zone.shape_ = ShapeOf(wanted);
  return zone;
}

const DomainName* Zone::DomainOf(const DomainName& name) const {
  for (const DomainName& domain : domains_) {
    if (name.IsAtOrBelow(domain)) return &domain;
  }
  return nullptr;
}

std::optional<DomainName> Zone::NodeName(std::string_view node, const DomainName& apex) const {
  // A trailing dot would be taken for the end of the name, and the query would find another node.
  if (node.empty() || node.back() == '.') return std::nullopt;
  return DomainName::FromText(std::string(node) + ".node." + options_.datacenter, apex);
}

std::optional<DomainName> Zone::ServiceName(std::string_view service,
                                            const DomainName& apex) const {
  // What stands in front of a dot would be taken for a tag.
  if (service.empty() || service.find('.') != std::string_view::npos) return std::nullopt;
  return DomainName::FromText(std::string(service) + ".service." + options_.datacenter, apex);
}

std::optional<DomainName> Zone::AddressName(const IpAddress& address,
                                            const DomainName& apex) const {
  return DomainName::FromText(ToHex(address) + ".addr." + options_.datacenter, apex);
}

}  // namespace rollcall::dns
