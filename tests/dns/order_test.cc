// Stable order, and answers of a few instances: who gets which, and what a change moves.
#include "dns/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {
namespace {

using Lines = std::vector<std::string>;

constexpr int kClients = 2000;
constexpr double kClientsInAll = kClients;
const std::vector<int> kOrderOfClient1{3, 1, 5, 4, 6, 2};
const std::vector<int> kOrderOfClientV6{6, 5, 2, 4, 3, 1};

IpAddress Client(int number) {
  return Ipv4{10, 9, static_cast<uint8_t>(number / 256), static_cast<uint8_t>(number % 256)};
}

// "web" on the given nodes: "n7" is at 10.0.0.7, with the weight that the map says.
std::shared_ptr<const catalog::Snapshot> Web(const std::map<int, int>& weights) {
  CatalogText text;
  for (const auto& [number, weight] : weights) {
    const std::string name = "n" + std::to_string(number);
    text.Node(name, "10.0.0." + std::to_string(number))
        .Instance({.node = name, .name = "web", .weights = {.passing = weight, .warning = 1}});
  }
  return text.Build();
}

std::map<int, int> Equal(int count) {
  std::map<int, int> weights;
  for (int i = 1; i <= count; ++i) weights[i] = 1;
  return weights;
}

DnsOptions Stable(size_t max_answers = 0) {
  DnsOptions options = TestOptions();
  options.order = AnswerOrder::kStable;
  options.max_answers = max_answers;
  return options;
}

// The last octets of the addresses, in their order.
std::vector<int> Addresses(AskedCatalog* asked, const IpAddress& client) {
  asked->set_client(client);
  std::vector<int> numbers;
  for (const std::string& line : asked->Ask("web.service.consul. A").answer) {
    numbers.push_back(std::stoi(line.substr(line.rfind('.') + 1)));
  }
  return numbers;
}

std::vector<std::vector<int>> OrdersOfAll(const std::map<int, int>& weights,
                                          const DnsOptions& options) {
  AskedCatalog asked(Web(weights), options);
  std::vector<std::vector<int>> orders;
  orders.reserve(kClients);
  for (int i = 0; i < kClients; ++i) orders.push_back(Addresses(&asked, Client(i)));
  return orders;
}

std::vector<int> Without(std::vector<int> order, int number) {
  order.erase(std::remove(order.begin(), order.end(), number), order.end());
  return order;
}

TEST(StableOrderTest, IsTheSameOnEveryServerAndAtEveryTime) {
  const auto snapshot = Web(Equal(6));
  AskedCatalog one(snapshot, Stable(), 1);
  AskedCatalog other(Web(Equal(6)), Stable(), 2);
  std::set<std::vector<int>> orders;
  for (int i = 0; i < 50; ++i) {
    const std::vector<int> order = Addresses(&one, Client(i));
    EXPECT_EQ(Addresses(&one, Client(i)), order);
    EXPECT_EQ(Addresses(&other, Client(i)), order);
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 30u) << "each client has an order of its own";
  // What clients have come to rely on: another hash would move them all at an upgrade.
  EXPECT_EQ(Addresses(&one, Client(1)), kOrderOfClient1);
  EXPECT_EQ(Addresses(&one, Ipv6{0x20, 0x01, 0x0d, 0xb8}), kOrderOfClientV6);
}

TEST(StableOrderTest, AnInstanceThatGoesMovesNobodyElse) {
  const auto before = OrdersOfAll(Equal(10), Stable());
  std::map<int, int> fewer = Equal(10);
  fewer.erase(4);
  const auto after = OrdersOfAll(fewer, Stable());
  for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(after[i], Without(before[i], 4));
}

TEST(StableOrderTest, AnInstanceThatComesTakesItsShareOfTheClientsAndLeavesTheOthers) {
  const auto before = OrdersOfAll(Equal(9), Stable(1));
  const auto after = OrdersOfAll(Equal(10), Stable(1));
  int moved = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    ASSERT_EQ(after[i].size(), 1u);
    if (after[i] == before[i]) continue;
    EXPECT_EQ(after[i][0], 10);
    ++moved;
  }
  EXPECT_NEAR(moved, kClientsInAll / 10, 70);  // five standard deviations
}

TEST(StableOrderTest, ClientsSpreadByWeight) {
  const std::map<int, int> weights{{1, 1}, {2, 2}, {3, 5}, {4, 0}, {5, 12}};
  std::map<int, int> first;
  for (const std::vector<int>& order : OrdersOfAll(weights, Stable())) {
    ++first[order.front()];
    EXPECT_EQ(order.back(), 4) << "weight 0 is the last resort";
  }
  for (const auto& [number, weight] : weights) {
    EXPECT_NEAR(first[number], kClients * weight / 20.0, 5 * 22.0) << number;
  }
}

