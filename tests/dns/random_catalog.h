// Catalogs and questions at random, for tests that compare two ways of answering: names of nodes
// and addresses of all kinds, tags with dots, states, weights; and questions that hit, miss and
// almost hit them. The same seed gives the same ones.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dns/responder.h"
#include "registry/acl/rules.h"
#include "registry/catalog/snapshot.h"
#include "tests/dns/message_text.h"

namespace rollcall::dns {

class RandomCatalog {
 public:
  explicit RandomCatalog(uint64_t seed) : random_(seed) {}

  std::shared_ptr<const catalog::Snapshot> Build();

  // Rules about some of the names that Build and DrawQuery use, and some prefixes of them.
  acl::Rules DrawRules();

  // Of a catalog that Build made, or not quite.
  QueryText DrawQuery();

 private:
  int Between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  // In one of `of` cases.
  bool Sometimes(int of) { return Between(1, of) == 1; }
  const std::string& OneOf(const std::vector<std::string>& texts) {
    return texts[static_cast<size_t>(Between(0, static_cast<int>(texts.size()) - 1))];
  }

  std::string DrawAddress();
  std::string DrawNodeName(int number);
  std::string DrawName();
  std::string InSomeCase(std::string text);

  std::mt19937_64 random_;
  std::vector<std::string> nodes_;
};

}  // namespace rollcall::dns
