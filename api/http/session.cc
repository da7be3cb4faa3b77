#include "api/http/session.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "api/http/gzip.h"
#include "api/http/router.h"
#include "api/http/session_exchange.h"

namespace rollcall::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

// How much a client may send after its last answer before the connection is cut: enough for one
// that sends the whole of an oversized body before it reads.
constexpr size_t kMaxDiscarded = 16 * 1024 * 1024;
// How much is kept of what a client sends while its request is being handled. Beyond it the rest
// stays in the socket, and a client that goes away is not noticed before the answer.
constexpr size_t kMaxPipelined = 64 * 1024;

bool WouldBlock(const ErrorCode& error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::interrupted;
}

}  // namespace

Session::Session(std::shared_ptr<SessionSet> set, Socket socket, std::string remote_address,
                 Admission admission)
    : set_(std::move(set)),
      socket_(std::move(socket)),
      remote_address_(std::move(remote_address)),
      admission_(admission) {
  ErrorCode ignored;  // a socket that broke meanwhile says so when it is read
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Session::Start() {
  place_ = set_->Add(shared_from_this());
  set_->deadlines.Begin(*this, DeadlineKind::kIdle);
  WaitReadable();
}

void Session::Refuse(Response response) {
  place_ = set_->AddRefused(shared_from_this());
  Send(std::move(response), After::kClose);
}

void Session::Close() {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  state_ = State::kClosed;
  set_->deadlines.End(*this);
  ErrorCode ignored;
  socket_.close(ignored);
  reader_.reset();
  incoming_.reset();
  outgoing_.reset();
  pipelined_ = {};
  if (const auto exchange = exchange_.lock()) exchange->NotifyClosed();
  exchange_.reset();
  if (admission_ == Admission::kCounted) set_->counts->Leave(remote_address_);
  set_->Remove(place_);
}

void Session::BeginDrain() {
  if (state_ == State::kIdle) {
    // A request that has arrived but was not read yet is still answered.
    char byte = 0;
    const ssize_t waiting = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (waiting <= 0) Close();
  } else if (state_ == State::kHandling) {
    if (const auto exchange = exchange_.lock()) exchange->NotifyShutdown();
  }
}

void Session::OnDeadline(DeadlineKind kind) {
  const bool requesting = kind == DeadlineKind::kHeader || kind == DeadlineKind::kBody;
  if (requesting && state_ == State::kReading) {
    RefuseRequest({408, kind == DeadlineKind::kHeader ? "Request header not received in time"
                                                      : "Request body not received in time"});
    return;
  }
  // What the client has not taken by now is not worth keeping in the kernel either.
  ErrorCode ignored;
  if (kind == DeadlineKind::kWrite) {
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  }
  Close();
}

// ---- receiving

void Session::Guard(void (Session::*step)()) {
  try {
    (this->*step)();
  } catch (const std::exception& error) {
    spdlog::error("http: connection from {} closed: {}", remote_address_, error.what());
    Close();
  }
}

void Session::WaitReadable() {
  if (read_wait_pending_ || state_ == State::kClosed) return;
  read_wait_pending_ = true;
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this()](const ErrorCode& error) {
                       self->read_wait_pending_ = false;
                       if (self->state_ == State::kClosed) return;
                       if (error) return self->Close();
                       self->Guard(&Session::OnReadable);
                     });
}

void Session::OnReadable() {
  switch (state_) {
    case State::kIdle:
    case State::kReading:
      return Receive();
    case State::kHandling:
      return NoticePeer();
    case State::kLingering:
      return Discard();
    case State::kWriting:  // read when the answer is out
    case State::kClosed:
      return;
  }
}

// Reads once into the set's read room. 0 bytes: nothing there yet, or (`ended`) the client has
// closed its side; when the connection is broken it has been closed here.
size_t Session::ReceiveSome(bool& ended) {
  ErrorCode error;
  const size_t size = socket_.read_some(asio::buffer(set_->read_room), error);
  ended = error == asio::error::eof;
  if (error && !ended && !WouldBlock(error)) Close();
  return error ? 0 : size;
}

