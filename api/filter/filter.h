// Filter: the `filter` parameter of a read, parsed and checked against the fields of the records
// that the read lists. The language is Consul's (expression.h); the fields are those of Consul's
// answers (filter.cc). Immutable, cheap to copy, shared freely between threads; testing a record
// takes no lock and allocates nothing.
#pragma once

#include <memory>
#include <string_view>

#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::api::filter {

// The records that are filtered, besides model::Check (health/node, health/checks, health/state,
// agent/checks) and model::Instance (catalog/node, catalog/node-services, agent/services). They
// refer to what they are made of; one is made for the time of one test.

// catalog/nodes
struct NodeRecord {
  const model::Node& node;
  std::string_view datacenter;
};

// catalog/service, catalog/connect
struct CatalogServiceRecord {
  const model::Node& node;
  const model::Instance& instance;
  std::string_view datacenter;
};

// health/service, health/connect, health/ingress
struct HealthRecord {
  const catalog::InstanceEntry& entry;
  std::string_view datacenter;
};

// What a binding rule's selector asks of who logs in: "value.team == payments", "ops in
// list.groups". Their names are the auth method's; one that is not there is as good as any other
// missing key.
struct LoginRecord {
  const model::StringMap& values;
  const model::FlatMap<TextList>& lists;
};

template <typename Record>
class Program;

template <typename Record>
class Filter {
 public:
  // Matches everything.
  Filter() = default;

  // An empty `text` matches everything. kInvalidArgument with Consul's words when it does not
  // parse, asks for what these records do not have, or exceeds the limits of expression.h.
  static Result<Filter> Parse(std::string_view text);

  bool matches_everything() const { return program_ == nullptr; }
  bool Matches(const Record& record) const;

 private:
  std::shared_ptr<const Program<Record>> program_;  // null: everything matches
};

extern template class Filter<NodeRecord>;
extern template class Filter<CatalogServiceRecord>;
extern template class Filter<HealthRecord>;
extern template class Filter<LoginRecord>;
extern template class Filter<model::Check>;
extern template class Filter<model::Instance>;

}  // namespace rollcall::api::filter
