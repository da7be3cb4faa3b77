// SocketPoller: tells the sessions of one worker when their sockets are ready.
//
// A socket is registered once and watched by its edges (epoll(7), EPOLLET): its member is told of
// what is new since it was told last, and remembers it until a call says EAGAIN. Asio's own wait
// arms a socket anew each time, which costs every request a system call. Here the loop waits for
// all sockets together, and one such wait serves all that are ready by then.
//
// Worker's thread. Owned by the SessionSet; the pending wait finds out when it has gone.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace rollcall::http {

class SocketPoller {
 public:
  // What is new on a socket.
  struct Ready {
    bool input = false;   // there may be something to read
    bool output = false;  // it may take bytes again
    bool ended = false;   // nothing will come after what is there: the client has gone, or closed
                          // its sending side
  };

  class Member {
   public:
    // Throws nothing. May forget any member, itself included.
    virtual void OnReady(Ready ready) noexcept = 0;

   protected:
    ~Member() = default;
  };

  // Throws std::system_error when there is no descriptor for it.
  explicit SocketPoller(boost::asio::io_context& loop);
  ~SocketPoller();
  SocketPoller(const SocketPoller&) = delete;
  SocketPoller& operator=(const SocketPoller&) = delete;

  // Tells `member` of input from now on, and of what is there already. False when the kernel has no
  // memory for it. Forget is to follow.
  [[nodiscard]] bool Add(int socket, Member& member);
  // Tells of room for output, too; of some that is there already at once.
  [[nodiscard]] bool AlsoWatchOutput(int socket, Member& member);
  // The member, whose socket is about to be closed, is told of nothing any more. Closing alone is
  // not enough: a process that another thread begins holds a copy of every descriptor until it
  // executes its program, and so long the kernel keeps what was registered (epoll(7)).
  void Forget(int socket, const Member& member);

 private:
  // How many are told for one wait, and for how long at a stretch: in between the loop's other
  // tasks (DNS) get their turns.
  static constexpr size_t kMaxPerWait = 64;
  static constexpr std::chrono::milliseconds kTurn{2};
  struct Wait;

  void WaitForNext();
  void TellReady();
  // Tells the rest of those that are ready, as far as the turn goes.
  void TellRest();

  std::array<epoll_event, kMaxPerWait> ready_{};
  size_t ready_count_ = 0;  // of the last wait
  size_t told_ = 0;         // so many of them have been told
  const std::shared_ptr<Wait> wait_;
};

}  // namespace rollcall::http
