#include "registry/store/etcd/continuity.h"

#include <string>
#include <utility>

namespace rollcall::store {
namespace {

namespace pb = etcdserverpb;

Error Restored(const std::string& how) {
  return Corruption("etcd's data is not what was followed until now (was a backup restored?): " +
                    how);
}

Error CompactedAway(Index revision) {
  return Unavailable("etcd has compacted away what came after revision " +
                     std::to_string(revision.value()));
}

// As of an answer to "which format".
std::optional<Error> JudgeFormat(const ContinuityQuestion& question,
                                 const pb::RangeResponse& response, LogFormat* format) {
  if (response.kvs().empty()) return Restored("\"" + question.keys.format() + "\" is gone");
  auto parsed = LogFormat::Parse(response.kvs(0).value());
  if (!parsed) return std::move(parsed).error();
  *format = *std::move(parsed);
  if (question.format && question.format->uuid != format->uuid) {
    return Restored("it is another log, " + format->uuid + " instead of " + question.format->uuid);
  }
  const auto revision = static_cast<uint64_t>(response.header().revision());
  if (revision < question.position.revision.value()) {
    return Restored("it is at revision " + std::to_string(revision) + ", before " +
                    std::to_string(question.position.revision.value()));
  }
  return std::nullopt;
}

// As of an answer to "where was the head at the position".
std::optional<Error> JudgeHead(const Position& position, const RpcStatus& status,
                               const pb::RangeResponse& response) {
  if (IsCompacted(status)) return CompactedAway(position.revision);
  if (IsFutureRevision(status)) return Restored("it has not come so far");
  const std::string at = " at revision " + std::to_string(position.revision.value());
  if (response.kvs().empty()) {
    if (!position.head.is_set()) return std::nullopt;
    return Restored("it had no head" + at);
  }
  const mvccpb::KeyValue& head = response.kvs(0);
  const auto revision = static_cast<uint64_t>(head.mod_revision());
  if (revision != position.head.value() || head.value() != position.token) {
    return Restored("its head" + at + " is another one");
  }
  return std::nullopt;
}

void CheckHead(EtcdClient* client, const ContinuityQuestion& question, LogFormat format,
               std::function<void(Continuity)> done) {
  pb::RangeRequest request;
  request.set_key(question.keys.head());
  // At the position, not now: whatever has been written since, there it must be the same one.
  request.set_revision(static_cast<int64_t>(question.position.revision.value()));
  client->Call(&EtcdChannel::Range, std::move(request), question.timeout,
               RpcDone<pb::RangeResponse>(
                   [position = question.position, format = std::move(format),
                    done = std::move(done)](RpcStatus status, const pb::RangeResponse& response) {
                     if (!status.ok() && !IsCompacted(status) && !IsFutureRevision(status)) {
                       return done({std::move(status), {}, {}});
                     }
                     done({{}, JudgeHead(position, status, response), format});
                   }));
}

}  // namespace

void CheckContinuity(EtcdClient* client, const ContinuityQuestion& question,
                     std::function<void(Continuity)> done) {
  pb::RangeRequest request;
  request.set_key(question.keys.format());
  client->Call(&EtcdChannel::Range, std::move(request), question.timeout,
               RpcDone<pb::RangeResponse>([client, question, done = std::move(done)](
                                              RpcStatus status, const pb::RangeResponse& response) {
                 if (!status.ok()) return done({std::move(status), {}, {}});
                 LogFormat format;
                 if (auto broken = JudgeFormat(question, response, &format)) {
                   return done({{}, std::move(broken), {}});
                 }
                 CheckHead(client, question, std::move(format), done);
               }));
}

}  // namespace rollcall::store
