#include "api/http/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "api/http/gzip.h"
#include "api/http/router.h"
#include "api/http/session_exchange.h"
#include "api/http/session_stream.h"

namespace rollcall::http {
namespace {

namespace asio = boost::asio;

// How much a client may send after its last answer before the connection is cut: enough for one
// that sends the whole of an oversized body before it reads.
constexpr size_t kMaxDiscarded = 16 * 1024 * 1024;
// How much is kept of what a client sends while its request is being handled. Beyond it the rest
// stays in the socket, and a client that goes away is not noticed before the answer.
constexpr size_t kMaxPipelined = 64 * 1024;

}  // namespace

Session::Session(std::shared_ptr<SessionSet> set, Transport transport, std::string remote_address,
                 Admission admission)
    : set_(std::move(set)),
      transport_(std::move(transport)),
      remote_address_(std::move(remote_address)),
      admission_(admission) {}

void Session::Start() {
  place_ = set_->Add(shared_from_this());
  if (!Register()) return;
  if (transport_.tls() != nullptr) return BeginHandshake();
  set_->deadlines.Begin(*this, DeadlineKind::kIdle);
  WaitReadable();
}

void Session::Refuse(Response response) {
  place_ = set_->AddRefused(shared_from_this());
  if (Register()) Send(std::move(response), After::kClose);
}

bool Session::Register() {
  if (set_->poller.Add(transport_.socket(), *this)) return true;
  spdlog::error("http: connection from {} closed: it cannot be watched", remote_address_);
  Close();
  return false;
}

void Session::Close() {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  const bool in_answer = state_ == State::kWriting || state_ == State::kStreaming;
  if (state_ == State::kHandshaking) set_->counters.tls_failed.Add();
  state_ = State::kClosed;
  set_->deadlines.End(*this);
  set_->poller.Forget(transport_.socket(), *this);
  transport_.Close(in_answer ? Transport::Farewell::kNone : Transport::Farewell::kSay);
  reader_.reset();
  incoming_.reset();
  outgoing_.reset();
  pipelined_ = {};
  if (const auto exchange = exchange_.lock()) exchange->NotifyClosed();
  exchange_.reset();
  if (const auto stream = stream_.lock()) stream->NotifyClosed();
  stream_.reset();
  ending_stream_.reset();
  if (admission_ == Admission::kCounted) set_->counts->Leave(remote_address_);
  set_->Remove(place_);
}

void Session::BeginDrain() {
  if (state_ == State::kIdle) {
    // A request that has arrived but was not read yet is still answered.
    if (!transport_.HasInput()) Close();
  } else if (state_ == State::kHandling) {
    if (const auto exchange = exchange_.lock()) exchange->NotifyShutdown();
  } else if (state_ == State::kStreaming) {
    EndStream();
  }
}

void Session::OnDeadline(DeadlineKind kind) {
  const bool requesting = kind == DeadlineKind::kHeader || kind == DeadlineKind::kBody;
  if (requesting && state_ == State::kReading) {
    RefuseRequest({408, kind == DeadlineKind::kHeader ? "Request header not received in time"
                                                      : "Request body not received in time"});
    return;
  }
  if (kind == DeadlineKind::kWrite) return Cut();
  Close();
}

// What the client has not taken by now is not worth keeping in the kernel either, and it is to know
// that a part is missing.
void Session::Cut() {
  transport_.Cut();
  Close();
}

// ---- receiving

void Session::OnReady(SocketPoller::Ready ready) noexcept {
  const auto self = shared_from_this();
  ready = transport_.Meaning(ready);
  has_input_ = has_input_ || ready.input;
  input_ended_ = input_ended_ || ready.ended;
  if (ready.output && std::exchange(waits_to_write_, false)) Guard(&Session::OnWritable);
  ReadIfWanted();
}

void Session::Guard(void (Session::*step)()) noexcept {
  try {
    (this->*step)();
  } catch (const std::exception& error) {
    spdlog::error("http: connection from {} closed: {}", remote_address_, error.what());
    Close();
  }
}

void Session::WaitReadable() {
  if (state_ == State::kClosed || std::exchange(waits_to_read_, true) || !has_input_) return;
  // The poller has told of it already.
  asio::post(set_->loop, [self = shared_from_this()] { self->ReadIfWanted(); });
}

void Session::ReadIfWanted() noexcept {
  if (state_ == State::kClosed || !waits_to_read_ || !has_input_) return;
  waits_to_read_ = false;
  Guard(&Session::OnReadable);
}

// Behind the last bytes comes the end of them, which has to be read, too.
Received Session::ReadSocket() {
  const Received received = transport_.Receive(set_->read_room);
  const bool end_is_left = input_ended_ && received.size > 0;
  if (received.emptied && !end_is_left) has_input_ = false;
  return received;
}

void Session::OnReadable() {
  switch (state_) {
    case State::kHandshaking:
      return ContinueHandshake();
    case State::kIdle:
    case State::kReading:
      return Receive();
    case State::kHandling:
    case State::kStreaming:
      return NoticePeer();
    case State::kLingering:
      return Discard();
    case State::kWriting:  // read when the answer is out
    case State::kClosed:
      return;
  }
}

void Session::Receive() {
  const Received received = ReadSocket();
  if (received.broken && transport_.tls() != nullptr) return EndBrokenTls();
  if (received.ended || received.broken) return Close();
  Process({set_->read_room.data(), received.size});
}

void Session::Discard() {
  const Received received = ReadSocket();
  discarded_ += received.size;
  if (received.ended || received.broken || discarded_ > kMaxDiscarded) return Close();
  WaitReadable();
}

// Something happened on the socket while the request is being handled: the client has gone, or has
// sent its next request already, which must wait.
void Session::NoticePeer() {
  const Received received = ReadSocket();
  if (received.broken) return Close();
  if (received.ended) {
    peer_ended_ = true;
    const auto exchange = exchange_.lock();
    const bool waits = exchange != nullptr && exchange->has_closed_hook();
    if (waits || state_ == State::kStreaming) Close();
    return;
  }
  pipelined_.append(set_->read_room.data(), received.size);
  if (pipelined_.size() < kMaxPipelined) WaitReadable();
}

void Session::WatchPeer() {
  if (state_ != State::kHandling && state_ != State::kStreaming) return;
  watched_ = true;
  if (peer_ended_) {
    // Noticed before the hook was there. It must not be called from within OnClosed.
    asio::post(set_->loop, [self = shared_from_this()] { self->Close(); });
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
  if (state_ == State::kIdle) RestIdle();
  if (state_ == State::kIdle || state_ == State::kReading) {
    WaitReadable();
  } else if (state_ == State::kHandling || state_ == State::kWriting ||
             state_ == State::kStreaming) {
    if (!close_after_) pipelined_.assign(input);
  }
}

// A record that has begun is a request that has begun: it has as long to come as a header has,
// also while the server drains. One that ends with no request in it leaves the connection idle.
void Session::RestIdle() {
  const bool has_begun = transport_.HasBegunRecord();
  if (std::exchange(record_begun_, has_begun) != has_begun) {
    set_->deadlines.Begin(*this, has_begun ? DeadlineKind::kHeader : DeadlineKind::kIdle);
  }
  if (set_->draining()) BeginDrain();
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
  Request& request = incoming_->mutable_request();
  if (transport_.tls() != nullptr) request.SetTlsPeer(transport_.tls()->peer());
  record_begun_ = false;
  reader_ = std::exchange(set_->spare_reader, nullptr);
  if (reader_ != nullptr) {
    reader_->Begin(request);
  } else {
    reader_ = std::make_unique<RequestReader>(request, set_->limits);
  }
  state_ = State::kReading;
}

void Session::SendContinue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  size_t sent = 0;
  // All earlier answers are out, so the socket has room for a line unless the client reads nothing.
  if (!transport_.Send({.head = kContinue}, sent) || sent != kContinue.size()) Close();
}

void Session::Dispatch() {
  set_->deadlines.End(*this);
  set_->spare_reader = std::move(reader_);
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

Response Session::RefusalOf(const RequestReader::Failure& failure) const {
  if (failure.status == 413) {
    const Request& request = incoming_->request();
    const Router::Match match = set_->router.Find(request.method(), request.raw_path());
    if (match.route != nullptr && match.route->too_large) return match.route->too_large(request);
  }
  return TextResponse(failure.status, failure.text);
}

// Answers a request that was not understood; the connection ends with it.
void Session::RefuseRequest(const RequestReader::Failure& failure) {
  Response response = RefusalOf(failure);
  reader_.reset();
  incoming_.reset();
  head_only_ = false;
  Send(std::move(response), After::kClose);
}

}  // namespace rollcall::http
