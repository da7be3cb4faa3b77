// Records of random content for the tests of the store: every member set or not, names with any
// byte. The generator is seeded by the test, so a failure can be repeated.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "registry/model/records.h"

namespace rollcall::store {

class RandomRecords {
 public:
  explicit RandomRecords(uint64_t seed) : random_(seed) {}

  // From `low` to `high`, both included.
  int64_t Number(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }
  bool Coin() { return Number(0, 1) == 1; }

  // Half of them empty, some long, of any bytes.
  std::string Text() {
    if (Coin()) return "";
    std::string text(static_cast<size_t>(Number(1, Number(0, 9) == 0 ? 300 : 12)), '\0');
    for (char& c : text) c = static_cast<char>(Number(0, 255));
    return text;
  }

  std::vector<std::string> Texts() {
    std::vector<std::string> texts(static_cast<size_t>(Number(0, 3)));
    for (std::string& text : texts) text = Text();
    return texts;
  }

  template <typename Value, typename MakeValue>
  model::FlatMap<Value> Map(MakeValue make_value) {
    std::map<rollcall::Text, Value> sorted;
    for (int64_t i = Number(0, 3); i > 0; --i) sorted[Text()] = make_value();
    return {sorted.begin(), sorted.end()};
  }
  model::StringMap StringMap() {
    return Map<rollcall::Text>([this] { return Text(); });
  }
  model::FlatMap<model::ServiceAddress> Addresses() {
    return Map<model::ServiceAddress>([this] { return model::ServiceAddress{Text(), Port()}; });
  }

  int Port() {
    return static_cast<int>(Number(0, 9) == 0 ? Number(-70000, 70000) : Number(0, 65535));
  }
  Index AnyIndex() {
    return Index(static_cast<uint64_t>(Coin() ? Number(0, 1000) : Number(INT64_MIN, INT64_MAX)));
  }
  std::chrono::nanoseconds Duration() {
    return std::chrono::nanoseconds(Coin() ? 0 : Number(INT64_MIN, INT64_MAX));
  }

  model::Node Node() {
    return {.id = Text(),
            .name = Text(),
            .address = Text(),
            .tagged_addresses = StringMap(),
            .meta = StringMap(),
            .create_index = AnyIndex(),
            .modify_index = AnyIndex()};
  }

  model::Instance Instance() {
    return {.node = Text(),
            .id = Text(),
            .service = Text(),
            .kind = Text(),
            .tags = Texts(),
            .address = Text(),
            .socket_path = Text(),
            .tagged_addresses = Addresses(),
            .meta = StringMap(),
            .port = Port(),
            .weights = {static_cast<int>(Number(0, 3)), Port()},
            .enable_tag_override = Coin(),
            .create_index = AnyIndex(),
            .modify_index = AnyIndex()};
  }

  SharedValue<model::CheckDefinition> Definition() {
    if (Coin()) return nullptr;
    if (Number(0, 4) == 0) return model::CheckDefinition();
    return model::CheckDefinition{.http = Text(),
                                  .header = Map<TextList>([this] { return Texts(); }),
                                  .method = Text(),
                                  .body = Text(),
                                  .tls_skip_verify = Coin(),
                                  .tcp = Text(),
                                  .interval = Duration(),
                                  .timeout = Duration(),
                                  .ttl = Duration(),
                                  .deregister_critical_service_after = Duration()};
  }

  model::Check Check() {
    return {.node = Text(),
            .check_id = Text(),
            .name = Text(),
            .notes = Text(),
            .output = Text(),
            .service_id = Text(),
            .service_name = Text(),
            .service_tags = Texts(),
            .type = Text(),
            .definition = Definition(),
            .upkeep = Definition(),
            .status = static_cast<model::CheckStatus>(Number(0, 2)),
            .create_index = AnyIndex(),
            .modify_index = AnyIndex()};
  }

  // Any finite one: small, huge, tiny, negative.
  double Double() {
    if (Coin()) return 0;
    return std::ldexp(static_cast<double>(Number(INT64_MIN, INT64_MAX)),
                      static_cast<int>(Number(-1100, 950)));
  }

  model::Coordinate Coordinate() {
    model::Coordinate coordinate;
    coordinate.node = Text();
    coordinate.segment = Text();
    for (double& value : coordinate.vec) value = Double();
    coordinate.error = Double();
    coordinate.adjustment = Double();
    coordinate.height = Double();
    coordinate.create_index = AnyIndex();
    coordinate.modify_index = AnyIndex();
    return coordinate;
  }

  model::AclObject Acl() {
    model::AclObject object;
    object.kind = model::kAclKinds[static_cast<size_t>(
        Number(0, static_cast<int64_t>(model::kAclKinds.size()) - 1))];
    object.id = Text();
    object.content = Text();
    object.create_index = AnyIndex();
    object.modify_index = AnyIndex();
    return object;
  }

 private:
  std::mt19937_64 random_;
};

// The same content and the same indexes.
template <typename Record>
bool Same(const Record& a, const Record& b) {
  return SameContent(a, b) && a.create_index == b.create_index && a.modify_index == b.modify_index;
}

}  // namespace rollcall::store
