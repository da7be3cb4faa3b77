// Snapshot: the whole catalog at one index, immutable. Snapshots share what did not change between
// them. Any thread may read one that it holds a reference to; entries and records found in it are
// valid as long as that reference.
//
// Every read has its own index: the index of the last change of that very result. A query is
// answered with it (X-Consul-Index), and blocks until it has moved. The index of something that is
// not there is kept too (see IndexOfAbsent), so that no index ever goes backwards.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/base/ascii.h"
#include "registry/base/counted.h"
#include "registry/base/index.h"
#include "registry/base/shared_array.h"
#include "registry/base/text.h"
#include "registry/catalog/address_index.h"
#include "registry/catalog/deadline.h"
#include "registry/catalog/edition.h"
#include "registry/catalog/persistent_map.h"
#include "registry/catalog/prepared.h"
#include "registry/model/records.h"

namespace rollcall::catalog {

// The records as the catalog keeps them.
using NodeRef = Ref<Counted<model::Node>>;
using InstanceRef = Ref<Counted<model::Instance>>;
using CheckRef = Ref<Counted<model::Check>>;
using CoordinateRef = Ref<Counted<model::Coordinate>>;
using AclRef = Ref<Counted<model::AclObject>>;

// A check and the deadlines that the registry keeps for it (null: none).
struct CheckEntry : RefCounter<CheckEntry> {
  CheckRef check;
  boost::intrusive_ptr<Deadline> ttl;   // moved by heartbeats; goes critical when it passes
  boost::intrusive_ptr<Deadline> reap;  // set while critical: deregistered when it passes
};

struct CheckByIdTraits {
  using Key = std::string_view;
  static Key KeyOf(const CheckEntry& entry) { return entry.check->check_id; }
  static int Compare(Key a, Key b) { return CompareIgnoreCase(a, b); }
  static void Write(Key key, SortKey* to) { to->AddName(key); }
};
using CheckMap = PersistentMap<CheckEntry, CheckByIdTraits>;

// Checks in the order of their IDs.
using CheckList = SharedArray<Ref<CheckEntry>>;

// An instance with everything that decides its health.
struct InstanceEntry : RefCounter<InstanceEntry> {
  NodeRef node;
  InstanceRef instance;
  CheckList node_checks;                                     // of the whole node
  CheckList checks;                                          // of this instance
  model::CheckStatus status = model::CheckStatus::kPassing;  // the worst of both lists
};

struct InstanceByIdTraits {
  using Key = std::string_view;
  static Key KeyOf(const InstanceEntry& entry) { return entry.instance->id; }
  static int Compare(Key a, Key b) { return CompareIgnoreCase(a, b); }
  static void Write(Key key, SortKey* to) { to->AddName(key); }
};

// Within a service: by node, then by ID. Catalog and health list instances in this one order.
struct InstanceByNodeTraits {
  using Key = std::pair<std::string_view, std::string_view>;  // node, ID
  static Key KeyOf(const InstanceEntry& entry) {
    return {entry.instance->node, entry.instance->id};
  }
  static int Compare(const Key& a, const Key& b) {
    const int by_node = CompareIgnoreCase(a.first, b.first);
    return by_node != 0 ? by_node : CompareIgnoreCase(a.second, b.second);
  }
  static void Write(const Key& key, SortKey* to) {
    to->AddNameBefore(key.first);
    to->AddName(key.second);
  }
};

// A node, its instances and all its checks.
struct NodeEntry : RefCounter<NodeEntry> {
  NodeRef node;
  PersistentMap<InstanceEntry, InstanceByIdTraits> instances;
  CheckMap checks;
  CheckList node_checks;  // those of the whole node
  Index catalog_index;    // of the node and its instances (catalog/node/:name)
  Index checks_index;     // of its checks (health/node/:name)
};

struct NodeByNameTraits {
  using Key = std::string_view;
  static Key KeyOf(const NodeEntry& entry) { return entry.node->name; }
  static int Compare(Key a, Key b) { return CompareIgnoreCase(a, b); }
  static void Write(Key key, SortKey* to) { to->AddName(key); }
};

// A tag and how many instances of a service carry it.
struct TagCount : RefCounter<TagCount> {
  TagCount(Text t, size_t c) : tag(std::move(t)), count(c) {}
  const Text tag;
  const size_t count;
};

struct TagCountTraits {
  using Key = std::string_view;
  static Key KeyOf(const TagCount& entry) { return entry.tag; }
  static int Compare(Key a, Key b) { return a.compare(b); }
  static void Write(Key key, SortKey* to) { to->AddBytes(key); }
};
using TagCounts = PersistentMap<TagCount, TagCountTraits>;

// A service: its instances, wherever they run. Never without an instance.
struct ServiceEntry : RefCounter<ServiceEntry> {
  Text name;  // as first registered
  PersistentMap<InstanceEntry, InstanceByNodeTraits> instances;
  TagCounts tags;       // every tag of any instance
  Index catalog_index;  // of instances and their nodes (catalog/service/:name)
  Index health_index;   // of those and of all checks that count (health/service/:name)
  Index checks_index;   // of the instances' own checks (health/checks/:name)
  PreparedSlots prepared;
};

struct ServiceByNameTraits {
  using Key = std::string_view;
  static Key KeyOf(const ServiceEntry& entry) { return entry.name; }
  static int Compare(Key a, Key b) { return CompareIgnoreCase(a, b); }
  static void Write(Key key, SortKey* to) { to->AddName(key); }
};

// The coordinates of a node, one for each network segment that it is in, in the order of these.
// Never without one; kept apart from the node, so that moving them is no change of the node.
struct CoordinateSet : RefCounter<CoordinateSet> {
  Text node;
  std::vector<CoordinateRef> coordinates;
  Index index;  // of the last change of any of them (coordinate/node/:name)