void Session::Receive() {
  bool ended = false;
  const size_t size = ReceiveSome(ended);
  if (state_ == State::kClosed) return;
  if (ended) return Close();
  Process({set_->read_room.data(), size});
}

void Session::Discard() {
  bool ended = false;
  discarded_ += ReceiveSome(ended);
  if (ended || discarded_ > kMaxDiscarded) return Close();
  WaitReadable();
}

// Something happened on the socket while the request is being handled: the client has gone, or has
// sent its next request already, which must wait.
void Session::NoticePeer() {
  bool ended = false;
  const size_t size = ReceiveSome(ended);
  if (state_ == State::kClosed) return;
  if (ended) {
    peer_ended_ = true;
    const auto exchange = exchange_.lock();
    if (exchange != nullptr && exchange->has_closed_hook()) Close();
    return;
  }
  pipelined_.append(set_->read_room.data(), size);
  if (pipelined_.size() < kMaxPipelined) WaitReadable();
}

void Session::WatchPeer() {
  if (state_ != State::kHandling) return;
  watched_ = true;
  if (peer_ended_) {
    // Noticed before the hook was there. It must not be called from within OnClosed.
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Close(); });
    return;
  }
  if (pipelined_.size() < kMaxPipelined) WaitReadable();
}

// ---- requests

// Takes requests from `input` as long as each one is answered at once; what follows an unanswered
// one is kept. `input` may point into the read room, which stays untouched while this runs.
void Session::Process(std::string_view input) {
  const auto self = shared_from_this();
  processing_ = true;
  while ((state_ == State::kIdle || state_ == State::kReading) && ConsumeRequest(input)) {
  }
  processing_ = false;
  if (state_ == State::kIdle || state_ == State::kReading) {
    WaitReadable();
  } else if (state_ == State::kHandling || state_ == State::kWriting) {
    if (!close_after_) pipelined_.assign(input);
  }
}

// False when there is nothing to do before more bytes come.
bool Session::ConsumeRequest(std::string_view& input) {
  if (state_ == State::kIdle) {
    // Empty lines before a request are ignored (RFC 9112 section 2.2).
    input.remove_prefix(std::min(input.find_first_not_of("\r\n"), input.size()));
  }
  if (input.empty()) return false;
  const bool is_new = state_ == State::kIdle;
  if (is_new) BeginRequest();
  const RequestReader::State before = reader_->state();
  const RequestReader::State now = reader_->Consume(input);
  switch (now) {
    case RequestReader::State::kComplete:
      Dispatch();
      return true;
    case RequestReader::State::kFailed:
      RefuseRequest(reader_->failure());
      return true;
    case RequestReader::State::kBody:
      if (before == now) return false;
      set_->deadlines.Begin(*this, DeadlineKind::kBody);
      if (reader_->TakeContinue()) SendContinue();
      return false;
    case RequestReader::State::kHead:
      // Most requests come whole and never get here.
      if (is_new) set_->deadlines.Begin(*this, DeadlineKind::kHeader);
      return false;
  }
  return false;
}

void Session::BeginRequest() {
  incoming_ = std::make_shared<SessionExchange>(set_->loop, weak_from_this(), remote_address_);
  reader_ = std::make_unique<RequestReader>(incoming_->mutable_request(), set_->limits);
  state_ = State::kReading;
}

void Session::SendContinue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  size_t sent = 0;
  // All earlier answers are out, so the socket has room for a line unless the client reads nothing.
  if (!SendSome(kContinue, {}, sent) || sent != kContinue.size()) Close();
}

