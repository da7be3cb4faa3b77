// DNS messages for tests: written octet by octet, and read by ldns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/dns_message.h"

namespace rollcall::agent::test {

inline constexpr uint16_t kA = 1;
inline constexpr uint16_t kSoa = 6;
inline constexpr uint16_t kAaaa = 28;
inline constexpr uint16_t kSrv = 33;

struct Asked {
  std::string name = "web.service.consul";
  uint16_t type = kA;
  uint16_t id = 1;
  uint16_t flags = 0x0100;  // RD
  int payload = 0;          // 0: no OPT record
  bool dnssec_ok = false;
  DnsOctets options = {};
};

DnsOctets Query(const Asked& asked);

// Octets of a name without compression.
DnsOctets NameOctets(const std::string& name);

// Builds an answer to `query`, whose question it repeats.
class AnswerTo {
 public:
  explicit AnswerTo(const DnsOctets& query, uint8_t rcode = 0);

  // Sections are to be filled in their order. The owner is the question's name, as a pointer.
  AnswerTo& Address(const std::string& address, uint32_t ttl);
  AnswerTo& Additional(const std::string& name, const std::string& address, uint32_t ttl);
  AnswerTo& Soa(uint32_t ttl, uint32_t minimum);
  AnswerTo& Opt(const DnsOctets& options = {});
  AnswerTo& Octets(const DnsOctets& octets);  // as they are, counted nowhere
  AnswerTo& Count(size_t section, int more);

  // It stands for what it has built.
  operator DnsOctets() const { return octets_; }  // NOLINT(google-explicit-constructor)
  operator DnsView() const { return octets_; }    // NOLINT(google-explicit-constructor)

 private:
  AnswerTo& Record(size_t section, const DnsOctets& owner, uint16_t type, uint32_t ttl,
                   const DnsOctets& rdata);

  DnsOctets octets_;
};

DnsOctets Option(uint16_t code, const DnsOctets& data);

struct Decoded {
  bool readable = false;
  int id = 0;
  std::string rcode;
  bool authoritative = false;
  bool truncated = false;
  std::string question;             // "web.service.consul. A"
  std::vector<std::string> answer;  // "web.service.consul. 30 A 10.0.0.1"
  std::vector<std::string> authority;
  std::vector<std::string> additional;
  bool edns = false;
  bool dnssec_ok = false;
  std::vector<int> extended_errors;
};

Decoded Decode(DnsView message);

}  // namespace rollcall::agent::test
