#include "tests/dns/answer_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::dns {
namespace {

using model::CheckStatus;
using testing::UnorderedElementsAreArray;

model::Node NodeWithMeta() {
  model::Node node;
  node.name = "meta";
  node.address = "127.1.0.4";
  node.meta = {{"has=eq", "v"}, {"key", "value"}, {"rfc1035-txt", "plain text"}};
  return node;
}

}  // namespace

model::Node NodeOfBothFamilies() {
  model::Node node;
  node.name = "tagged";
  node.address = "127.1.0.5";
  node.tagged_addresses = {{"lan_ipv6", "2001:db8::5"}, {"wan", "198.18.0.5"}};
  return node;
}

CatalogText RecordedCatalog() {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Node("foo", "127.1.0.1").Node("bar.node", "127.1.0.2");
  text.Node("v6", "2607:20:4005:808::200e").Node("alias", "www.example.com");
  text.Node(NodeWithMeta()).Node(NodeOfBothFamilies());
  text.Node("n1a", "10.8.0.1").Node("n1b", "10.8.0.2").Node("n1c", "10.8.0.3");
  text.Node("n1d", "10.8.0.4").Node("MixedCase", "127.1.0.3");
  text.Instance({.node = "n1a", .name = "db", .port = 5432, .tags = {"primary", "v1.2"}});
  text.Instance({.node = "n1b", .name = "db", .port = 5433, .tags = {"replica"}});
  text.Instance({.node = "n1c", .name = "db", .port = 5434, .tags = {"replica"}});
  text.Instance({.node = "n1d", .name = "db", .port = 5435, .tags = {"replica"}});
  text.Check("n1a", "db", CheckStatus::kPassing).Check("n1b", "db", CheckStatus::kWarning);
  text.Check("n1c", "db", CheckStatus::kCritical).Check("n1d", "", CheckStatus::kCritical);
  text.Instance({.node = "foo", .name = "dead"}).Check("foo", "dead", CheckStatus::kCritical);
  text.Instance({.node = "n1a", .name = "addr", .address = "10.8.2.100"});
  text.Instance({.node = "n1a", .name = "addr6", .address = "2001:db8::beef"});
  text.Instance({.node = "n1a", .name = "ext", .port = 443, .address = "api.example.org"});
  text.Instance({.node = "n1a", .name = "selfref", .address = "selfref.service.consul"});
  text.Instance({.node = "n1a", .name = "viacname", .address = "addr.service.consul"});
  text.Instance({.node = "alias", .name = "extdb", .port = 3306});
  text.Instance({.node = "n1a", .name = "Camel", .port = 9, .tags = {"Blue"}});
  return text;
}

void ExpectAnswers(const std::vector<AnswerCase>& cases, const CatalogText& catalog,
                   const DnsOptions& options) {
  AskedCatalog asked(catalog.Build(), options);
  for (const AnswerCase& expected : cases) {
    SCOPED_TRACE(expected.query);
    const MessageText message = asked.Ask(expected.query);
    EXPECT_EQ(message.rcode, expected.rcode);
    EXPECT_THAT(message.answer, UnorderedElementsAreArray(expected.answer));
    EXPECT_THAT(message.authority, UnorderedElementsAreArray(expected.authority));
    EXPECT_THAT(message.additional, UnorderedElementsAreArray(expected.additional));
    EXPECT_EQ(message.flags, expected.rcode == "REFUSED" ? "qr rd" : "qr aa rd");
  }
}

}  // namespace rollcall::dns