void Session::Dispatch() {
  set_->deadlines.End(*this);
  reader_.reset();
  const std::shared_ptr<SessionExchange> exchange = std::exchange(incoming_, nullptr);
  exchange_ = exchange;
  Request& request = exchange->mutable_request();
  keep_alive_ = request.keep_alive();
  old_protocol_ = request.minor_version() == 0;
  head_only_ = request.method() == Method::kHead;
  wants_gzip_ = WantsGzip(request);
  close_after_ = false;
  watched_ = false;
  dispatched_ = std::chrono::steady_clock::now();
  state_ = State::kHandling;
  exchange->Open();
  const Router::Match match = set_->router.Find(request.method(), request.raw_path());
  if (match.route == nullptr) return exchange->Respond(AnswerWithoutRoute(match, request));
  request.BindPath(match.parameters);
  exchange->Guard([&] { match.route->handler(exchange); });
}

// Answers a request that was not understood; the connection ends with it.
void Session::RefuseRequest(const RequestReader::Failure& failure) {
  Response response = TextResponse(failure.status, failure.text);
  reader_.reset();
  incoming_.reset();
  head_only_ = false;
  Send(std::move(response), After::kClose);
}

// ---- answers

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

void Session::Send(Response response, After after) {
  const auto self = shared_from_this();
  close_after_ = after == After::kClose;
  state_ = State::kWriting;
  set_->counters.CountAnswer(response.status);
  Framing framing;
  if (close_after_) {
    framing.connection = Framing::Connection::kClose;
  } else if (old_protocol_) {
    framing.connection = Framing::Connection::kKeepAlive;
  }
  std::string& head = set_->head_room;
  head.clear();
  AppendHead(response, framing, head);
  const bool has_content = !head_only_ && StatusHasContent(response.status);
  std::string_view content = has_content ? response.body.view() : std::string_view();
  size_t sent = 0;
  if (!SendSome(head, content, sent)) return Close();
  if (sent == head.size() + content.size()) return FinishAnswer();
  outgoing_ = std::make_unique<Outgoing>();
  outgoing_->head = head;
  outgoing_->body = std::move(response.body);
  if (has_content) outgoing_->content = outgoing_->body.view();
  outgoing_->sent = sent;
  set_->deadlines.Begin(*this, DeadlineKind::kWrite);
  WaitWritable();
}

bool Session::SendSome(std::string_view head, std::string_view content, size_t& sent) {
  const size_t total = head.size() + content.size();
  while (sent < total) {
    const std::string_view head_left = head.substr(std::min(sent, head.size()));
    const std::string_view content_left = content.substr(sent - std::min(sent, head.size()));
    const std::array<asio::const_buffer, 2> buffers = {
        asio::const_buffer(head_left.data(), head_left.size()),
        asio::const_buffer(content_left.data(), content_left.size())};
    ErrorCode error;
    sent += socket_.write_some(buffers, error);
    if (WouldBlock(error)) return true;
    if (error) return false;
  }
  return true;
}

void Session::WaitWritable() {
  socket_.async_wait(asio::socket_base::wait_write,
                     [self = shared_from_this()](const ErrorCode& error) {
                       if (self->state_ != State::kWriting) return;
                       if (error) return self->Close();
                       self->Guard(&Session::ContinueSending);
                     });
}

void Session::ContinueSending() {
  const size_t before = outgoing_->sent;
  if (!SendSome(outgoing_->head, outgoing_->content, outgoing_->sent)) return Close();
  if (outgoing_->sent == outgoing_->head.size() + outgoing_->content.size()) {
    outgoing_.reset();
    return FinishAnswer();
  }
  if (outgoing_->sent != before) set_->deadlines.Begin(*this, DeadlineKind::kWrite);
  WaitWritable();
}

void Session::FinishAnswer() {
  if (close_after_) {
    ErrorCode error;
    socket_.shutdown(asio::socket_base::shutdown_send, error);
    if (error || peer_ended_) return Close();
    state_ = State::kLingering;
    pipelined_ = {};
    set_->deadlines.Begin(*this, DeadlineKind::kLinger);
    return WaitReadable();
  }
  state_ = State::kIdle;
  set_->deadlines.Begin(*this, DeadlineKind::kIdle);
  if (processing_) return;
  const std::string input = std::exchange(pipelined_, {});
  Process(input);
}

}  // namespace rollcall::http
