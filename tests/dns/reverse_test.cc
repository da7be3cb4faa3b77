// The way back from an address to the names that are there: in-addr.arpa and ip6.arpa.
#include <gtest/gtest.h>

#include "tests/dns/answer_tables.h"

namespace rollcall::dns {
namespace {

const char kInAddrSoa[] = "in-addr.arpa. 0 SOA ns.consul. hostmaster.consul. 7 3600 600 86400 0";
const char kIp6Soa[] = "ip6.arpa. 0 SOA ns.consul. hostmaster.consul. 7 3600 600 86400 0";

TEST(ReverseTest, AnAddressLeadsBackToItsNodesAndServices) {
  CatalogText text = RecordedCatalog();
  text.Node("twin", "10.8.0.1").Node("dotted.host", "10.8.0.1");
  text.Instance({.node = "n1b", .name = "api", .address = "10.8.0.1"});
  text.Instance({.node = "n1c", .name = "api", .address = "10.8.0.1", .id = "api-2"});
  text.Instance({.node = "n1c", .name = "a.b", .address = "10.8.0.1"});  // has no name in DNS
  text.Instance({.node = "n1c", .name = "six", .address = "2001:DB8:0::beef"});
  ExpectAnswers(
      {{"1.0.8.10.in-addr.arpa. PTR",
        "NOERROR",
        {"1.0.8.10.in-addr.arpa. 0 PTR n1a.node.dc1.consul.",
         "1.0.8.10.in-addr.arpa. 0 PTR twin.node.dc1.consul.",
         "1.0.8.10.in-addr.arpa. 0 PTR dotted.host.node.dc1.consul.",
         "1.0.8.10.in-addr.arpa. 0 PTR api.service.dc1.consul."}},
       {"1.0.1.127.IN-ADDR.arpa. PTR",
        "NOERROR",
        {"1.0.1.127.IN-ADDR.arpa. 0 PTR foo.node.dc1.consul."}},
       {"f.e.e.b.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR",
        "NOERROR",
        {"f.e.e.b.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 0 PTR "
         "addr6.service.dc1.consul.",
         "f.e.e.b.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 0 PTR "
         "six.service.dc1.consul."}},
       // No other type is there.
       {"1.0.8.10.in-addr.arpa. A", "NOERROR", {}, {kInAddrSoa}},
       {"1.0.8.10.in-addr.arpa. ANY",
        "NOERROR",
        {"1.0.8.10.in-addr.arpa. 0 HINFO \"RFC8482\" \"\""}}},
      text);
}

TEST(ReverseTest, WhatLiesAboveAnAddressIsThereAndEmpty) {
  ExpectAnswers({{"10.in-addr.arpa. PTR", "NOERROR", {}, {kInAddrSoa}},
                 {"0.8.10.in-addr.arpa. PTR", "NOERROR", {}, {kInAddrSoa}},
                 {"in-addr.arpa. PTR", "NOERROR", {}, {kInAddrSoa}},
                 {"2.ip6.arpa. PTR", "NOERROR", {}, {kIp6Soa}},
                 {"0.7.0.6.2.ip6.arpa. A", "NOERROR", {}, {kIp6Soa}},
                 {"in-addr.arpa. SOA",
                  "NOERROR",
                  {kInAddrSoa},
                  {"in-addr.arpa. 0 NS n1.node.dc1.consul."},
                  {kNsAddress}}},
                RecordedCatalog());
}

TEST(ReverseTest, AnAddressOfNobodyIsNotThere) {
  ExpectAnswers({{"99.2.0.192.in-addr.arpa. PTR", "NXDOMAIN", {}, {kInAddrSoa}},
                 {"192.in-addr.arpa. PTR", "NXDOMAIN", {}, {kInAddrSoa}},
                 {"bogus.in-addr.arpa. PTR", "NXDOMAIN", {}, {kInAddrSoa}},
                 {"01.0.8.10.in-addr.arpa. PTR", "NXDOMAIN", {}, {kInAddrSoa}},
                 {"256.0.8.10.in-addr.arpa. PTR", "NXDOMAIN", {}, {kInAddrSoa}},
                 {"0.1.0.8.10.in-addr.arpa. PTR", "NXDOMAIN", {}, {kInAddrSoa}},
                 {"3.ip6.arpa. PTR", "NXDOMAIN", {}, {kIp6Soa}},
                 {"22.ip6.arpa. PTR", "NXDOMAIN", {}, {kIp6Soa}},
                 {"g.ip6.arpa. PTR", "NXDOMAIN", {}, {kIp6Soa}}},
                RecordedCatalog());
}

}  // namespace
}  // namespace rollcall::dns
