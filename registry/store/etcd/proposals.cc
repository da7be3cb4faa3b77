#include "registry/store/etcd/proposals.h"

#include <utility>

namespace rollcall::store {

namespace pb = etcdserverpb;

void EtcdProposals::Propose(Proposal proposal) {
  if (client_ != nullptr) return Send(proposal);
  if (refusing_) return GetOutcome(proposal.id, Outcome::Kind::kRefused, Unavailable(reason_));
  held_.push_back(std::move(proposal));
}

void EtcdProposals::Send(const Proposal& proposal) {
  auto txn = MakeTransaction(proposal, options_.keys, options_.author());
  const ProposalId id = proposal.id;
  if (!txn) return GetOutcome(id, Outcome::Kind::kRefused, std::move(txn).error());
  sent_.insert(id);
  client_->Call(&EtcdChannel::Txn, *std::move(txn), options_.timeouts.proposal,
                RpcDone<pb::TxnResponse>(
                    [this, id](const RpcStatus& status, const pb::TxnResponse& response) {
                      if (sent_.erase(id) == 0) return;
                      options_.on_outcome(id, OutcomeOf(status, response));
                    }));
}

void EtcdProposals::Connected(EtcdClient* client) {
  client_ = client;
  refusing_ = false;
  patience_.Stop();
  for (Proposal& each : std::exchange(held_, {})) Send(each);
}

void EtcdProposals::Disconnected(const std::string& reason) {
  const bool was_connected = client_ != nullptr;
  client_ = nullptr;
  reason_ = reason;
  for (const ProposalId id : std::exchange(sent_, {})) {
    GetOutcome(id, Outcome::Kind::kUnknown, Unavailable("no answer to the write: " + reason));
  }
  if (was_connected) Expect();
}

void EtcdProposals::Expect() {
  refusing_ = false;
  patience_.Start(options_.timeouts.hold, [this] { Refuse(reason_); });
}

void EtcdProposals::Refuse(const std::string& reason) {
  Disconnected(std::string(reason));
  patience_.Stop();
  refusing_ = true;
  for (const Proposal& each : std::exchange(held_, {})) {
    GetOutcome(each.id, Outcome::Kind::kRefused, Unavailable(reason_));
  }
}

void EtcdProposals::GetOutcome(ProposalId id, Outcome::Kind kind, Error error) {
  options_.on_outcome(id, {kind, {}, std::move(error)});
}

}  // namespace rollcall::store
