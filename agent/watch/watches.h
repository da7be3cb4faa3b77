// Watches: all watches of an agent. On the agent's loop.
#pragma once

#include <memory>
#include <vector>

#include "agent/front/kept_read.h"
#include "agent/probe/tls_contexts.h"
#include "agent/watch/watch_definition.h"
#include "agent/watch/watcher.h"

namespace rollcall::watch {

class Watches {
 public:
  // `tools` outlive it.
  explicit Watches(const front::KeptRead::Tools& tools, const Watcher::Times& times = {});
  // Ends the handlers that run.
  ~Watches();
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  // What is followed from now on. A watch that was there before goes on undisturbed.
  void Replace(const std::vector<WatchDefinition>& definitions);
  // The token that is asked with where a watch has none of its own is another one now.
  void OnOtherToken();

  size_t size() const { return watchers_.size(); }

 private:
  std::shared_ptr<probe::Probe> MakeHandler(const WatchDefinition& watch, const News& news);

  const front::KeptRead::Tools& tools_;
  const Watcher::Times times_;
  probe::TlsContexts tls_;
  std::vector<std::shared_ptr<Watcher>> watchers_;
};

}  // namespace rollcall::watch
