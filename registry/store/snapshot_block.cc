// content     := part*
// part        := node check* instance-part* coordinate*      of one node
// instance-part := instance check*
// record      := kind string(value)                          node, instance, check, coordinate
// kind        := one byte: 1 node, 2 instance, 3 check, 4 coordinate; and bit 7 when a block before
//                has this node or instance already
// value       := as in record_codec.cc, without create_index and modify_index, and without what the
//                records above it say: the node's name; a check's service_name and service_tags
//
// A check after a node is one of the whole node and has no service_id; after an instance it has
// that instance's. Checks of one node or instance come in the order of their IDs (without regard to
// ASCII case), each ID once in a block.
#include "registry/store/snapshot_block.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/store/bytes.h"
#include "registry/store/record_codec.h"
#include "registry/store/sharing.h"

namespace rollcall::store {
namespace {

constexpr uint8_t kAgainBit = 0x80;
// A registration is one step of the one writer: it must not keep the others waiting.
constexpr size_t kMaxChecksInAStep = 512;

void AppendRecord(std::string* out, RecordKind kind, Occurrence occurrence,
                  std::string_view value) {
  const uint8_t again = occurrence == Occurrence::kAgain ? kAgainBit : 0;
  out->push_back(static_cast<char>((static_cast<uint8_t>(kind) + 1) | again));
  AppendString(out, value);
}

struct RawRecord {
  RecordKind kind = RecordKind::kNode;
  Occurrence occurrence = Occurrence::kFirst;
  std::string_view value;
  uint64_t offset = 0;  // in the file
};

Error RecordError(uint64_t offset, const std::string& what) {
  return Corruption("the record at byte " + std::to_string(offset) + " is damaged: " + what);
}

// The records of a content, one after the other.
class RawRecords {
 public:
  RawRecords(std::string_view content, uint64_t offset)
      : content_(content), offset_(offset), rest_(content) {}

  bool AtEnd() const { return rest_.empty(); }
  Result<RawRecord> Next() {
    RawRecord record;
    record.offset = offset_ + at_;
    uint8_t byte = 0;
    if (!rest_.ReadByte(&byte)) return RecordError(record.offset, "it is cut short");
    const int kind = byte & ~kAgainBit;
    const bool again = (byte & kAgainBit) != 0;
    if (kind < 1 || kind > 4 || (again && kind > 2)) {
      return RecordError(record.offset, "it is of no kind that is known");
    }
    if (!rest_.ReadString(&record.value)) return RecordError(record.offset, "it is cut short");
    record.kind = static_cast<RecordKind>(kind - 1);
    record.occurrence = again ? Occurrence::kAgain : Occurrence::kFirst;
    at_ = static_cast<size_t>(record.value.data() + record.value.size() - content_.data());
    return record;
  }

 private:
  const std::string_view content_;
  const uint64_t offset_;
  ByteReader rest_;
  size_t at_ = 0;  // where the next record begins
};

template <typename Value>
bool IsInOrder(const model::FlatMap<Value>& map) {
  return std::adjacent_find(map.begin(), map.end(), [](const auto& a, const auto& b) {
           return a.first >= b.first;
         }) == map.end();
}

// What no catalog holds, because nobody could have registered it; null when there is nothing.
const char* Fault(const model::Node& node) {
  if (node.name.empty()) return "a node has no name";
  if (!node.id.empty() && (!model::IsUuid(node.id) || node.id != AsciiLower(node.id))) {
    return "the ID of a node is no UUID in lower case";
  }
  if (!IsInOrder(node.tagged_addresses) || !IsInOrder(node.meta)) return "a map is not in order";
  return nullptr;
}

const char* Fault(const model::Instance& instance) {
  if (instance.id.empty()) return "an instance has no ID";
  if (instance.service.empty()) return "an instance has no service";
  if (!IsInOrder(instance.tagged_addresses) || !IsInOrder(instance.meta)) {
    return "a map is not in order";
  }
  return nullptr;
}

const char* Fault(const model::Check& check) {
  if (check.check_id.empty()) return "a check has no ID";
  for (const auto* definition : {&check.definition, &check.upkeep}) {
    if (*definition == nullptr) continue;
    if (!IsInOrder((*definition)->header)) return "a map is not in order";
    if ((*definition)->ttl.count() < 0 ||
        (*definition)->deregister_critical_service_after.count() < 0) {
      return "a duration is negative";
    }
  }
  return nullptr;
}

const char* Fault(const model::Coordinate& /*coordinate*/) { return nullptr; }

// The records of a block on their way into commands.
class Registrations {
 public:
  explicit Registrations(model::ValuePool* pool) : sharing_(pool) {}

  Result<void> Add(const RawRecord& record) {
    switch (record.kind) {
      case RecordKind::kNode:
        return AddAs(record, DecodeNodeValue(record.value, sharing_), &Registrations::AddNode);
      case RecordKind::kInstance:
        return AddAs(record, DecodeInstanceValue(record.value, sharing_),
                     &Registrations::AddInstance);
      case RecordKind::kCheck:
        return AddAs(record, DecodeCheckValue(record.value, sharing_), &Registrations::AddCheck);
      case RecordKind::kCoordinate:
      case RecordKind::kAcl:  // there is none in such a file
        break;
    }
    return AddAs(record, DecodeCoordinateValue(record.value, sharing_),
                 &Registrations::AddCoordinate);
  }

