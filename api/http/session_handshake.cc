// How a session agrees on TLS: its part before the first request.
#include <optional>
#include <string_view>

#include "api/http/session.h"

namespace rollcall::http {

void Session::RefuseTls() {
  // A fatal alert, internal_error (RFC 8446 sections 5.1 and 6): what TLS has for "not our fault".
  constexpr std::string_view kAlert("\x15\x03\x03\x00\x02\x02\x50", 7);
  place_ = set_->AddRefused(shared_from_this());
  if (!Register()) return;
  size_t sent = 0;
  if (!transport_.Send({.head = kAlert}, sent)) return Close();
  close_after_ = true;
  FinishAnswer();
}

void Session::BeginHandshake() {
  state_ = State::kHandshaking;
  set_->deadlines.Begin(*this, DeadlineKind::kHandshake);
  // From the beginning: either direction of TLS may have to wait for the other one.
  watches_output_ = set_->poller.AlsoWatchOutput(transport_.socket(), *this);
  if (!watches_output_) return Close();
  WaitReadable();
}

void Session::ContinueHandshake() {
  switch (transport_.tls()->ContinueHandshake()) {
    case TlsSocket::Handshake::kGoesOn:
      has_input_ = false;
      return WaitReadable();
    case TlsSocket::Handshake::kFailed:
      return FailHandshake();
    case TlsSocket::Handshake::kDone:
      return FinishHandshake();
  }
}

void Session::FinishHandshake() {
  Counters& counters = set_->counters;
  (transport_.tls()->was_resumed() ? counters.tls_resumed : counters.tls_full).Add();
  state_ = State::kIdle;
  set_->deadlines.Begin(*this, DeadlineKind::kIdle);
  Receive();  // a request often comes right behind it
}

// The connection is closed as after an answer, so that the client can read what TLS has told it;
// one that speaks plain HTTP is told in its own words.
void Session::FailHandshake() {
  set_->counters.tls_failed.Add();
  const TlsSocket& tls = *transport_.tls();
  set_->LogTlsFailure(remote_address_, tls.failure());
  const std::optional<Method> plain_method = tls.plain_method();
  if (plain_method) {
    transport_.DropTls();
    head_only_ = *plain_method == Method::kHead;
    return Send(TextResponse(400, "This port speaks TLS alone: ask it with https://"),
                After::kClose);
  }
  EndBrokenTls();
}

// What TLS has to say of it has been said. As behind an answer: closing with input that was not
// read would be a reset, which destroys that on its way.
void Session::EndBrokenTls() {
  transport_.DropTls();
  reader_.reset();
  incoming_.reset();
  close_after_ = true;
  FinishAnswer();
}

}  // namespace rollcall::http
