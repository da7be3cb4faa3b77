#include "dns/udp_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <new>
#include <utility>

#include "dns/udp_batch.h"

namespace rollcall::dns {

namespace {

// After so many batches others of this worker's tasks get their turn.
constexpr int kBatchesPerTurn = 8;

}  // namespace

// Kept alive by its own pending wait, so that one which ends after the server is gone finds it.
class UdpServer::Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(boost::asio::io_context* io, OwnedFd socket, Responder* responder)
      : socket_(*io, socket.Release()),
        responder_(responder),
        batch_(responder->zone().options().max_udp_payload) {}

  void AwaitQueries() {
    socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (error || !self->socket_.is_open()) return;
                         self->OnQueries();
                       });
  }

  void Stop() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  void OnQueries() {
    for (int i = 0; i < kBatchesPerTurn; ++i) {
      const int count = batch_.Receive(socket_.native_handle());
      // Errors are those of earlier answers (a client's port is closed) and pass; EAGAIN: no more.
      if (count <= 0) break;
      for (size_t at = 0; at < static_cast<size_t>(count); ++at) {
        Response response = responder_->Respond(
            {batch_.received(at), Transport::kUdp, batch_.client(at)}, batch_.answer_room());
        if (response.size > 0) batch_.QueueAnswer(at, response.size);
        if (response.pending != nullptr) AnswerLater(at, response.pending);
      }
      if (!SendAll()) return AwaitRoom();
    }
    AwaitQueries();
  }

  void AnswerLater(size_t at, const std::shared_ptr<PendingAnswer>& pending) {
    const auto send = [weak = weak_from_this(),
                       path = batch_.return_path(at)](std::span<const uint8_t> answer) {
      const std::shared_ptr<Loop> self = weak.lock();
      if (self == nullptr || !self->socket_.is_open() || answer.empty()) return;
      if (!path.Send(self->socket_.native_handle(), answer)) {
        self->responder_->counters().send_failures.Add();
      }
    };
    try {
      responder_->Resolve(pending, send);
    } catch (const std::bad_alloc&) {  // for `send` itself; all others still get their answers
      responder_->counters().dropped.Add();
    }
  }

  // False when the socket's buffer is full: the rest is sent when there is room, and until then
  // nothing more is taken in.
  bool SendAll() {
    while (batch_.queued() > 0) {
      const int error = batch_.Send(socket_.native_handle());
      if (error == 0) break;
      if (error == EAGAIN || error == EWOULDBLOCK) return false;
      // This one cannot be sent (ENOBUFS: the interface's queue is full, EPERM: a firewall,
      // ENETUNREACH...). As with any lost datagram, the client asks again.
      batch_.DropFirst();
      responder_->counters().send_failures.Add();
    }
    return true;
  }

  void AwaitRoom() {
    socket_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (error || !self->socket_.is_open()) return;
                         if (self->SendAll()) {
                           self->AwaitQueries();
                         } else {
                           self->AwaitRoom();
                         }
                       });
  }

  boost::asio::posix::stream_descriptor socket_;
  Responder* const responder_;
  UdpBatch batch_;
};

UdpServer::UdpServer(boost::asio::io_context* io, OwnedFd socket, Responder* responder)
    : loop_(std::make_shared<Loop>(io, std::move(socket), responder)) {}

UdpServer::~UdpServer() { Stop(); }

void UdpServer::Start() { loop_->AwaitQueries(); }

void UdpServer::Stop() { loop_->Stop(); }

}  // namespace rollcall::dns
