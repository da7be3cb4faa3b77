#include "api/http/socket_poller.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>

namespace rollcall::http {
namespace {

namespace asio = boost::asio;

constexpr uint32_t kInput = EPOLLIN | EPOLLRDHUP | EPOLLET;

bool Control(int poller, int operation, int socket, uint32_t events, SocketPoller::Member& member) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &member;
  return ::epoll_ctl(poller, operation, socket, &event) == 0;
}

int OpenPoller() {
  const int poller = ::epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
  return poller;
}

SocketPoller::Ready ReadyOf(uint32_t events) {
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  return {.input = broken || (events & (EPOLLIN | EPOLLRDHUP)) != 0,
          .output = broken || (events & EPOLLOUT) != 0,
          .ended = broken || (events & EPOLLRDHUP) != 0};
}

}  // namespace

// The epoll instance as one descriptor of the loop, which is readable while a socket is ready.
struct SocketPoller::Wait {
  Wait(asio::io_context& loop, SocketPoller* its_owner)
      : poller(loop, OpenPoller()), owner(its_owner) {}

  asio::posix::stream_descriptor poller;
  SocketPoller* owner;
};

SocketPoller::SocketPoller(asio::io_context& loop) : wait_(std::make_shared<Wait>(loop, this)) {
  WaitForNext();
}

SocketPoller::~SocketPoller() {
  wait_->owner = nullptr;
  boost::system::error_code ignored;
  wait_->poller.close(ignored);
}

bool SocketPoller::Add(int socket, Member& member) {
  return Control(wait_->poller.native_handle(), EPOLL_CTL_ADD, socket, kInput, member);
}

bool SocketPoller::AlsoWatchOutput(int socket, Member& member) {
  return Control(wait_->poller.native_handle(), EPOLL_CTL_MOD, socket, kInput | EPOLLOUT, member);
}

void SocketPoller::Forget(int socket, const Member& member) {
  ::epoll_ctl(wait_->poller.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (size_t i = told_; i < ready_count_; ++i) {
    if (ready_[i].data.ptr == &member) ready_[i].data.ptr = nullptr;
  }
}

void SocketPoller::WaitForNext() {
  wait_->poller.async_wait(asio::posix::stream_descriptor::wait_read,
                           [wait = wait_](const boost::system::error_code& error) {
                             if (error || wait->owner == nullptr) return;
                             wait->owner->TellReady();
                           });
}

void SocketPoller::TellReady() {
  const int count = ::epoll_wait(wait_->poller.native_handle(), ready_.data(),
                                 static_cast<int>(ready_.size()), 0);
  ready_count_ = count > 0 ? static_cast<size_t>(count) : 0;
  told_ = 0;
  TellRest();
}

void SocketPoller::TellRest() {
  const std::shared_ptr<Wait> wait = wait_;  // a member may end the server, and so this poller
  const auto end = std::chrono::steady_clock::now() + kTurn;
  while (told_ < ready_count_) {
    const epoll_event event = ready_[told_++];
    if (event.data.ptr == nullptr) continue;
    static_cast<Member*>(event.data.ptr)->OnReady(ReadyOf(event.events));
    if (wait->owner == nullptr) return;
    if (told_ < ready_count_ && std::chrono::steady_clock::now() >= end) {
      return asio::post(wait->poller.get_executor(), [wait] {
        if (wait->owner != nullptr) wait->owner->TellRest();
      });
    }
  }
  WaitForNext();
}

}  // namespace rollcall::http