TEST(StableOrderTest, AWeightThatChangesMovesClientsOnlyToOrFromThatInstance) {
  std::map<int, int> weights = Equal(8);
  const auto before = OrdersOfAll(weights, Stable());
  weights[3] = 4;
  const auto after = OrdersOfAll(weights, Stable());
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(Without(after[i], 3), Without(before[i], 3));
  }
}

TEST(StableOrderTest, AllKindsOfRecordsHaveOneOrder) {
  CatalogText text;
  for (int i = 1; i <= 8; ++i) {
    const std::string name = "n" + std::to_string(i);
    text.Node(name, "10.0.0." + std::to_string(i))
        .Instance({.node = name, .name = "web", .meta = {{"node", name}}});
  }
  AskedCatalog asked(text.Build(), Stable());
  for (int i = 0; i < 20; ++i) {
    const std::vector<int> order = Addresses(&asked, Client(i));
    const Lines srv = asked.Ask("web.service.consul. SRV").answer;
    const Lines txt = asked.Ask("web.service.consul. TXT").answer;
    ASSERT_EQ(srv.size(), order.size());
    ASSERT_EQ(txt.size(), order.size());
    for (size_t at = 0; at < order.size(); ++at) {
      const std::string name = "n" + std::to_string(order[at]);
      EXPECT_THAT(srv[at], testing::HasSubstr(" " + name + ".node"));
      EXPECT_THAT(txt[at], testing::HasSubstr("\"node=" + name + "\""));
    }
  }
}

// An instance at another's address comes where the first of the two would.
TEST(StableOrderTest, AnAddressOfTwoInstancesComesAtTheFirstOfThem) {
  CatalogText text;
  for (int i = 1; i <= 6; ++i) {
    const std::string name = "n" + std::to_string(i);
    text.Node(name, "10.0.0." + std::to_string(i)).Instance({.node = name, .name = "web"});
  }
  AskedCatalog apart(text.Build(), Stable());
  text.Instance({.node = "n1", .name = "web", .port = 81, .id = "second"});
  AskedCatalog both(text.Build(), Stable());
  int first_before = 0, first_after = 0;
  for (int i = 0; i < kClients; ++i) {
    const std::vector<int> before = Addresses(&apart, Client(i));
    const std::vector<int> after = Addresses(&both, Client(i));
    EXPECT_EQ(Without(after, 1), Without(before, 1));
    EXPECT_LE(std::find(after.begin(), after.end(), 1) - after.begin(),
              std::find(before.begin(), before.end(), 1) - before.begin());
    first_before += before.front() == 1 ? 1 : 0;
    first_after += after.front() == 1 ? 1 : 0;
  }
  EXPECT_NEAR(first_before, kClientsInAll / 6, 85);
  EXPECT_NEAR(first_after, kClientsInAll * 2 / 7, 105);
}

TEST(MaxAnswersTest, GivesAFewAndCallsThatTheWholeAnswer) {
  for (const AnswerOrder order : {AnswerOrder::kRandom, AnswerOrder::kStable}) {
    DnsOptions options = Stable(3);
    options.order = order;
    AskedCatalog asked(Web(Equal(200)), options);
    std::set<int> seen;
    for (int i = 0; i < 100; ++i) {
      for (const int number : Addresses(&asked, Client(i))) seen.insert(number);
      for (const char* type : {"A", "SRV"}) {
        const MessageText message =
            asked.Ask(QueryText{.name = "web.service.consul.", .type = type});
        EXPECT_EQ(message.answer.size(), 3u);
        EXPECT_EQ(message.additional.size(), type == std::string("SRV") ? 3u : 0u);
        EXPECT_EQ(message.flags, "qr aa rd");
      }
    }
    EXPECT_GT(seen.size(), 120u) << "not the same few for everybody";
  }
}

TEST(MaxAnswersTest, HoldsForServicesThatArePartlyAliases) {
  DnsOptions options = Stable(2);
  CatalogText text;
  for (int i = 1; i <= 5; ++i) {
    const std::string name = "n" + std::to_string(i);
    text.Node(name, "10.0.0." + std::to_string(i)).Instance({.node = name, .name = "web"});
  }
  text.Instance({.node = "n1", .name = "web", .address = "www.example.com", .id = "other"});
  AskedCatalog asked(text.Build(), options);
  for (int i = 0; i < 20; ++i) {
    asked.set_client(Client(i));
    EXPECT_EQ(asked.Ask("web.service.consul. A").answer.size(), 2u);
    EXPECT_EQ(asked.Ask("web.service.consul. SRV").answer.size(), 2u);
  }
}

}  // namespace
}  // namespace rollcall::dns
