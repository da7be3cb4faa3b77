#include "dns/tcp_session.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace rollcall::dns {

namespace {

constexpr size_t kLengthSize = 2;  // RFC 1035 section 4.2.2
// Enough for many pipelined queries at once; a longer one makes the buffer grow to its size.
constexpr size_t kInputSize = 2048;
// Answers beyond this wait until the client has taken those before.
constexpr size_t kMaxOutput = 128 * 1024;
// Queries of one connection that may wait for recursors.
constexpr size_t kMaxAwaited = 100;

size_t LengthAt(const std::vector<uint8_t>& octets, size_t at) {
  return static_cast<size_t>(octets[at] << 8 | octets[at + 1]);
}

}  // namespace

TcpSession::TcpSession(boost::asio::ip::tcp::socket socket, Responder* responder,
                       std::span<uint8_t> answer_room, std::function<void(TcpSession*)> on_end)
    : socket_(std::move(socket)),
      idle_(socket_.get_executor()),
      responder_(responder),
      answer_room_(answer_room),
      on_end_(std::move(on_end)),
      input_(kInputSize) {}

void TcpSession::Start() {
  boost::system::error_code error;
  const boost::asio::ip::tcp::endpoint peer = socket_.remote_endpoint(error);
  if (error) return End();  // gone already
  const boost::asio::ip::address& address = peer.address();
  client_ = address.is_v4() ? IpAddress(address.to_v4().to_bytes())
                            : Unmapped(address.to_v6().to_bytes());
  RestartIdleTimer();
  Read();
}

void TcpSession::Stop() {
  on_end_ = nullptr;
  boost::system::error_code ignored;
  socket_.close(ignored);
  idle_.cancel();
}

void TcpSession::End() {
  if (!on_end_) return;
  const auto on_end = std::exchange(on_end_, nullptr);
  Stop();
  on_end(this);
}

void TcpSession::RestartIdleTimer() {
  idle_.expires_after(responder_->zone().options().tcp.idle_timeout);
  idle_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || !self->on_end_ || self->idle_.expiry() > std::chrono::steady_clock::now()) return;
    // Recursors take their time, which the forwarder limits.
    if (self->awaited_ > 0 && !self->writing_) return self->RestartIdleTimer();
    self->End();
  });
}

void TcpSession::Read() {
  MakeRoom();
  reading_ = true;
  socket_.async_read_some(
      boost::asio::buffer(input_.data() + end_, input_.size() - end_),
      [self = shared_from_this()](const boost::system::error_code& error, size_t count) {
        if (!self->on_end_) return;
        self->reading_ = false;
        // A client may end its side and still take what it has asked for.
        if (error && error != boost::asio::error::eof) return self->End();
        if (error) self->no_more_queries_ = true;
        self->end_ += count;
        self->Proceed();
      });
}

void TcpSession::Write() {
  writing_ = true;
  sending_.swap(output_);
  boost::asio::async_write(
      socket_, boost::asio::buffer(sending_),
      [self = shared_from_this()](const boost::system::error_code& error, size_t /*count*/) {
        if (!self->on_end_) return;
        if (error) return self->End();
        self->writing_ = false;
        self->sending_.clear();
        self->RestartIdleTimer();
        self->Proceed();
      });
}

void TcpSession::Proceed() {
  AnswerQueries();
  if (writing_) return;
  if (!output_.empty()) return Write();
  if (no_more_queries_ && awaited_ == 0) return End();
  if (!no_more_queries_ && !reading_ && awaited_ < kMaxAwaited) Read();
}

void TcpSession::AnswerQueries() {
  std::span<const uint8_t> query;
  bool any = false;
  answering_ = true;
  while (output_.size() < kMaxOutput && awaited_ < kMaxAwaited && NextQuery(&query)) {
    any = true;
    Response response = responder_->Respond({query, Transport::kTcp, client_}, answer_room_);
    if (response.size > 0) Append(answer_room_.first(response.size));
    if (response.pending != nullptr) AnswerLater(response.pending);
  }
  answering_ = false;
  if (any) RestartIdleTimer();
}

void TcpSession::Append(std::span<const uint8_t> answer) {
  output_.push_back(static_cast<uint8_t>(answer.size() >> 8));
  output_.push_back(static_cast<uint8_t>(answer.size() & 0xff));
  output_.insert(output_.end(), answer.begin(), answer.end());
}

void TcpSession::AnswerLater(const std::shared_ptr<PendingAnswer>& pending) {
  ++awaited_;
  responder_->Resolve(pending, [weak = weak_from_this()](std::span<const uint8_t> answer) {
    const std::shared_ptr<TcpSession> self = weak.lock();
    if (self == nullptr || !self->on_end_) return;
    --self->awaited_;
    if (!answer.empty()) self->Append(answer);
    if (!self->answering_) self->Proceed();
  });
}

bool TcpSession::NextQuery(std::span<const uint8_t>* query) {
  if (end_ - begin_ < kLengthSize) return false;
  const size_t length = LengthAt(input_, begin_);
  if (end_ - begin_ - kLengthSize < length) return false;
  *query = std::span<const uint8_t>(input_).subspan(begin_ + kLengthSize, length);
  begin_ += kLengthSize + length;
  return true;
}

// Moves what is left to the front, and sees to it that the query that it begins can be completed.
void TcpSession::MakeRoom() {
  std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_),
            input_.begin() + static_cast<std::ptrdiff_t>(end_), input_.begin());
  end_ -= begin_;
  begin_ = 0;
  if (end_ < kLengthSize) return;
  const size_t needed = kLengthSize + LengthAt(input_, 0);
  if (needed > input_.size()) input_.resize(needed);
}

}  // namespace rollcall::dns
