// The queries of dns.json, each with the answer that Consul 1.8.7 gave, and the registrations that
// came before them. Plain values.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::conformance {

// An answer's content; records are "owner ttl type rdata" in any order, the SOA's serial "$serial".
struct DnsContent {
  std::string rcode;  // as ldns names it: NOTIMPL
  std::string flags;  // "qr aa tc rd"
  std::vector<std::string> answer;
  std::vector<std::string> authority;
  std::vector<std::string> additional;
};

struct RecordedQuery {
  std::string name;
  std::string type;
  std::string klass = "IN";
  std::optional<uint16_t> edns;  // UDP payload size
  bool has_ecs = false;          // 198.51.100.7/24
  bool tcp = false;
  bool recursion_desired = true;
  DnsContent expect;

  // "db.service.consul. SRV", then what is unusual: " edns=512", " ecs", " tcp", " norecurse", "
  // CH".
  std::string Text() const;
};

struct DnsRecord {
  std::vector<nlohmann::json> registrations;  // bodies of PUT /v1/catalog/register, in order
  std::vector<RecordedQuery> queries;
};

// Throws when the file is not what it should be: then there is nothing to test.
DnsRecord LoadDnsRecord(const std::string& file);

}  // namespace rollcall::conformance
