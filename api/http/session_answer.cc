// What a session sends: answers, whole or streamed, and the end of the connection behind the last
// one. What it receives is in session.cc.
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "api/http/gzip.h"
#include "api/http/session.h"
#include "api/http/session_exchange.h"
#include "api/http/session_stream.h"

namespace rollcall::http {
namespace {

namespace asio = boost::asio;

// Content up to this size is copied behind its head: one piece is sent faster than two.
constexpr size_t kMaxJoined = 4 * 1024;

}  // namespace

void Session::Answer(Response response) {
  if (state_ != State::kHandling) return;  // the connection has gone
  if (!watched_) set_->counters.latency.Observe(std::chrono::steady_clock::now() - dispatched_);
  exchange_.reset();
  try {
    const bool keep = keep_alive_ && !set_->draining();
    if (wants_gzip_) CompressIfWorthwhile(response);
    Send(std::move(response), keep ? After::kKeepOpen : After::kClose);
  } catch (const std::exception& error) {
    spdlog::error("http: connection from {} closed: {}", remote_address_, error.what());
    Close();
  }
}

Framing Session::BeginAnswer(After after) {
  close_after_ = after == After::kClose;
  Framing framing;
  if (close_after_) {
    framing.connection = Framing::Connection::kClose;
  } else if (old_protocol_) {
    framing.connection = Framing::Connection::kKeepAlive;
  }
  return framing;
}

void Session::Send(Response response, After after) {
  SendFramed(std::move(response), BeginAnswer(after));
}

void Session::SendFramed(Response response, const Framing& framing) {
  const auto self = shared_from_this();
  state_ = State::kWriting;
  set_->counters.CountAnswer(response.status);
  std::string& head = set_->head_room;
  head.clear();
  AppendHead(response, framing, head);
  Parts parts;
  if (!head_only_ && StatusHasContent(response.status)) {
    const std::string_view content = response.body.view();
    if (content.size() <= kMaxJoined) {
      head.append(content);
    } else {
      parts.content = content;
      parts.file = response.body.file();
    }
  }
  parts.head = head;
  size_t sent = 0;
  if (!transport_.Send(parts, sent)) return Close();
  if (sent == parts.size()) return FinishAnswer();
  outgoing_ = std::make_unique<Outgoing>();
  outgoing_->head = head;
  outgoing_->parts = {.head = outgoing_->head, .file = parts.file};
  if (!parts.content.empty()) {
    outgoing_->body = std::move(response.body);
    outgoing_->parts.content = outgoing_->body.view();
  }
  outgoing_->sent = sent;
  set_->deadlines.Begin(*this, DeadlineKind::kWrite);
  WaitWritable();
}

void Session::WaitWritable() {
  waits_to_write_ = true;
  if (watches_output_) return;
  watches_output_ = set_->poller.AlsoWatchOutput(transport_.socket(), *this);
  // Not at once: a stream may be in the middle of a call of its writer.
  if (!watches_output_) asio::post(set_->loop, [self = shared_from_this()] { self->Close(); });
}

void Session::OnWritable() {
  if (state_ == State::kWriting) return ContinueSending();
  if (state_ == State::kStreaming) return FlushStream();
  if (state_ == State::kLingering) EndConnection();
}

void Session::ContinueSending() {
  const size_t before = outgoing_->sent;
  if (!transport_.Send(outgoing_->parts, outgoing_->sent)) return Close();
  if (outgoing_->sent == outgoing_->parts.size()) {
    outgoing_.reset();
    return FinishAnswer();
  }
  if (outgoing_->sent != before) set_->deadlines.Begin(*this, DeadlineKind::kWrite);
  WaitWritable();
}

// ---- streamed answers

std::shared_ptr<ResponseStream> Session::AnswerStream(Response head) {
  if (state_ != State::kHandling) return nullptr;  // the connection has gone
  const bool keep = keep_alive_ && !old_protocol_ && !set_->draining();
  Framing framing = BeginAnswer(keep ? After::kKeepOpen : After::kClose);
  framing.length = old_protocol_ ? Framing::Length::kUntilClose : Framing::Length::kChunked;
  exchange_.reset();
  if (head_only_) {
    SendFramed(std::move(head), framing);
    return nullptr;
  }
  state_ = State::kStreaming;
  set_->counters.CountAnswer(head.status);
  const auto stream = std::make_shared<SessionStream>(
      set_->loop, weak_from_this(),
      SessionStream::Options{framing.length, set_->limits.max_stream_bytes});
  std::string& room = set_->head_room;
  room.clear();
  AppendHead(head, framing, room);
  stream->BeginWith(room);
  stream_ = stream;
  WatchPeer();
  FlushStream();
  if (set_->draining()) EndStream();
  return stream;
}

void Session::FlushStream() {
  const auto stream = stream_.lock();
  if (state_ != State::kStreaming || stream == nullptr) return;
  size_t sent = 0;
  if (!transport_.Send({.head = stream->queue()}, sent)) {
    // Not at once: the stream may be in the middle of a call of its writer.
    asio::post(set_->loop, [self = shared_from_this()] { self->Close(); });
    return;
  }
  stream->TakeSent(sent);
  if (stream->queued_bytes() > 0) {
    if (stream->has_ended()) ending_stream_ = stream;
    if (sent > 0 || !is_linked()) set_->deadlines.Begin(*this, DeadlineKind::kWrite);
    return WaitWritable();
  }
  set_->deadlines.End(*this);
  if (!stream->has_ended()) return;
  stream_.reset();
  ending_stream_.reset();
  FinishAnswer();
}

// The server's end of it, in good order.
void Session::EndStream() {
  close_after_ = true;
  const auto stream = stream_.lock();
  if (stream == nullptr) return;
  stream->Finish();
  FlushStream();
}

void Session::AbortStream() {
  if (state_ == State::kStreaming) Cut();
}

void Session::FinishAnswer() {
  if (close_after_) {
    state_ = State::kLingering;
    pipelined_ = {};
    return EndConnection();
  }
  state_ = State::kIdle;
  set_->deadlines.Begin(*this, DeadlineKind::kIdle);
  if (processing_) return;
  const std::string input = std::exchange(pipelined_, {});
  Process(input);
}

// The last answer is out. The word that ends TLS may have to wait for the client to take that.
void Session::EndConnection() {
  switch (transport_.EndSending()) {
    case Transport::Ending::kBroken:
      return Close();
    case Transport::Ending::kWaits:
      set_->deadlines.Begin(*this, DeadlineKind::kWrite);
      return WaitWritable();
    case Transport::Ending::kDone:
      if (peer_ended_) return Close();
      set_->deadlines.Begin(*this, DeadlineKind::kLinger);
      return WaitReadable();
  }
}

}  // namespace rollcall::http
