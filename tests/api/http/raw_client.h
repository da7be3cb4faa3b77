// RawClient: a blocking TCP client that sends exactly the bytes it is told to.
// Every wait ends after kPatience, so that a server that does not answer fails a test, not the run.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::http {

struct Answer {
  int status = 0;  // 0: none came
  std::string head;
  std::string body;

  // The value of a header field (exact name), or "<none>".
  std::string Header(std::string_view name) const;
};

class RawClient {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  explicit RawClient(uint16_t port);
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
  // Whether the server has closed (or reset) the connection and nothing is left to read; waits.
  bool IsClosed() { return ReadAll().empty() && !timed_out_; }
  // Whether there is something to read, within `wait`.
  bool HasInput(std::chrono::milliseconds wait);

  void CloseSending();
  void Close();
  // Closes with a reset instead of a FIN.
  void Reset();

 private:
  void Connect(uint16_t port, int receive_buffer);
  bool Fill();

  int socket_ = -1;
  bool timed_out_ = false;
  std::string received_;
};

// "GET <path> HTTP/1.1" with a Host header.
std::string Get(std::string_view path);
std::string Put(std::string_view path, std::string_view body);

}  // namespace rollcall::http
