#include "registry/catalog/address_index.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "node web-1", "service web", of one address.
std::vector<std::string> NamesAt(const Snapshot& snapshot, std::string_view address) {
  const IpAddress parsed = ParseIpAddress(address).value();
  std::vector<std::string> names;
  const AddressIndex& index = snapshot.addresses();
  for (auto at = index.From(parsed); at != index.entries().end() && at->address == parsed; ++at) {
    names.push_back((at->kind == AddressIndex::Kind::kNode ? "node " : "service ") + at->name);
  }
  return names;
}

model::Register ServiceAt(std::string node, std::string id, std::string service,
                          std::string address) {
  model::Register command = RegisterService(std::move(node), std::move(service), std::move(id));
  command.instance->address = std::move(address);
  return command;
}

TEST(AddressIndexTest, NodesAndServicesAreFoundByTheirAddresses) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("b", "10.0.0.1"));
  catalog.Do(RegisterNode("a", "10.0.0.1"));
  catalog.Do(RegisterNode("host", "host.example"));
  catalog.Do(ServiceAt("a", "1", "web", "10.0.0.2"));
  catalog.Do(ServiceAt("a", "2", "web", ""));
  catalog.Do(ServiceAt("b", "3", "six", "2001:DB8::0:1"));
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.1"), ElementsAre("node a", "node b"));
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.2"), ElementsAre("service web"));
  EXPECT_THAT(NamesAt(catalog.now(), "2001:db8::1"), ElementsAre("service six"));
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.3"), IsEmpty());
}

TEST(AddressIndexTest, AServiceStaysUntilItsLastInstanceThereHasGone) {
  PlainCatalog catalog;
  for (const char* id : {"1", "2", "3"}) {
    catalog.Do(RegisterNode("a", "10.0.0.1"));
    catalog.Do(ServiceAt("a", id, "web", "10.0.0.2"));
  }
  catalog.Do(model::Deregister{"a", "1", ""});
  catalog.Do(ServiceAt("a", "2", "web", "10.0.0.3"));
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.2"), ElementsAre("service web"));
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.3"), ElementsAre("service web"));
  catalog.Do(ServiceAt("a", "3", "other", "10.0.0.2"));
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.2"), ElementsAre("service other"));
  catalog.Do(model::Deregister{"a", "", ""});
  EXPECT_TRUE(catalog.now().addresses().entries().empty());
}

TEST(AddressIndexTest, ANodeThatMovesIsFoundWhereItIsNow) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("a", "10.0.0.1"));
  catalog.Do(RegisterNode("a", "10.0.0.1"));
  catalog.Do(RegisterNode("A", "10.0.0.2"));
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.1"), IsEmpty());
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.2"), ElementsAre("node A"));
}

TEST(AddressIndexTest, ChecksChangeNothing) {
  PlainCatalog catalog;
  catalog.Do(ServiceAt("a", "web", "web", "10.0.0.2"));
  for (const auto status : {model::CheckStatus::kCritical, model::CheckStatus::kPassing}) {
    catalog.Do(RegisterCheck("a", CheckOf("c", "web", status)));
    catalog.Do(RegisterCheck("a", CheckOf("up", "", status)));
  }
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.2"), ElementsAre("service web"));
  catalog.Do(model::Deregister{"a", "web", ""});
  EXPECT_THAT(NamesAt(catalog.now(), "10.0.0.2"), IsEmpty());
}

TEST(AddressIndexTest, EntriesInAnyOrderGiveTheSameIndex) {
  using Kind = AddressIndex::Kind;
  struct Given {
    const char* address;
    Kind kind;
    const char* name;
  };
  // As they come out: nodes before services of one address, names without regard to case.
  const std::vector<Given> in_order = {
      {"10.0.0.1", Kind::kNode, "a"},       {"10.0.0.1", Kind::kNode, "B"},
      {"10.0.0.1", Kind::kService, "A"},    {"10.0.0.1", Kind::kService, "web"},
      {"10.0.0.1", Kind::kService, "Web"},  {"10.0.0.2", Kind::kService, "a"},
      {"9.255.0.1", Kind::kNode, "first"},  {"::1", Kind::kNode, "six"},
      {"2001:db8::1", Kind::kService, "s"}, {"2001:db8::1", Kind::kNode, "s"}};
  const auto index_of = [](const std::vector<Given>& given) {
    std::vector<Ref<AddressIndex::Entry>> entries;
    for (const auto& [address, kind, name] : given) {
      entries.emplace_back(new AddressIndex::Entry(ParseIpAddress(address).value(), kind, name, 1));
    }
    std::vector<std::string> lines;
    const AddressIndex index = AddressIndex::Of(EditId::Next(), std::move(entries));
    for (const auto& entry : index.entries()) {
      lines.push_back((entry.kind == Kind::kNode ? "node " : "service ") + AsciiLower(entry.name) +
                      " " + std::to_string(entry.count));
    }
    return lines;
  };
  const std::vector<std::string> expected = {"node first 1", "node a 1",      "node b 1",
                                             "service a 1",  "service web 2", "service a 1",
                                             "node six 1",   "node s 1",      "service s 1"};
  std::vector<Given> given = in_order;
  EXPECT_EQ(index_of(given), expected);
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    std::shuffle(given.begin(), given.end(), random);
    EXPECT_EQ(index_of(given), expected);
  }
}

}  // namespace
}  // namespace rollcall::catalog
