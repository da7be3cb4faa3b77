#include "tests/conformance/dns_differences.h"

#include <algorithm>
#include <utility>

namespace rollcall::conformance {
namespace {

constexpr char kSoa[] = "consul. 0 SOA ns.consul. hostmaster.consul. $serial 3600 600 86400 0";
constexpr char kInAddrSoa[] =
    "in-addr.arpa. 0 SOA ns.consul. hostmaster.consul. $serial 3600 600 86400 0";

constexpr char kMoreFits[] = "what fits in the bytes really sent, not three records";
constexpr char kAlwaysSoa[] = "NODATA carries the SOA (RFC 2308)";
constexpr char kOnlyItsType[] = "no record of another type than the one asked for";
constexpr char kThereButEmpty[] = "a name with names below it is there (RFC 8020)";
constexpr char kNoSuchName[] = "a name that no address has is not there";
constexpr char kNoRecursor[] = "the name is ours, and not there: no error of the server";
constexpr char kCaseKept[] = "the owner as it was asked for, in its case";

DnsContent Content(std::string rcode, std::vector<std::string> answer = {},
                   std::vector<std::string> authority = {},
                   std::vector<std::string> additional = {}) {
  return {std::move(rcode), "qr aa rd", std::move(answer), std::move(authority),
          std::move(additional)};
}

DnsDifference Instead(std::string query, DnsContent content, std::string reason) {
  return {std::move(query), DnsDifferenceKind::kContent, std::move(content), "", std::move(reason)};
}

DnsDifference NoData(std::string query, std::string reason) {
  return Instead(std::move(query), Content("NOERROR", {}, {kSoa}), std::move(reason));
}

DnsDifference MoreFit(std::string query, std::string whole) {
  return {std::move(query), DnsDifferenceKind::kMoreFit, {}, std::move(whole), kMoreFits};
}

void AddNodes(std::vector<DnsDifference>* table) {
  for (const char* query :
       {"foo.node.consul. AAAA", "foo.node.dc1.consul. AAAA", "FOO.NODE.consul. AAAA",
        "bar.node.node.consul. AAAA", "mixedcase.node.consul. AAAA", "v6.node.consul. A",
        "meta.node.consul. SRV", "meta.node.consul. MX"}) {
    table->push_back(NoData(query, kAlwaysSoa));
  }
  table->push_back(Instead(
      "meta.node.consul. AAAA",
      Content("NOERROR", {}, {kSoa},
              {"meta.node.consul. 0 TXT \"key=value\"", "meta.node.consul. 0 TXT \"plain text\"",
               "meta.node.consul. 0 TXT \"has`=eq=v\""}),
      kAlwaysSoa));
  table->push_back(Instead("tagged.node.consul. ANY",
                           Content("NOERROR", {"tagged.node.consul. 0 A 127.1.0.5",
                                               "tagged.node.consul. 0 AAAA 2001:db8::5"}),
                           "everything is the addresses of both families"));
  table->push_back(Instead("alias.node.consul. CNAME",
                           Content("NOERROR", {"alias.node.consul. 0 CNAME www.example.com."}),
                           "the record that was asked for is there"));
}

void AddServices(std::vector<DnsDifference>* table) {
  table->push_back(NoData("db.service.consul. TXT", kOnlyItsType));
  DnsContent refused = Content("REFUSED");
  refused.flags = "qr rd";
  table->push_back(Instead("db.service.consul. A CH", std::move(refused),
                           "there is nothing in another class than IN"));
}

void AddApexes(std::vector<DnsDifference>* table) {
  for (const char* name : {"service.consul.", "node.consul.", "consul.", "dc1.consul."}) {
    for (const char* type : {" A", " SRV"}) {
      table->push_back(NoData(std::string(name) + type, kThereButEmpty));
    }
  }
  table->push_back(Instead("consul. ANY",
                           Content("NOERROR", {kSoa, "consul. 0 NS n1.node.dc1.consul."}, {},
                                   {"n1.node.dc1.consul. 0 A 127.0.0.1"}),
                           kThereButEmpty));
}

void AddAddresses(std::vector<DnsDifference>* table) {
  for (const char* name :
       {"0a080001.addr.dc1.consul.", "0a080001.addr.consul.", "0A080001.addr.dc1.consul."}) {
    for (const char* type : {" AAAA", " SRV"}) {
      table->push_back(NoData(std::string(name) + type, kOnlyItsType));
    }
  }
  for (const char* type : {" A", " SRV"}) {
    table->push_back(NoData(std::string("20010db800000000000000000000beef.addr.dc1.consul.") + type,
                            kOnlyItsType));
  }
  table->push_back(Instead("0A080001.addr.dc1.consul. A",
                           Content("NOERROR", {"0A080001.addr.dc1.consul. 0 A 10.8.0.1"}),
                           kCaseKept));
  for (const char* type : {" A", " AAAA", " SRV"}) {
    table->push_back(Instead(std::string("0a08.addr.consul.") + type,
                             Content("NXDOMAIN", {}, {kSoa}), kNoSuchName));
  }
}

void AddReverse(std::vector<DnsDifference>* table) {
  table->push_back(
      Instead("1.0.8.10.in-addr.arpa. A", Content("NOERROR", {}, {kInAddrSoa}), kOnlyItsType));
  for (const char* query : {"99.2.0.192.in-addr.arpa. PTR", "bogus.in-addr.arpa. PTR"}) {
    table->push_back(Instead(query, Content("NXDOMAIN", {}, {kInAddrSoa}), kNoRecursor));
  }
}

void AddTruncated(std::vector<DnsDifference>* table) {
  for (const char* service : {"big", "huge"}) {
    for (const char* type : {"A", "SRV"}) {
      const std::string query = std::string(service) + ".service.consul. " + type;
      for (const char* how : {"", " edns=512", " edns=0", " norecurse"}) {
        table->push_back(MoreFit(query + how, query + " tcp"));
      }
    }
  }
}

std::vector<DnsDifference> MakeDifferences() {
  std::vector<DnsDifference> table;
  AddNodes(&table);
  AddServices(&table);
  AddApexes(&table);
  AddAddresses(&table);
  AddReverse(&table);
  AddTruncated(&table);
  return table;
}

}  // namespace

const std::vector<DnsDifference>& DnsDifferences() {
  static const std::vector<DnsDifference> kTable = MakeDifferences();
  return kTable;
}

const DnsDifference* FindDnsDifference(const std::string& query) {
  const std::vector<DnsDifference>& table = DnsDifferences();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const DnsDifference& each) { return each.query == query; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace rollcall::conformance
