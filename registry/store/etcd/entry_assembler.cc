#include "registry/store/etcd/entry_assembler.h"

#include <utility>

#include "registry/store/etcd/head_token.h"

namespace rollcall::store {

Result<std::vector<AssembledEntry>> EntryAssembler::Add(std::vector<WatchedChange> changes,
                                                        More more) {
  std::vector<AssembledEntry> whole;
  for (WatchedChange& change : changes) {
    if (auto added = AddOne(std::move(change), &whole); !added) return std::move(added).error();
  }
  if (more == More::kNo) Finish(&whole);
  return whole;
}

Result<void> EntryAssembler::AddOne(WatchedChange change, std::vector<AssembledEntry>* whole) {
  const Index index(change.revision);
  if (open_ && index > open_->entry.index) Finish(whole);
  if (index <= last_ || (open_ && index < open_->entry.index)) {
    return Corruption("etcd told of revision " + std::to_string(index.value()) +
                      " after revision " +
                      std::to_string((open_ ? open_->entry.index : last_).value()));
  }
  const auto key = keys_.Short(change.key);
  if (!key) return Corruption("etcd told of a key that was not asked for");
  if (!open_) {
    open_.emplace();
    open_->entry.index = index;
  }
  if (EtcdKeys::IsFormat(*key)) return TakeFormat(change);
  if (EtcdKeys::IsHead(*key)) {
    if (!change.value) return Corruption("somebody has removed \"" + change.key + "\" from etcd");
    open_->entry.moved_head = true;
    const auto token = HeadToken::Parse(*change.value);
    if (token && token->run == run_) open_->entry.proposal = token->proposal;
    open_->token = *std::move(change.value);
    return {};
  }
  open_->entry.changes.push_back({std::string(*key), std::move(change.value)});
  return {};
}

Result<void> EntryAssembler::TakeFormat(const WatchedChange& change) {
  if (!change.value) return Corruption("somebody has removed \"" + change.key + "\" from etcd");
  auto format = LogFormat::Parse(*change.value);
  if (!format) return std::move(format).error();
  if (format->uuid != uuid_) {
    return Corruption("somebody else has written to \"" + change.key + "\" in etcd");
  }
  open_->format = *std::move(format);
  return {};
}

void EntryAssembler::Finish(std::vector<AssembledEntry>* whole) {
  if (!open_) return;
  last_ = open_->entry.index;
  whole->push_back(*std::move(open_));
  open_.reset();
}

}  // namespace rollcall::store
