// TlsBio: how OpenSSL reads and writes the socket of a connection, with a limit on how much it
// reads at a stretch. Within one call OpenSSL goes on reading as long as there is something and it
// was not for the application: without a limit a client that only renews its keys, or sends a byte
// in a record, keeps the worker for itself. Worker's thread.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "api/http/ssl_handles.h"

namespace rollcall::http {

class TlsBio {
 public:
  explicit TlsBio(int socket) : socket_(socket) {}
  TlsBio(const TlsBio&) = delete;
  TlsBio& operator=(const TlsBio&) = delete;

  // For OpenSSL, which is to forget it before this object goes. Null: no memory.
  BioHandle Make();

  // So many bytes may be read from now on.
  void Allow(size_t bytes) {
    left_ = bytes;
    is_spent_ = false;
  }
  // Whether reading ended with that, and not with the socket: there may be more.
  bool is_spent() const { return is_spent_; }
  // The first bytes that came, as many of kFirst as were read.
  std::string_view first_bytes() const { return {first_.data(), first_size_}; }
  static constexpr size_t kFirst = 8;
  // Nothing is read any more: the connection is broken.
  void Cut() { is_cut_ = true; }

 private:
  static const BIO_METHOD* Method();
  static TlsBio* Of(BIO* bio) { return static_cast<TlsBio*>(BIO_get_data(bio)); }
  static int Read(BIO* bio, char* out, int size);
  static int Write(BIO* bio, const char* data, int size);
  static long Control(BIO* bio, int command, long number, void* pointer);  // NOLINT: OpenSSL's

  const int socket_;
  size_t left_ = 0;
  std::array<char, kFirst> first_{};
  size_t first_size_ = 0;
  bool is_spent_ = false;
  bool is_cut_ = false;
  bool has_ended_ = false;
};

}  // namespace rollcall::http
