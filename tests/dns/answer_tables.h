// Tables of questions with what is answered to them, and the catalog that most of them are about.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {

// Of the zone "consul" on the server n1, over RecordedCatalog.
inline constexpr char kSoa[] = "consul. 0 SOA ns.consul. hostmaster.consul. 7 3600 600 86400 0";
inline constexpr char kNs[] = "consul. 0 NS n1.node.dc1.consul.";
inline constexpr char kNsAddress[] = "n1.node.dc1.consul. 0 A 127.0.0.1";

struct AnswerCase {
  std::string query;  // "web.service.consul. SRV"
  std::string rcode;
  std::vector<std::string> answer = {};  // "owner ttl type rdata", in any order
  std::vector<std::string> authority = {};
  std::vector<std::string> additional = {};
};

inline AnswerCase NoData(std::string query) { return {std::move(query), "NOERROR", {}, {kSoa}}; }
inline AnswerCase NxDomain(std::string query) { return {std::move(query), "NXDOMAIN", {}, {kSoa}}; }

// "tagged", at 127.1.0.5 and 2001:db8::5.
model::Node NodeOfBothFamilies();

// After the services of Consul's own record, so that the tables can be read beside it.
CatalogText RecordedCatalog();

// Asks each over UDP with EDNS.
void ExpectAnswers(const std::vector<AnswerCase>& cases, const CatalogText& catalog,
                   const DnsOptions& options = TestOptions());

}  // namespace rollcall::dns
