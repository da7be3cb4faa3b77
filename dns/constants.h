// Numbers of the DNS protocol that this server speaks of. Sources: RFC 1035 sections 3.2 and 4.1.1
// unless named otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rollcall::dns {

inline constexpr size_t kHeaderSize = 12;
inline constexpr size_t kMinUdpPayload = 512;     // without EDNS; RFC 1035 section 4.2.1
inline constexpr size_t kMaxMessageSize = 65535;  // over TCP; RFC 1035 section 4.2.2
inline constexpr size_t kMaxUdpPayload = 65507;   // what an IPv4 datagram has room for

// The second 16 bits of the header, as a number.
namespace flag {
inline constexpr uint16_t kResponse = 0x8000;
inline constexpr uint16_t kOpcode = 0x7800;
inline constexpr int kOpcodeShift = 11;
inline constexpr uint16_t kAuthoritative = 0x0400;
inline constexpr uint16_t kTruncated = 0x0200;
inline constexpr uint16_t kRecursionDesired = 0x0100;
inline constexpr uint16_t kRecursionAvailable = 0x0080;
inline constexpr uint16_t kAuthenticData = 0x0020;     // RFC 4035 section 3.2
inline constexpr uint16_t kCheckingDisabled = 0x0010;  // the same
inline constexpr uint16_t kRcode = 0x000f;
}  // namespace flag

inline constexpr uint8_t kOpcodeQuery = 0;
inline constexpr uint16_t kClassIn = 1;

namespace type {
inline constexpr uint16_t kA = 1;
inline constexpr uint16_t kNs = 2;
inline constexpr uint16_t kCname = 5;
inline constexpr uint16_t kSoa = 6;
inline constexpr uint16_t kPtr = 12;
inline constexpr uint16_t kHinfo = 13;
inline constexpr uint16_t kTxt = 16;
inline constexpr uint16_t kAaaa = 28;   // RFC 3596
inline constexpr uint16_t kSrv = 33;    // RFC 2782
inline constexpr uint16_t kOpt = 41;    // RFC 6891
inline constexpr uint16_t kIxfr = 251;  // RFC 1995
inline constexpr uint16_t kAxfr = 252;
inline constexpr uint16_t kAny = 255;
}  // namespace type

// EDNS options.
namespace option {
inline constexpr uint16_t kClientSubnet = 8;    // RFC 7871
inline constexpr uint16_t kCookie = 10;         // RFC 7873
inline constexpr uint16_t kExtendedError = 15;  // RFC 8914
}  // namespace option

// Of every SRV record: instances are told apart by their weights alone.
inline constexpr uint16_t kSrvPriority = 1;

// A name that is written as a pointer to an earlier one (RFC 1035 section 4.1.4).
inline constexpr uint16_t kPointer = 0xc000;
inline constexpr uint8_t kPointerBits = kPointer >> 8;  // of its first octet
inline constexpr size_t kMaxPointed = 0x3fff;

enum class Rcode : uint16_t {
  kNoError = 0,
  kFormErr = 1,
  kServFail = 2,
  kNxDomain = 3,
  kNotImp = 4,
  kRefused = 5,
  kBadVers = 16,    // RFC 6891 section 9; the upper bits of this and the next are in OPT
  kBadCookie = 23,  // RFC 7873 section 8
};

}  // namespace rollcall::dns