  // Null when the node is not in that segment.
  const model::Coordinate* Find(std::string_view segment) const;
};

struct CoordinateSetTraits {
  using Key = std::string_view;
  static Key KeyOf(const CoordinateSet& set) { return set.node; }
  static int Compare(Key a, Key b) { return CompareIgnoreCase(a, b); }
  static void Write(Key key, SortKey* to) { to->AddName(key); }
};

struct AclTraits {
  using Key = std::pair<model::AclKind, std::string_view>;
  static Key KeyOf(const Counted<model::AclObject>& object) { return {object.kind, object.id}; }
  static int Compare(const Key& a, const Key& b) {
    if (a.first != b.first) return a.first < b.first ? -1 : 1;
    return CompareIgnoreCase(a.second, b.second);
  }
  static void Write(const Key& key, SortKey* to) {
    const auto kind = static_cast<uint8_t>(key.first);
    to->AddBytes({&kind, 1});
    to->AddName(key.second);
  }
};

// The way from a node's ID to its name.
struct NodeById : RefCounter<NodeById> {
  NodeById(Text i, Text n) : id(std::move(i)), name(std::move(n)) {}
  const Text id;
  const Text name;
};

struct NodeByIdTraits {
  using Key = std::string_view;
  static Key KeyOf(const NodeById& entry) { return entry.id; }
  static int Compare(Key a, Key b) { return CompareIgnoreCase(a, b); }
  static void Write(Key key, SortKey* to) { to->AddName(key); }
};

class Snapshot {
 public:
  using Nodes = PersistentMap<NodeEntry, NodeByNameTraits>;
  using Services = PersistentMap<ServiceEntry, ServiceByNameTraits>;
  using Coordinates = PersistentMap<CoordinateSet, CoordinateSetTraits>;
  using Acl = PersistentMap<Counted<model::AclObject>, AclTraits>;

  // The index of the last transaction in it; set once anything was committed.
  Index index() const { return index_; }

  const Nodes& nodes() const { return nodes_; }
  const Services& services() const { return services_; }
  // Those of each node that has any.
  const Coordinates& coordinates() const { return coordinates_; }
  const AddressIndex& addresses() const { return addresses_; }
  // The objects of access control, by kind.
  const Acl& acl() const { return acl_; }

