#include "tests/api/http/client_tls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <poll.h>

#include <algorithm>

namespace rollcall::http {
namespace {

// After this a step is tried again though nothing has come: one thread may have taken from the
// socket what another waits for, such as the end of the handshake.
constexpr std::chrono::milliseconds kSlice{20};

}  // namespace

ClientTls::ClientTls(int socket, const ClientOptions& options, std::chrono::milliseconds patience)
    : socket_(socket),
      patience_(patience),
      context_(SSL_CTX_new(TLS_client_method())),
      ssl_(SSL_new(context_.get())) {
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  SSL* const ssl = ssl_.get();
  SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!options.authority.empty()) {
    EXPECT_EQ(SSL_CTX_load_verify_file(context_.get(), options.authority.c_str()), 1);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  }
  if (!options.certificate.empty()) {
    EXPECT_EQ(SSL_use_certificate_chain_file(ssl, options.certificate.c_str()), 1);
    EXPECT_EQ(SSL_use_PrivateKey_file(ssl, options.key.c_str(), SSL_FILETYPE_PEM), 1);
  }
  if (options.version != 0) {
    SSL_set_min_proto_version(ssl, options.version);
    SSL_set_max_proto_version(ssl, options.version);
  }
  if (!options.ciphers.empty()) {
    EXPECT_EQ(SSL_set_cipher_list(ssl, options.ciphers.c_str()), 1);
  }
  // Zero is success, in this function of OpenSSL's alone.
  EXPECT_EQ(
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(options.protocols.data()),
                          static_cast<unsigned int>(options.protocols.size())),
      0);
  if (options.session != nullptr) SSL_set_session(ssl, options.session);
  SSL_set_fd(ssl, socket);
  SSL_set_connect_state(ssl);
}

template <typename Step>
int ClientTls::Repeat(const Step& step, std::chrono::milliseconds wait, bool* timed_out) {
  const auto end = std::chrono::steady_clock::now() + wait;
  while (true) {
    int16_t events = 0;
    {
      const std::lock_guard lock(mutex_);
      ERR_clear_error();
      const int result = step();
      if (result > 0) return result;
      switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
          events = POLLIN;
          break;
        case SSL_ERROR_WANT_WRITE:
          events = POLLOUT;
          break;
        case SSL_ERROR_ZERO_RETURN:
          return 0;
        default:
          failure_ = pki::TakeOpensslReason();
          return -1;
      }
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      *timed_out = true;
      return -1;
    }
    pollfd poll{socket_, events, 0};
    ::poll(&poll, 1, static_cast<int>(std::min(left, kSlice).count()));
  }
}

bool ClientTls::Handshake() {
  bool timed_out = false;
  return Repeat([this] { return SSL_do_handshake(ssl_.get()); }, patience_, &timed_out) == 1;
}

bool ClientTls::Send(std::string_view bytes) {
  bool timed_out = false;
  while (!bytes.empty()) {
    const int sent =
        Repeat([&] { return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); },
               patience_, &timed_out);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

ssize_t ClientTls::Receive(char* room, size_t size, bool* timed_out) {
  return Repeat([&] { return SSL_read(ssl_.get(), room, static_cast<int>(size)); }, patience_,
                timed_out);
}

bool ClientTls::HasInput(std::chrono::milliseconds wait) {
  bool timed_out = false;
  char byte = 0;
  Repeat([&] { return SSL_peek(ssl_.get(), &byte, 1); }, wait, &timed_out);
  return !timed_out;
}

void ClientTls::SayGoodbye() {
  bool timed_out = false;
  // Zero: it has been said, and the server has not said it yet.
  Repeat([&] { return SSL_shutdown(ssl_.get()) >= 0 ? 1 : -1; }, patience_, &timed_out);
}

void ClientTls::RenewKeys() {
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED), 1);
}

bool ClientTls::RenewOwnKeys(int times) {
  for (int i = 0; i < times; ++i) {
    {
      const std::lock_guard lock(mutex_);
      if (SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1) return false;
    }
    bool timed_out = false;
    if (Repeat([&] { return SSL_do_handshake(ssl_.get()); }, patience_, &timed_out) != 1) {
      return false;
    }
  }
  return true;
}

bool ClientTls::resumed() {
  const std::lock_guard lock(mutex_);
  return SSL_session_reused(ssl_.get()) == 1;
}

std::string ClientTls::protocol() {
  const std::lock_guard lock(mutex_);
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

int ClientTls::version() {
  const std::lock_guard lock(mutex_);
  return SSL_version(ssl_.get());
}

SSL_SESSION* ClientTls::TakeSession() {
  const std::lock_guard lock(mutex_);
  return SSL_get1_session(ssl_.get());
}

}  // namespace rollcall::http
