// Whether etcd still has the log that was followed, and all of it that comes after a position. Only
// then may it be followed on from there, and written to on conditions that were true there: an etcd
// that was restored from a backup gives the same revisions to other writes.
// Called on the thread that runs the io_context.
#pragma once

#include <functional>
#include <optional>

#include "registry/store/etcd/client.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/log_format.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

struct Continuity {
  RpcStatus status;             // not kOk: the member did not say
  std::optional<Error> broken;  // why it is not that log, or not all of it (see OnBroken)
  LogFormat format;
};

struct ContinuityQuestion {
  EtcdKeys keys;
  Position position;
  std::optional<LogFormat> format;  // which log it has to be, where that is known
  std::chrono::milliseconds timeout;
};

// `done` is not called once `client` is gone.
void CheckContinuity(EtcdClient* client, const ContinuityQuestion& question,
                     std::function<void(Continuity)> done);

}  // namespace rollcall::store
