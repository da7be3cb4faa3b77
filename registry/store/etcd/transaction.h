// A proposal as etcd's transaction, and what etcd's answer says of it. Pure functions.
#pragma once

#include <etcdpb/rpc.pb.h>

#include <cstdint>

#include "registry/base/result.h"
#include "registry/store/etcd/head_token.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/log_format.h"
#include "registry/store/etcd/rpc_status.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

// etcd takes 128 of each by default; the rest is for the head and the format.
constexpr size_t kMaxProposalOperations = 120;
constexpr size_t kMaxProposalConditions = 120;
// etcd's default limit of a request is 1.5 MiB; some of it goes into its own framing.
constexpr size_t kMaxProposalBytes = (3 << 19) - (16 << 10);

// Who writes, and to which log.
struct Author {
  uint64_t run = 0;   // see HeadToken
  int64_t lease = 0;  // for what is put while this server lives; 0: there is none
  LogFormat format;   // of the log, as far as the author knows
};

// Where the proposal needs a higher format than the log has, it puts that too, on the condition
// that nobody else has done so: who is told of a conflict is told of that write as well.
// kInvalidArgument: etcd would never take it. kUnavailable: it needs a lease.
Result<etcdserverpb::TxnRequest> MakeTransaction(const Proposal& proposal, const EtcdKeys& keys,
                                                 const Author& author);

Outcome OutcomeOf(const RpcStatus& status, const etcdserverpb::TxnResponse& response);

}  // namespace rollcall::store
