// StateDirectory: what an agent keeps over a restart, if it has a directory to keep it in. Decides
// what is to be written when; the Keeper writes it. On the agent's loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "agent/desired_state.h"
#include "agent/keep/keeper.h"
#include "agent/keep/kept.h"
#include "agent/local_state.h"
#include "registry/base/result.h"

namespace rollcall::agent {

class StateDirectory {
 public:
  // `path` empty: nothing is kept. Errors are one line that names the setting.
  static Result<std::unique_ptr<StateDirectory>> Open(boost::asio::io_context& loop,
                                                      const std::string& path);
  // Writes what is still to be written.
  ~StateDirectory();

  // What was there (kept.h). Once, before anything else is called. What checks said is taken over
  // when an agent was alive within `trust`, on this boot of the host: until then nobody has noticed
  // that it was away. After that services may have come to harm unseen, and their checks begin
  // anew.
  Kept Load(const model::CheckRules& rules, std::chrono::milliseconds trust);
  // The start has succeeded: only now the directory shows that an agent is alive, and what it
  // knows.
  void Begin();

  // Written at once; of what is forgotten, also that it has been this agent's.
  void Keep(const KeptChange& change);
  // The text of the file with tokens; WhenKept waits for it, too.
  void KeepTokens(std::string text);
  // What it holds; empty: nothing, or there is none.
  std::string LoadTokens() const;
  // `done` is called, on the loop or within this call, when everything that was kept before is on
  // the disk; with an error when that could not be written.
  void WhenKept(std::function<void(const Result<void>&)> done);

  // What checks say now. A status is written within a second; another output alone may wait for a
  // minute.
  void Note(std::shared_ptr<const DesiredState> desired);
  // The registry holds this and nothing more of ours.
  void NoteSynced(const DesiredState& desired);

 private:
  StateDirectory(boost::asio::io_context& loop, std::string path);
  void ArmWrite(std::chrono::milliseconds delay);
  void OnTimer();
  void WriteState();
  // What has to be written soon, as one text.
  std::string UrgentPart() const;

  boost::asio::io_context& loop_;
  const std::string path_;
  boost::asio::steady_timer write_;
  bool write_armed_ = false;
  bool has_begun_ = false;
  std::string found_;  // at the start, for the log
  OwnIds own_;
  std::shared_ptr<const DesiredState> desired_;  // null: not known yet
  std::string written_;                          // the urgent part of what was written last
  std::chrono::steady_clock::time_point written_at_;
  std::set<std::string> changed_files_;  // that nobody waits for yet
  std::unique_ptr<Keeper> keeper_;       // null: nothing is kept
};

}  // namespace rollcall::agent
