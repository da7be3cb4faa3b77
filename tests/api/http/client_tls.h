// ClientTls: the client's side of TLS over a connected socket, with OpenSSL, for a RawClient. Every
// wait ends after the client's patience. Two threads may use it, one that sends and one that reads.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "api/http/ssl_handles.h"

namespace rollcall::http {

// What a client brings with it. Copies share OpenSSL's objects.
struct ClientOptions {
  std::string authority;    // PEM file; empty: it trusts whoever is there
  std::string certificate;  // PEM files; empty: it has none
  std::string key;
  std::string protocols = std::string("\x08http/1.1");  // ALPN, as it is sent; empty: none
  int version = 0;                                      // TLS1_2_VERSION...; 0: any
  std::string ciphers;                                  // as openssl-ciphers(1) says; empty: any
  SSL_SESSION* session = nullptr;                       // to resume
  int receive_buffer = 0;                               // of the socket; 0: as the system has it

  ClientOptions Trusting(const std::string& file) const {
    ClientOptions changed = *this;
    changed.authority = file;
    return changed;
  }
};

class ClientTls {
 public:
  // Makes the socket one that does not block. Nothing is sent before the first call.
  ClientTls(int socket, const ClientOptions& options, std::chrono::milliseconds patience);

  // False: TLS has failed, or the patience has come to its end.
  bool Handshake();
  bool Send(std::string_view bytes);
  // What comes next, at most `size` bytes: 0 at the end in good order, -1 when the connection
  // broke. `timed_out` is set when nothing came.
  ssize_t Receive(char* room, size_t size, bool* timed_out);
  // Whether there is something to receive, or the end of it.
  bool HasInput(std::chrono::milliseconds wait);
  // Says that nothing more will come (close_notify).
  void SayGoodbye();
  // Asks for new keys in both directions, with the next bytes that are sent (TLS 1.3).
  void RenewKeys();
  // Has new keys for what it sends, so many times, and says nothing else. False when it could not.
  bool RenewOwnKeys(int times);

  // Why it has failed, in OpenSSL's words.
  std::string failure() const { return failure_; }
  bool resumed();
  std::string protocol();  // of ALPN
  int version();
  // To be freed.
  SSL_SESSION* TakeSession();

 private:
  // Calls `step` until it does not have to wait any more; its result.
  template <typename Step>
  int Repeat(const Step& step, std::chrono::milliseconds wait, bool* timed_out);

  const int socket_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::string failure_;
  const SslContextHandle context_;
  const SslHandle ssl_;
};

}  // namespace rollcall::http
