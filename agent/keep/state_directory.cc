#include "agent/keep/state_directory.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace rollcall::agent {
namespace {

// Checks that flap do not keep the disk busy.
constexpr std::chrono::milliseconds kWriteDelay{1000};

}  // namespace

Result<std::unique_ptr<StateDirectory>> StateDirectory::Open(boost::asio::io_context& loop,
                                                             const std::string& path) {
  std::unique_ptr<StateDirectory> directory(new StateDirectory(loop, path));
  if (path.empty()) return directory;
  Keeper::Options options;
  options.data_dir = path;
  Result<std::unique_ptr<Keeper>> keeper = Keeper::Open(options);
  if (!keeper) return keeper.error();
  directory->keeper_ = std::move(*keeper);
  return directory;
}

StateDirectory::StateDirectory(boost::asio::io_context& loop, std::string path)
    : loop_(loop), path_(std::move(path)), write_(loop) {}

StateDirectory::~StateDirectory() { WriteState(); }

Kept StateDirectory::Load(const model::CheckRules& rules, std::chrono::milliseconds trust) {
  if (keeper_ == nullptr) return {};
  Kept kept = LoadKept(path_, rules, trust);
  own_ = kept.last.own;
  return kept;
}

void StateDirectory::Keep(const KeptChange& change) {
  if (keeper_) keeper_->Put(FileChangeFor(change));
}

void StateDirectory::WhenKept(std::function<void(const Result<void>&)> done) {
  if (keeper_ == nullptr) return done({});
  keeper_->WhenWritten([&loop = loop_, done = std::move(done)](const Result<void>& written) {
    boost::asio::post(loop, [done, written] { done(written); });
  });
}

void StateDirectory::Note(std::shared_ptr<const DesiredState> desired) {
  const OwnIds ids = IdsOf(*desired);
  own_.instances.insert(ids.instances.begin(), ids.instances.end());
  own_.checks.insert(ids.checks.begin(), ids.checks.end());
  desired_ = std::move(desired);
  ArmWrite();
}

void StateDirectory::NoteSynced(const DesiredState& desired) {
  if (desired_.get() != &desired) return;  // there is news already
  own_ = IdsOf(desired);
  ArmWrite();
}

void StateDirectory::ArmWrite() {
  if (keeper_ == nullptr || std::exchange(write_armed_, true)) return;
  write_.expires_after(kWriteDelay);
  write_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    write_armed_ = false;
    WriteState();
  });
}

void StateDirectory::WriteState() {
  if (keeper_ == nullptr || desired_ == nullptr) return;
  LastState state;
  state.own = own_;
  for (const auto& [id, check] : desired_->checks) {
    if (id == kNodeCheckId) continue;
    state.checks.push_back({id, check->status, check->output.str()});
  }
  std::string text = WriteLastState(state);
  if (text == written_) return;
  written_ = text;
  keeper_->Put({kLastStateFile, std::move(text)});
}

}  // namespace rollcall::agent
