// What is the same in the SOA records of all our domains (RFC 1035 section 3.3.13). They are
// Consul's, which its clients may have come to rely on.
#pragma once

#include <cstdint>
#include <string_view>

namespace rollcall::dns {

// The labels in front of the domain.
inline constexpr std::string_view kSoaPrimary = "ns";
inline constexpr std::string_view kSoaMailbox = "hostmaster";
// In seconds.
inline constexpr uint32_t kSoaRefresh = 3600;
inline constexpr uint32_t kSoaRetry = 600;
inline constexpr uint32_t kSoaExpire = 86400;

}  // namespace rollcall::dns