  // Null when there is none. Names compare without regard to case.
  const NodeEntry* FindNode(std::string_view name) const { return nodes_.Find(name); }
  const ServiceEntry* FindService(std::string_view name) const { return services_.Find(name); }
  const InstanceEntry* FindInstance(std::string_view node, std::string_view id) const;
  const CheckEntry* FindCheck(std::string_view node, std::string_view check_id) const;
  const model::AclObject* FindAcl(model::AclKind kind, std::string_view id) const {
    return acl_.Find({kind, id});
  }
  const CoordinateSet* FindCoordinates(std::string_view node) const {
    return coordinates_.Find(node);
  }
  // The node with this ID (a UUID, any case); null when there is none.
  const NodeEntry* FindNodeById(std::string_view id) const;

  // How many there are in all.
  size_t instance_count() const { return instance_count_; }
  size_t check_count(model::CheckStatus status) const {
    return check_count_[static_cast<size_t>(status)];
  }

  // Indexes of results that are not one node's or one service's.
  Index nodes_index() const { return nodes_index_; }          // catalog/nodes
  Index services_index() const { return services_index_; }    // catalog/services: names and tags
  Index instances_index() const { return instances_index_; }  // any instance, or its node's record
  Index checks_index() const { return checks_index_; }        // health/state/any
  Index checks_index(model::CheckStatus status) const {       // health/state/:status
    return status_index_[static_cast<size_t>(status)];
  }
  Index coordinates_index() const { return coordinates_index_; }  // coordinate/nodes

  // Of the objects of access control, all of them: moves with each change.
  Index acl_index() const { return acl_index_; }
  // Equal in two snapshots only if they have the same objects: what has been made of them holds.
  Edition acl_edition() const { return acl_edition_; }

  // What is prepared of the lists of all services (names and tags) and of all nodes. Each is a new
  // cell when services_index(), nodes_index() has moved, and else that of the snapshot before.
  const PreparedCell& prepared_services() const { return *prepared_services_; }
  const PreparedCell& prepared_nodes() const { return *prepared_nodes_; }

  // The index of a service or node that is not there, or of the coordinates of a node that has
  // none: of their removal, or for one that was never seen, or was removed long ago, a floor that
  // lies after its removal. Never decreases.
  Index IndexOfAbsentService(std::string_view name) const;
  Index IndexOfAbsentNode(std::string_view name) const;
  Index IndexOfAbsentCoordinates(std::string_view node) const;

 private:
  friend class SnapshotBuilder;
  friend class SnapshotLoader;

  struct Tombstone : RefCounter<Tombstone> {
    Tombstone(Text n, Index i) : name(std::move(n)), index(i) {}
    const Text name;
    const Index index;
  };
  struct TombstoneTraits {
    using Key = std::string_view;
    static Key KeyOf(const Tombstone& stone) { return stone.name; }
    static int Compare(Key a, Key b) { return CompareIgnoreCase(a, b); }
    static void Write(Key key, SortKey* to) { to->AddName(key); }
  };
  using Tombstones = PersistentMap<Tombstone, TombstoneTraits>;
  Index IndexOfAbsent(const Tombstones& stones, std::string_view name) const;

  Index index_;
  Nodes nodes_;
  Services services_;
  Coordinates coordinates_;
  AddressIndex addresses_;
  Acl acl_;
  PersistentMap<NodeById, NodeByIdTraits> node_ids_;
  size_t instance_count_ = 0;
  std::array<size_t, 3> check_count_{};
  Index nodes_index_{1};
  Index services_index_{1};
  Index instances_index_{1};
  Index checks_index_{1};
  std::array<Index, 3> status_index_{Index(1), Index(1), Index(1)};
  Index coordinates_index_{1};
  Index acl_index_{1};
  Edition acl_edition_;
  Tombstones gone_services_;
  Tombstones gone_nodes_;
  Tombstones gone_coordinates_;
  Index absent_floor_{1};
  std::shared_ptr<const PreparedCell> prepared_services_ = std::make_shared<const PreparedCell>();
  std::shared_ptr<const PreparedCell> prepared_nodes_ = std::make_shared<const PreparedCell>();
};

}  // namespace rollcall::catalog