  std::vector<model::Command> Take() && { return std::move(commands_); }

 private:
  template <typename Record>
  Result<void> AddAs(const RawRecord& raw, Result<Record> record,
                     const char* (Registrations::*add)(Record)) {
    if (!record) return RecordError(raw.offset, record.error().message);
    const char* fault = Fault(*record);
    if (fault == nullptr) fault = (this->*add)(std::move(*record));
    if (fault != nullptr) return RecordError(raw.offset, fault);
    return {};
  }

  const char* AddNode(model::Node node) {
    Push(std::move(node), std::nullopt);
    return nullptr;
  }

  const char* AddInstance(model::Instance instance) {
    if (commands_.empty()) return "it is of no node";
    if (last_ == nullptr) return "it is out of its place";
    Push(last_->node, std::move(instance));
    return nullptr;
  }

  const char* AddCheck(model::Check check) {
    if (commands_.empty()) return "it is of no node";
    if (last_ == nullptr) return "it is out of its place";
    const std::string_view of = last_->instance ? last_->instance->id.view() : std::string_view();
    if (!EqualsIgnoreCase(check.service_id, of)) return "it is not of the instance before it";
    auto& checks = last_->checks;
    if (!checks.empty() && CompareIgnoreCase(checks.back().check_id, check.check_id) >= 0) {
      return "checks are out of their order";
    }
    if (checks.size() < kMaxChecksInAStep) {
      checks.push_back(std::move(check));
    } else {
      Push(last_->node, last_->instance);
      last_->checks.push_back(std::move(check));
    }
    return nullptr;
  }

  const char* AddCoordinate(model::Coordinate coordinate) {
    if (commands_.empty()) return "it is of no node";
    coordinate.node = node_;
    commands_.emplace_back(model::UpdateCoordinate{std::move(coordinate)});
    last_ = nullptr;
    return nullptr;
  }

  void Push(model::Node node, std::optional<model::Instance> instance) {
    node_ = node.name;
    model::Register command;
    command.node = std::move(node);
    command.instance = std::move(instance);
    commands_.emplace_back(std::move(command));
    last_ = &std::get<model::Register>(commands_.back());
  }

  Sharing sharing_;
  std::vector<model::Command> commands_;
  model::Register* last_ = nullptr;  // of commands_: its last; null after a coordinate
  Text node_;
};

}  // namespace

void SnapshotBlock::Add(const model::Node& node, Occurrence occurrence) {
  model::Node bare = node;
  bare.create_index = bare.modify_index = Index();
  AppendRecord(&content_, RecordKind::kNode, occurrence, EncodeNode(bare));
  if (occurrence == Occurrence::kFirst) ++counts_.nodes;
}

void SnapshotBlock::Add(const model::Instance& instance, Occurrence occurrence) {
  model::Instance bare = instance;
  bare.node = Text();
  bare.create_index = bare.modify_index = Index();
  AppendRecord(&content_, RecordKind::kInstance, occurrence, EncodeInstance(bare));
  if (occurrence == Occurrence::kFirst) ++counts_.instances;
}

void SnapshotBlock::Add(model::Check check) {
  check.node = check.service_name = Text();
  check.service_tags = TextList();
  check.create_index = check.modify_index = Index();
  AppendRecord(&content_, RecordKind::kCheck, Occurrence::kFirst, EncodeCheck(check));
  ++counts_.checks;
}

void SnapshotBlock::Add(model::Coordinate coordinate) {
  coordinate.node = Text();
  coordinate.create_index = coordinate.modify_index = Index();
  AppendRecord(&content_, RecordKind::kCoordinate, Occurrence::kFirst,
               EncodeCoordinate(coordinate));
  ++counts_.coordinates;
}

void SnapshotBlock::Clear() {
  content_.clear();
  counts_ = {};
}

Result<RecordCounts> CountRecords(std::string_view content, uint64_t offset) {
  RecordCounts counts;
  for (RawRecords records(content, offset); !records.AtEnd();) {
    const Result<RawRecord> record = records.Next();
    if (!record) return record.error();
    if (record->occurrence == Occurrence::kAgain) continue;
    switch (record->kind) {
      case RecordKind::kNode:
        ++counts.nodes;
        break;
      case RecordKind::kInstance:
        ++counts.instances;
        break;
      case RecordKind::kCheck:
        ++counts.checks;
        break;
      case RecordKind::kCoordinate:
        ++counts.coordinates;
        break;
      case RecordKind::kAcl:  // there is none in such a file
        break;
    }
  }
  return counts;
}

Result<std::vector<model::Command>> CommandsOf(std::string_view content, uint64_t offset,
                                               model::ValuePool* pool) {
  Registrations registrations(pool);
  for (RawRecords records(content, offset); !records.AtEnd();) {
    const Result<RawRecord> record = records.Next();
    if (!record) return record.error();
    if (Result<void> ok = registrations.Add(*record); !ok) return ok.error();
  }
  return std::move(registrations).Take();
}

}  // namespace rollcall::store
