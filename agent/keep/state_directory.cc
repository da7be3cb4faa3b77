#include "agent/keep/state_directory.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <filesystem>
#include <utility>
#include <variant>

#include "agent/keep/durable_file.h"

namespace rollcall::agent {
namespace {

constexpr const char* kTokensFile = "tokens.json";

// Checks that flap, or that say something else each time, do not keep the disk busy.
constexpr std::chrono::milliseconds kWriteDelay{1000};
constexpr std::chrono::minutes kOutputDelay{1};

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
  const auto absence = keeper_->absence();
  Kept kept = LoadKept(path_, rules, absence && *absence <= trust);
  own_ = kept.last.own;
  found_ = std::to_string(kept.definitions.services.size()) + " services and " +
           std::to_string(kept.definitions.checks.size()) +
           " checks that programs registered, the state of " +
           std::to_string(kept.last.checks.size()) + " checks";
  return kept;
}

void StateDirectory::Begin() {
  has_begun_ = true;
  if (keeper_ == nullptr) return;
  spdlog::info("{} had {}", path_, found_);
  WriteState();
  keeper_->ShowAlive();
}

void StateDirectory::Keep(const KeptChange& change) {
  if (keeper_ == nullptr) return;
  // With its file goes what says that it is ours to take out of the registry.
  if (std::holds_alternative<ForgottenService>(change) ||
      std::holds_alternative<ForgottenCheck>(change)) {
    WriteState();
  }
  FileChange file = FileChangeFor(change);
  changed_files_.insert(file.file);
  keeper_->Put(std::move(file));
}

void StateDirectory::KeepTokens(std::string text) {
  if (keeper_ == nullptr) return;
  changed_files_.insert(kTokensFile);
  keeper_->Put({kTokensFile, std::move(text)});
}

std::string StateDirectory::LoadTokens() const {
  if (keeper_ == nullptr) return "";
  const std::string file = path_ + "/" + kTokensFile;
  if (!std::filesystem::exists(file)) return "";
  const Result<std::string> text = ReadWholeFile(file);
  if (!text) spdlog::error("{}; tokens that were kept are not used", text.error().message);
  return text ? *text : "";
}

void StateDirectory::WhenKept(std::function<void(const Result<void>&)> done) {
  if (keeper_ == nullptr) return done({});
  keeper_->WhenWritten(std::exchange(changed_files_, {}),
                       [&loop = loop_, done = std::move(done)](const Result<void>& written) {
                         boost::asio::post(loop, [done, written] { done(written); });
                       });
}

void StateDirectory::Note(std::shared_ptr<const DesiredState> desired) {
  const OwnIds ids = IdsOf(*desired);
  own_.instances.insert(ids.instances.begin(), ids.instances.end());
  own_.checks.insert(ids.checks.begin(), ids.checks.end());
  desired_ = std::move(desired);
  ArmWrite(kWriteDelay);
}

void StateDirectory::NoteSynced(const DesiredState& desired) {
  if (desired_.get() != &desired) return;  // there is news already
  own_ = IdsOf(desired);
  ArmWrite(kWriteDelay);
}

void StateDirectory::ArmWrite(std::chrono::milliseconds delay) {
  if (keeper_ == nullptr || std::exchange(write_armed_, true)) return;
  write_.expires_after(delay);
  write_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    write_armed_ = false;
    OnTimer();
  });
}

void StateDirectory::OnTimer() {
  if (!has_begun_) return;  // Begin writes
  const auto now = std::chrono::steady_clock::now();
  if (now - written_at_ < kOutputDelay && UrgentPart() == written_) return ArmWrite(kWriteDelay);
  WriteState();
}

std::string StateDirectory::UrgentPart() const {
  std::string text;
  for (const IdSet* ids : {&own_.instances, &own_.checks}) {
    for (const std::string& id : *ids) text += id + '\n';
    text += '\n';
  }
  if (desired_ == nullptr) return text;
  for (const auto& [id, check] : desired_->checks) {
    text += id + ' ' + std::string(model::ToString(check->status)) + '\n';
  }
  return text;
}

void StateDirectory::WriteState() {
  if (keeper_ == nullptr || !has_begun_) return;
  LastState state;
  state.own = own_;
  if (desired_ != nullptr) {
    for (const auto& [id, check] : desired_->checks) {
      if (id == kNodeCheckId) continue;
      state.checks.push_back({id, check->status, check->output.str()});
    }
  }
  written_ = UrgentPart();
  written_at_ = std::chrono::steady_clock::now();
  keeper_->Put({kLastStateFile, WriteLastState(state)});
}

}  // namespace rollcall::agent
