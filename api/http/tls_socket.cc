#include "api/http/tls_socket.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace rollcall::http {
namespace {

// The most that a record holds (RFC 8446 section 5.1).
constexpr size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;
using RecordRoom = std::array<char, kRecord>;

// A chain of certificates as large as OpenSSL takes it (100 KB), and the rest.
constexpr size_t kHandshakeBytes = size_t{256} << 10;
// As much as a session takes in at a time, about.
constexpr size_t kBytesAtAStretch = size_t{64} << 10;
// New keys, warnings, records with nothing in them: a few are sound.
constexpr size_t kRecordsForNothing = 64;

// What goes out next. A head is joined with what follows it, in a record and a system call for
// both. The same bytes each time that it is asked with the same `sent`, and those it begins with
// when there is more.
std::string_view NextOf(const Parts& parts, size_t sent, RecordRoom& room) {
  if (sent >= parts.head.size()) return parts.content.substr(sent - parts.head.size());
  const std::string_view head = parts.head.substr(sent);
  if (parts.content.empty() || head.size() >= room.size()) return head;
  const size_t of_content = parts.content.copy(std::copy(head.begin(), head.end(), room.data()),
                                               room.size() - head.size());
  return {room.data(), head.size() + of_content};
}

std::string SubjectOf(X509* certificate) {
  const BioHandle text(BIO_new(BIO_s_mem()));
  if (text == nullptr) return "";
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return pki::TextOf(text.get());
}

// By as many bytes as have come, at least five: OpenSSL decides by so many that it is no TLS.
bool BeginsWith(std::string_view method, std::string_view bytes) {
  const std::string word = std::string(method) + " ";
  return bytes.starts_with(word) || word.starts_with(bytes);
}

// The method of a request of HTTP that begins with these bytes, if that is what they are.
std::optional<Method> PlainMethodOf(std::string_view bytes) {
  if (bytes.size() < SSL3_RT_HEADER_LENGTH) return std::nullopt;
  for (auto method = Method::kGet; method != Method::kOther;
       method = static_cast<Method>(static_cast<uint8_t>(method) + 1)) {
    if (BeginsWith(MethodName(method), bytes)) return method;
  }
  if (BeginsWith("CONNECT", bytes) || BeginsWith("TRACE", bytes)) return Method::kOther;
  return std::nullopt;
}

}  // namespace

TlsSocket::TlsSocket(std::shared_ptr<const TlsContext> context, int socket)
    : context_(std::move(context)),
      socket_(socket),
      bio_(socket),
      ssl_(context_->MakeServerSide(bio_.Make())) {
  bio_.Allow(kHandshakeBytes);
  SSL_set_msg_callback_arg(ssl_.get(), this);
  SSL_set_msg_callback(ssl_.get(),
                       [](int is_sent, int, int type, const void*, size_t, SSL*, void* self) {
                         if (is_sent == 0 && type == SSL3_RT_HEADER)
                           static_cast<TlsSocket*>(self)->NoteRecord();
                       });
}

void TlsSocket::NoteRecord() {
  if (is_agreed_ && ++records_ > kRecordsForNothing) bio_.Cut();
}

TlsSocket::Outcome TlsSocket::OutcomeOf(int result) const {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Outcome::kWantsInput;
    case SSL_ERROR_WANT_WRITE:
      return Outcome::kWantsOutput;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::kEnded;
    default:
      return Outcome::kBroken;
  }
}

TlsSocket::Handshake TlsSocket::ContinueHandshake() {
  ERR_clear_error();
  read_wants_output_ = false;
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    is_agreed_ = true;
    NotePeer();
    return Handshake::kDone;
  }
  if (bio_.is_spent()) {
    failure_ = "it goes on and on";
    return Handshake::kFailed;
  }
  const Outcome outcome = OutcomeOf(result);
  read_wants_output_ = outcome == Outcome::kWantsOutput;
  if (outcome == Outcome::kWantsInput || read_wants_output_) return Handshake::kGoesOn;
  NoteFailure();
  return Handshake::kFailed;
}

void TlsSocket::NoteFailure() {
  plain_method_ = PlainMethodOf(bio_.first_bytes());
  const auto verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK) {
    failure_ = std::string("its certificate: ") + X509_verify_cert_error_string(verified);
  } else if (ERR_peek_last_error() != 0) {
    failure_ = pki::TakeOpensslReason();
  }
  ERR_clear_error();
}

void TlsSocket::NotePeer() {
  X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate != nullptr) {
    peer_ = std::make_shared<const TlsPeer>(TlsPeer{SubjectOf(certificate)});
  }
}

Received TlsSocket::Receive(std::vector<char>& room) {
  Received received;
  // A client that wants new keys is answered while it is read, and OpenSSL (3.0) fails where that
  // would come into the middle of another record.
  read_wants_output_ = has_half_record_;
  if (has_half_record_) {
    received.ended = input_ended_;
    received.emptied = !input_ended_;
    return received;
  }
  bio_.Allow(kBytesAtAStretch);
  while (!broken_ && received.size < room.size()) {
    ERR_clear_error();
    size_t size = 0;
    const int result =
        SSL_read_ex(ssl_.get(), room.data() + received.size, room.size() - received.size, &size);
    if (result == 1) {
      received.size += size;
      records_ = 0;
      continue;
    }
    const Outcome outcome = OutcomeOf(result);
    read_wants_output_ = outcome == Outcome::kWantsOutput;
    if (outcome == Outcome::kWantsInput && bio_.is_spent()) return received;
    received.emptied = outcome == Outcome::kWantsInput || read_wants_output_;
    if (received.emptied) return received;
    broken_ = outcome == Outcome::kBroken;
    // Said when all that came before it has been read: OpenSSL says it again.
    received.ended = outcome == Outcome::kEnded && received.size == 0;
    break;
  }
  received.broken = broken_ && received.size == 0;
  return received;
}

bool TlsSocket::HasInput() const {
  return SSL_has_pending(ssl_.get()) == 1 || http::HasInput(socket_);
}

bool TlsSocket::Send(const Parts& parts, size_t& sent) {
  RecordRoom room;  // NOLINT(*-member-init): written before it is read
  write_wants_input_ = false;
  has_half_record_ = false;
  while (sent < parts.size()) {
    const std::string_view next = NextOf(parts, sent, room);
    ERR_clear_error();
    size_t size = 0;
    const int result = SSL_write_ex(ssl_.get(), next.data(), next.size(), &size);
    if (result == 1) {
      sent += size;
      continue;
    }
    const Outcome outcome = OutcomeOf(result);
    write_wants_input_ = outcome == Outcome::kWantsInput;
    has_half_record_ = outcome == Outcome::kWantsOutput;
    if (write_wants_input_ || has_half_record_) return true;
    broken_ = true;
    return false;
  }
  return true;
}

bool TlsSocket::SayGoodbye() {
  if (broken_) return true;
  ERR_clear_error();
  const int result = SSL_shutdown(ssl_.get());
  const bool wants_output = result < 0 && OutcomeOf(result) == Outcome::kWantsOutput;
  ERR_clear_error();
  return !wants_output;
}

SocketPoller::Ready TlsSocket::Meaning(SocketPoller::Ready ready) {
  input_ended_ = input_ended_ || ready.ended;
  SocketPoller::Ready meaning = ready;
  meaning.input = ready.input || (ready.output && read_wants_output_);
  meaning.output = ready.output || (ready.input && write_wants_input_);
  return meaning;
}

}  // namespace rollcall::http
