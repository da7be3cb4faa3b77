#include "registry/store/etcd/transaction.h"

#include <string>

namespace rollcall::store {
namespace {

namespace pb = etcdserverpb;

Error TooMuch(const char* what, size_t there_are, size_t limit) {
  return InvalidArgument("a transaction of " + std::to_string(there_are) + " " + what +
                         " is more than etcd takes (" + std::to_string(limit) + ")");
}

void AddCondition(const Condition& condition, const EtcdKeys& keys, pb::TxnRequest* txn) {
  pb::Compare* const compare = txn->add_compare();
  compare->set_key(keys.Full(condition.key));
  compare->set_result(pb::Compare::EQUAL);
  switch (condition.kind) {
    case Condition::Kind::kAbsent:
      compare->set_target(pb::Compare::CREATE);
      compare->set_create_revision(0);
      break;
    case Condition::Kind::kUnchanged:
      compare->set_target(pb::Compare::MOD);
      compare->set_mod_revision(static_cast<int64_t>(condition.revision.value()));
      break;
    case Condition::Kind::kHasValue:
      compare->set_target(pb::Compare::VALUE);
      compare->set_value(condition.value);
      break;
  }
}

void AddOperation(const Operation& operation, const EtcdKeys& keys, int64_t lease,
                  pb::TxnRequest* txn) {
  pb::RequestOp* const request = txn->add_success();
  const std::string key = keys.Full(operation.key);
  switch (operation.kind) {
    case Operation::Kind::kPutWhileAlive:
      request->mutable_request_put()->set_lease(lease);
      [[fallthrough]];
    case Operation::Kind::kPut:
      request->mutable_request_put()->set_key(key);
      request->mutable_request_put()->set_value(operation.value);
      break;
    case Operation::Kind::kRemoveAllUnder:
      request->mutable_request_delete_range()->set_range_end(EndOfPrefix(key));
      [[fallthrough]];
    case Operation::Kind::kRemove:
      request->mutable_request_delete_range()->set_key(key);
      break;
  }
}

void RaiseFormat(const LogFormat& from, uint32_t to, const EtcdKeys& keys, pb::TxnRequest* txn) {
  pb::Compare* const compare = txn->add_compare();
  compare->set_key(keys.format());
  compare->set_result(pb::Compare::EQUAL);
  compare->set_target(pb::Compare::VALUE);
  compare->set_value(from.Text());
  pb::PutRequest* const put = txn->add_success()->mutable_request_put();
  put->set_key(keys.format());
  put->set_value(LogFormat{from.uuid, to}.Text());
}

// The head, the log's name, or everything: not a user's to write.
bool ConcernsTheLogItself(const Operation& operation) {
  if (operation.kind == Operation::Kind::kRemoveAllUnder) {
    return std::string_view("head").starts_with(operation.key) ||
           std::string_view("format").starts_with(operation.key);
  }
  return operation.key.empty() || EtcdKeys::IsHead(operation.key) ||
         EtcdKeys::IsFormat(operation.key);
}

Error Refusal(const RpcStatus& status) {
  std::string words = "etcd refuses the write: " + Describe(status);
  if (status.message.find("database space exceeded") != std::string::npos) {
    words += " (compact and defragment it, then disarm the alarm: etcdctl alarm disarm)";
  }
  if (IsPermissionDenied(status)) return {ErrorCode::kPermissionDenied, words};
  const bool never = status.code == RpcCode::kInvalidArgument;
  return {never ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable, words};
}

// Whether etcd itself says that it did nothing. All others may have come too late or got lost.
bool IsRefusal(const RpcStatus& status) {
  if (IsAnswerTooLarge(status)) return false;
  if (IsWithoutLeader(status) || IsPermissionDenied(status)) return true;
  switch (status.code) {
    case RpcCode::kInvalidArgument:
    case RpcCode::kResourceExhausted:
    case RpcCode::kFailedPrecondition:
    case RpcCode::kOutOfRange:
    case RpcCode::kNotFound:  // the lease
    case RpcCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

Index HeadIn(const pb::TxnResponse& response) {
  for (const pb::ResponseOp& each : response.responses()) {
    if (!each.has_response_range() || each.response_range().kvs().empty()) continue;
    return Index(static_cast<uint64_t>(each.response_range().kvs(0).mod_revision()));
  }
  return {};
}

}  // namespace

Result<pb::TxnRequest> MakeTransaction(const Proposal& proposal, const EtcdKeys& keys,
                                       const Author& author) {
  if (proposal.operations.size() > kMaxProposalOperations) {
    return TooMuch("operations", proposal.operations.size(), kMaxProposalOperations);
  }
  if (proposal.conditions.size() > kMaxProposalConditions) {
    return TooMuch("conditions", proposal.conditions.size(), kMaxProposalConditions);
  }
  pb::TxnRequest txn;
  for (const Condition& each : proposal.conditions) AddCondition(each, keys, &txn);
  for (const Operation& each : proposal.operations) {
    if (ConcernsTheLogItself(each)) {
      return InvalidArgument("\"" + each.key + "\" is the log's own key");
    }
    if (each.kind == Operation::Kind::kPutWhileAlive && author.lease == 0) {
      return Unavailable("etcd has granted no lease yet");
    }
    AddOperation(each, keys, author.lease, &txn);
  }
  if (proposal.format > author.format.number) {
    RaiseFormat(author.format, proposal.format, keys, &txn);
  }
  if (proposal.moves_head) {
    pb::PutRequest* const put = txn.add_success()->mutable_request_put();
    put->set_key(keys.head());
    put->set_value(HeadToken{author.run, proposal.id}.Text());
  }
  pb::RangeRequest* const head = txn.add_failure()->mutable_request_range();
  head->set_key(keys.head());
  head->set_keys_only(true);
  if (const size_t bytes = txn.ByteSizeLong(); bytes > kMaxProposalBytes) {
    return TooMuch("bytes", bytes, kMaxProposalBytes);
  }
  return txn;
}

Outcome OutcomeOf(const RpcStatus& status, const pb::TxnResponse& response) {
  using Kind = Outcome::Kind;
  if (!status.ok()) {
    if (IsRefusal(status)) return {Kind::kRefused, {}, Refusal(status)};
    return {Kind::kUnknown, {}, Unavailable("no answer of etcd to the write: " + Describe(status))};
  }
  if (!response.succeeded()) {
    return {Kind::kConflict, HeadIn(response), Conflict("somebody else has written meanwhile")};
  }
  return {Kind::kCommitted, Index(static_cast<uint64_t>(response.header().revision())),
          Error{ErrorCode::kUnavailable, {}}};
}

}  // namespace rollcall::store
