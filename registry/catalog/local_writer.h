// LocalWriter: the writer of a server that has its store to itself.
//
//   commands -> resolve -> commit (one fsync for all that queued up) -> publish the next snapshot
//               -> answer each command
//
// Threads as writer.h says.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "registry/base/clock.h"
#include "registry/catalog/counters.h"
#include "registry/catalog/expiry_pace.h"
#include "registry/catalog/publisher.h"
#include "registry/catalog/upkeep.h"
#include "registry/catalog/writer.h"
#include "registry/model/value_pool.h"
#include "registry/store/store.h"

namespace rollcall::catalog {

class LocalWriter final : public Writer {
 public:
  struct Options {
    size_t max_batch;                            // commands that one fsync may cover
    std::function<void(const Error&)> on_fatal;  // called once, when a commit failed
  };

  // `publisher`, `counters` and `clock` outlive the writer.
  LocalWriter(std::unique_ptr<store::Store> store, const Clock& clock, Publisher* publisher,
              Counters* counters, Options options);

  Result<void> Load() override;
  size_t Room() const override;
  void Work(std::vector<Pending> commands) override;
  std::chrono::nanoseconds TimeToWork() const override;

 private:
  class Batch;

  void Commit(std::vector<Pending> commands);
  // Some of the deadlines that have passed: a crowd of them is spread over several commits, so that
  // clients' commands get between.
  void AddExpired(Batch* batch);

  const std::unique_ptr<store::Store> store_;
  const Clock& clock_;
  const Options options_;
  Publisher* const publisher_;
  Counters* const counters_;
  Upkeep upkeep_;
  model::ValuePool pool_;
  std::deque<boost::intrusive_ptr<Deadline>> expired_;  // passed, and not yet acted on
  ExpiryPace pace_;
  bool failed_ = false;
};

}  // namespace rollcall::catalog
