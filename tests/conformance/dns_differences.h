// Where our DNS differs from the record on purpose; every other query is answered as recorded. All
// answers to a query with EDNS have our own payload size, 8192, where Consul echoes the client's.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/dns_record.h"

namespace rollcall::conformance {

enum class DnsDifferenceKind {
  kContent,  // `content` instead
  kMoreFit,  // as much of `whole`'s answer as fits in the bytes; TC when that is not all
};

struct DnsDifference {
  std::string query;  // RecordedQuery::Text()
  DnsDifferenceKind kind;
  DnsContent content;
  std::string whole;  // the query whose recorded answer is the whole one
  std::string reason;
};

const std::vector<DnsDifference>& DnsDifferences();

// Null when the query is to be answered as recorded.
const DnsDifference* FindDnsDifference(const std::string& query);

}  // namespace rollcall::conformance
