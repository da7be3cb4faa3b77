#include "registry/base/connection_counts.h"

namespace rollcall {

ConnectionCounts::Verdict ConnectionCounts::Enter(const std::string& address) {
  auto counts = counts_.Lock();
  if (max_in_all_ != 0 && counts->in_all >= max_in_all_) return Verdict::kTooManyInAll;
  if (max_per_address_ != 0) {
    size_t& of_address = counts->of_address[address];
    if (of_address >= max_per_address_) return Verdict::kTooManyOfAddress;
    ++of_address;
  }
  ++counts->in_all;
  return Verdict::kWelcome;
}

void ConnectionCounts::Leave(const std::string& address) {
  auto counts = counts_.Lock();
  --counts->in_all;
  if (max_per_address_ == 0) return;
  const auto it = counts->of_address.find(address);
  if (--it->second == 0) counts->of_address.erase(it);
}

}  // namespace rollcall
