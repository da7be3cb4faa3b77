#include "registry/store/etcd/etcd_log.h"

#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "registry/store/etcd/loader.h"

namespace rollcall::store {

EtcdLog::EtcdLog(EtcdOptions options, const Clock* clock, std::function<uint64_t()> random)
    : options_(std::move(options)),
      new_log_(LogFormat::Make(random)),
      io_(std::make_shared<boost::asio::io_context>(1)),
      work_(io_->get_executor()) {
  const uint64_t run = random();
  follower_ = std::make_unique<EtcdFollower>(
      io_, options_, EtcdFollower::Environment{clock, std::move(random), run});
  thread_ = std::thread([this] { io_->run(); });
}

EtcdLog::~EtcdLog() {
  Stop();
  boost::asio::post(*io_, [this] {
    follower_.reset();
    work_.reset();
  });
  // Ends when the last call that was under way has ended.
  thread_.join();
}

Result<Position> EtcdLog::Load(const KeySink& sink, const std::stop_token& given_up) {
  EtcdLoader loader(io_, options_, *format_.Lock(), new_log_, given_up);
  auto loaded = loader.Load(sink);
  if (!loaded) return std::move(loaded).error();
  *format_.Lock() = std::move(loaded->format);
  return std::move(loaded->position);
}

void EtcdLog::Follow(Position position, SharedLogListener* listener) {
  boost::asio::post(
      *io_, [this, position = std::move(position), format = *format_.Lock(), listener]() mutable {
        follower_->Follow(std::move(position), std::move(format), listener);
      });
}

void EtcdLog::Stop() {
  const auto stopped = std::make_shared<std::promise<void>>();
  auto end = stopped->get_future();
  if (std::this_thread::get_id() == thread_.get_id()) {
    follower_->Silence();
    boost::asio::post(*io_, [this] { follower_->Stop([] {}); });
    return;
  }
  boost::asio::post(*io_,
                    [this, stopped] { follower_->Stop([stopped] { stopped->set_value(); }); });
  end.wait();
}

void EtcdLog::Propose(Proposal proposal) {
  boost::asio::post(*io_, [this, proposal = std::move(proposal)]() mutable {
    follower_->Propose(std::move(proposal));
  });
}

void EtcdLog::ReadHead(std::function<void(Result<Index>)> done) {
  boost::asio::post(
      *io_, [this, done = std::move(done)]() mutable { follower_->ReadHead(std::move(done)); });
}

void EtcdLog::Compact(Index before) {
  boost::asio::post(*io_, [this, before] { follower_->Compact(before); });
}

}  // namespace rollcall::store
