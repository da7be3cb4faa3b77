// RawClient: a blocking TCP client that sends exactly the bytes it is told to, with TLS or without.
// Every wait ends after kPatience, so that a server that does not answer fails a test, not the run.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/api/http/client_tls.h"

namespace rollcall::http {

struct Answer {
  int status = 0;  // 0: none came
  std::string head;
  std::string body;

  // The value of a header field (exact name), or "<none>".
  std::string Header(std::string_view name) const;
};

// The tests of the server are built twice, so that all that holds for HTTP is seen to hold for
// HTTPS, too: what a client and a TestServer speak where a test does not say it.
#ifdef ROLLCALL_TEST_HTTPS
inline constexpr bool kOverTls = true;
#else
inline constexpr bool kOverTls = false;
#endif

class RawClient {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  explicit RawClient(uint16_t port);
  // With TLS.
  RawClient(uint16_t port, const ClientOptions& options);
  // Without, whatever the tests are of.
  static RawClient WithoutTls(uint16_t port);
  // With a receive buffer of `receive_buffer` bytes, for a client that does not read.
  RawClient(uint16_t port, int receive_buffer);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the connection broke.
  bool Send(std::string_view bytes);
  // Reads one answer by its Content-Length. An answer to HEAD has no body.
  Answer Read();
  Answer ReadHead();
  // The next chunk of an answer whose head has been read; "" after the last one, "<none>" when the
  // connection ended before.
  std::string ReadChunk();
  // Everything until the server closes.
  std::string ReadAll();
  // What has come, or comes next; empty when the server has closed.
  std::string ReadSome();
  // Whether the server has closed (or reset) the connection and nothing is left to read; waits.
  bool IsClosed() { return ReadAll().empty() && !timed_out_; }
  // Whether there is something to read, within `wait`.
  bool HasInput(std::chrono::milliseconds wait);

  // With TLS after saying so.
  void CloseSending();
  void ShutDownWithoutGoodbye();
  void Close();
  // Closes with a reset instead of a FIN.
  void Reset();

  // Null without TLS, and when it could not connect.
  ClientTls* tls() { return tls_.get(); }
  // Whether the last that came was the end of TLS in good order (close_notify).
  bool ended_well() const { return ended_well_; }

 private:
  RawClient() = default;
  void Connect(uint16_t port, int receive_buffer);
  bool Fill();
  ssize_t Receive(char* room, size_t size);

  int socket_ = -1;
  std::unique_ptr<ClientTls> tls_;
  bool timed_out_ = false;
  bool ended_well_ = false;
  std::string received_;
};

// "GET <path> HTTP/1.1" with a Host header.
std::string Get(std::string_view path);
std::string Put(std::string_view path, std::string_view body);

}  // namespace rollcall::http
