// Limits: what one client may cost the server. Plain values, constant once a server listens.
// Every refusal is an answer that the client can read, never a silent close; only an idle
// connection and a client that does not read its answer are closed without a word.
#pragma once

#include <chrono>
#include <cstddef>

namespace rollcall::http {

struct Limits {
  // A longer body is refused with 413: by its Content-Length before a byte of it is read, or, when
  // it comes in chunks, as soon as a chunk's size goes beyond it.
  size_t max_body_bytes = 512 * 1024;
  // Request line and header fields together; 431 beyond it.
  size_t max_header_bytes = 16 * 1024;

  // Times, of which 0 means no limit but for the handshake.

  // From the accept to the end of TLS's handshake; nothing that comes prolongs it. Whoever never
  // ends one takes a connection all the same, so it has a limit where a header has none.
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  // From the first byte of a request to the end of its header, and from there to the end of its
  // body. Neither is prolonged by bytes that trickle in; 408 when it runs out.
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);
  // Between requests, and from the accept to the first byte.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  // Without the client having taken a single byte of its answer.
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
  // After an answer that ends the connection: how long the client may take to close its side.
  std::chrono::milliseconds linger_timeout = std::chrono::seconds(2);

  // What is kept of a streamed answer (ResponseStream) that its client does not read; the
  // connection is cut beyond it.
  size_t max_stream_bytes = 512 * 1024;

  // Over all servers that share a port (Server::ListenAlongside); 0 means no limit.
  // Beyond them a connection is answered with 429 (address) or 503 (all) and closed. Such a one
  // takes a descriptor until its client has read that, but of each server only kMaxRefused do.
  size_t max_connections_per_address = 0;
  size_t max_connections = 0;
  static constexpr size_t kMaxRefused = 64;
};

}  // namespace rollcall::http
