#include "tests/dns/random_catalog.h"

#include <cctype>

#include "dns/domain_name.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {

namespace {

const std::vector<std::string>& Services() {
  static const std::vector<std::string> kServices{"web", "Web2", "db", "a-b", "_odd", "big"};
  return kServices;
}

const std::vector<std::string>& Tags() {
  static const std::vector<std::string> kTags{"v1", "V1.2", "2", "primary", "a.b.c", "", "x."};
  return kTags;
}

}  // namespace

std::string RandomCatalog::InSomeCase(std::string text) {
  for (char& c : text) {
    if (Sometimes(3)) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return text;
}

std::string RandomCatalog::DrawAddress() {
  switch (Between(0, 11)) {
    case 0:
      return "host" + std::to_string(Between(0, 3)) + ".example.com";
    case 1:
      return "web.service.consul";
    case 2:
      return "not an address..";
    case 3:
    case 4:
      return "2001:db8::" + std::to_string(Between(1, 9));
    case 5:
      return nodes_.empty() ? "" : OneOf(nodes_) + ".node.consul";
    default:
      return "10.0." + std::to_string(Between(0, 3)) + "." + std::to_string(Between(1, 30));
  }
}

std::string RandomCatalog::DrawNodeName(int number) {
  const std::string name = "n" + std::to_string(number);
  switch (Between(0, 9)) {
    case 0:
      return name + ".rack1";
    case 1:
      return name + std::string(static_cast<size_t>(Between(50, 80)), 'x');
    case 2:
      return name + "..x";
    case 3: {  // fits into one domain, and not into a longer one
      std::string dotted = name;
      while (dotted.size() < 215) dotted += ".abcdefghijk";
      return dotted + std::string(static_cast<size_t>(Between(1, 12)), 'y');
    }
    default:
      return InSomeCase(name);
  }
}

std::shared_ptr<const catalog::Snapshot> RandomCatalog::Build() {
  CatalogText text;
  nodes_ = {"n1"};
  text.Node("n1", "127.0.0.1");
  // Some catalogs are of IP addresses alone, as most are in real life.
  const bool plain = Sometimes(2);
  const auto draw_address = [&] {
    return plain ? "10.0." + std::to_string(Between(0, 3)) + "." + std::to_string(Between(1, 200))
                 : DrawAddress();
  };
  for (int i = 2; i < Between(3, 40); ++i) {
    model::Node node;
    node.name = plain ? "n" + std::to_string(i) : DrawNodeName(i);
    node.address = draw_address();
    if (Sometimes(5)) node.tagged_addresses = {{"lan_ipv6", "2001:db8:1::" + std::to_string(i)}};
    if (Sometimes(5)) node.meta = {{"rack", "r1"}};
    nodes_.push_back(node.name.str());
    text.Node(std::move(node));
  }
  const bool many = Sometimes(8);
  for (int i = 0; i < (many ? Between(200, 1500) : Between(0, 60)); ++i) {
    CatalogText::Service service{.node = OneOf(nodes_),
                                 .name = many ? "big" : OneOf(Services()),
                                 .port = Between(0, 3) == 0 ? 80 : Between(0, 65535)};
    service.id = "i" + std::to_string(i);
    if (Sometimes(2)) service.address = draw_address();
    while (Sometimes(2)) service.tags.push_back(OneOf(Tags()));
    if (Sometimes(3)) service.weights = {.passing = Between(0, 9), .warning = Between(0, 70000)};
    if (Sometimes(9)) service.tagged_addresses = {{"lan_ipv6", {.address = "2001:db8:2::1"}}};
    if (Sometimes(9)) service.meta = {{"k", "v"}};
    text.Instance(service);
    if (Sometimes(3)) {
      text.Check(service.node, service.id, static_cast<model::CheckStatus>(Between(0, 2)));
    }
  }
  if (Sometimes(4)) text.Check(OneOf(nodes_), "", model::CheckStatus::kCritical);
  return text.Build();
}

acl::Rules RandomCatalog::DrawRules() {
  acl::Rules rules;
  const auto add = [&](acl::Resource resource, acl::Match match, std::string name) {
    rules.named.push_back({resource,
                           match,
                           std::move(name),
                           Sometimes(3) ? acl::Access::kDeny : acl::Access::kRead,
                           {}});
  };
  for (int i = 0; i < Between(0, 8); ++i) {
    if (Sometimes(2)) {
      add(acl::Resource::kService, acl::Match::kExact, OneOf(Services()));
    } else {
      add(acl::Resource::kNode, acl::Match::kExact, OneOf(nodes_));
    }
  }
  if (Sometimes(4)) add(acl::Resource::kService, acl::Match::kPrefix, Sometimes(2) ? "" : "we");
  if (Sometimes(2)) add(acl::Resource::kNode, acl::Match::kPrefix, OneOf({"", "", "n", "n1", "N"}));
  return rules;
}

std::string RandomCatalog::DrawName() {
  std::string name;
  switch (Between(0, 9)) {
    case 0:
      name = OneOf(nodes_) + ".node";
      break;
    case 1:
      name = (Sometimes(2) ? "0a00000" + std::to_string(Between(0, 9))
                           : "20010db800000000000000000000000" + std::to_string(Between(0, 9))) +
             (Sometimes(9) ? "z" : "") + ".addr";
      break;
    case 2:
      name = "_" + OneOf(Services()) + "._" + (Sometimes(2) ? "tcp" : OneOf(Tags()));
      if (Sometimes(2)) name += ".service";
      break;
    case 3:
      name = OneOf(Tags()) + "." + OneOf(Services()) + ".service";
      break;
    case 4:
      name = (Sometimes(2) ? "nobody.service" : "nobody.node");
      break;
    case 5:
      name = OneOf({"service", "node", "dc1", "_tcp", "x.y", "web", "service.dc2", "_tcp.service"});
      break;
    default:
      name = (Sometimes(2) ? "big" : OneOf(Services())) + ".service";
  }
  if (Sometimes(3)) name += ".dc1";
  if (Sometimes(20)) return name + ".elsewhere.";
  if (Sometimes(20)) return (Sometimes(2) ? "1.0.0.10" : name) + ".in-addr.arpa.";
  name += Sometimes(3) ? ".much-longer.example." : ".consul.";
  return Sometimes(2) ? InSomeCase(name) : name;
}

QueryText RandomCatalog::DrawQuery() {
  static const std::vector<std::string> kTypes{"SRV", "SRV", "SRV", "A",     "A",   "AAAA", "TXT",
                                               "ANY", "NS",  "SOA", "CNAME", "PTR", "MX"};
  QueryText query{.name = DrawName(), .type = OneOf(kTypes)};
  // Some names of the catalog cannot be asked for.
  while (!DomainName::FromText(query.name)) query.name = DrawName();
  query.id = static_cast<uint16_t>(Between(0, 65535));
  query.recursion_desired = Sometimes(2);
  if (Sometimes(2)) {
    query.edns = static_cast<uint16_t>(Sometimes(3) ? 4096 : Between(1, 1500));
    query.dnssec_ok = Sometimes(4);
    if (Sometimes(5)) query.options = "0008000700011800c00002";
  }
  return query;
}

}  // namespace rollcall::dns
