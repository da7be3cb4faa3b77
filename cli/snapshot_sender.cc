#include "cli/snapshot_sender.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "cli/registry_client.h"

namespace rollcall::cli {
namespace {

constexpr size_t kConnections = 4;
constexpr size_t kMaxWaiting = 8;
constexpr size_t kMaxRefusals = 8;
// The server may have much to do for others.
constexpr std::chrono::seconds kSnapshotPatience{60};

Result<SnapshotSender::Outcome> OutcomeIn(const std::string& body) {
  try {
    const nlohmann::json answer = nlohmann::json::parse(body);
    return SnapshotSender::Outcome{answer.at("Changed"), answer.at("Refused"),
                                   answer.at("Refusals")};
  } catch (const nlohmann::json::exception&) {
    return Corruption(
        "the answer does not say what became of the snapshot; is --http-addr a "
        "rollcall server?");
  }
}

}  // namespace

class SnapshotSender::State {
 public:
  explicit State(const Target& target) {
    threads_.reserve(kConnections);
    for (size_t i = 0; i < kConnections; ++i) {
      threads_.emplace_back([this, target] { Run(target); });
    }
  }

  ~State() {
    {
      const std::lock_guard lock(mutex_);
      waiting_.clear();
    }
    Join();
  }

  Result<void> Send(std::string snapshot) {
    std::unique_lock lock(mutex_);
    taken_.wait(lock, [this] { return waiting_.size() < kMaxWaiting || error_; });
    if (error_) return *error_;
    waiting_.push_back(std::move(snapshot));
    more_.notify_one();
    return {};
  }

  Result<Outcome> Finish() {
    Join();
    if (error_) return *error_;
    return std::move(outcome_);
  }

 private:
  void Join() {
    {
      const std::lock_guard lock(mutex_);
      no_more_ = true;
    }
    more_.notify_all();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  void Run(const Target& target) {
    RegistryClient client(target);
    client.SetAnswerTimeout(kSnapshotPatience);
    while (std::optional<std::string> snapshot = Take()) {
      const Result<Response> response = client.PutBytes("/v1/snapshot?merge", *snapshot);
      Result<Outcome> outcome = response ? OutcomeIn(response->body) : response.error();
      const std::lock_guard lock(mutex_);
      if (outcome) {
        AddUp(*outcome);
      } else if (!error_) {
        error_ = outcome.error();
      }
      taken_.notify_all();
    }
  }

  // Nothing: it is over.
  std::optional<std::string> Take() {
    std::unique_lock lock(mutex_);
    more_.wait(lock, [this] { return !waiting_.empty() || no_more_ || error_; });
    if (waiting_.empty() || error_) return std::nullopt;
    std::string snapshot = std::move(waiting_.front());
    waiting_.pop_front();
    taken_.notify_all();
    return snapshot;
  }

  void AddUp(const Outcome& one) {
    outcome_.changed += one.changed;
    outcome_.refused += one.refused;
    for (const std::string& why : one.refusals) {
      if (outcome_.refusals.size() < kMaxRefusals) outcome_.refusals.push_back(why);
    }
  }

  std::mutex mutex_;
  std::condition_variable more_;   // there is something to send, or there will be nothing
  std::condition_variable taken_;  // there is room
  // Guarded by mutex_.
  std::deque<std::string> waiting_;
  bool no_more_ = false;
  Outcome outcome_;
  std::optional<Error> error_;

  std::vector<std::thread> threads_;
};

SnapshotSender::SnapshotSender(const Target& target) : state_(std::make_unique<State>(target)) {}
SnapshotSender::~SnapshotSender() = default;

Result<void> SnapshotSender::Send(std::string snapshot) {
  return state_->Send(std::move(snapshot));
}

Result<SnapshotSender::Outcome> SnapshotSender::Finish() { return state_->Finish(); }

}  // namespace rollcall::cli
