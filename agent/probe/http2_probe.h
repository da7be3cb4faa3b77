// Http2Probe: a probe that talks HTTP/2 (RFC 9113) to its target, over TLS or, with prior
// knowledge, without. Threads as probe.h says. nghttp2 keeps the frames and the states, this class
// the bytes, the limits and the reasons.
//
// Whatever the target sends, an attempt holds no more of it than the limits below, and one that
// goes beyond them, or breaks the protocol, is critical at once: it need not time out.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probe/stream_probe.h"
#include "agent/probe/tls_stream.h"

struct nghttp2_session;

namespace rollcall::probe {

class Http2Probe : public StreamProbe {
 public:
  ~Http2Probe() override;

 protected:
  static constexpr size_t kMaxHeaders = 16 << 10;    // as SETTINGS_MAX_HEADER_LIST_SIZE counts
  static constexpr size_t kMaxBody = 4 << 10;        // of the answer
  static constexpr size_t kMaxReceived = 256 << 10;  // of all frames together

  struct Header {
    std::string_view name;  // lower case
    std::string_view value;
  };

  // `tls` is null for a target without; it must outlive the probe.
  Http2Probe(boost::asio::io_context& loop, std::string what, const model::CheckRun& run,
             boost::asio::ssl::context* tls);

  // Connects, shakes hands, and calls Ask.
  void ConnectHttp2(const HostPort& where);

  // Asks what the probe wants to know, with one of the two below; once.
  virtual void Ask() = 0;
  void SendPing();
  void SendRequest(const std::vector<Header>& headers, std::string body);

  // What comes back. Each of them may Finish the probe; none is called after that.
  virtual void OnPong() {}
  // Of all blocks of headers in their order, the trailers too; ":status" begins the answer.
  virtual void OnHeader(std::string_view /*name*/, std::string_view /*value*/) {}
  virtual void OnBody(std::string_view /*part*/) {}
  virtual void OnEnd() {}  // the answer is complete

 private:
  struct Callbacks;  // what nghttp2 calls
  struct DeleteSession {
    void operator()(nghttp2_session* session) const;
  };

  std::shared_ptr<Http2Probe> Self() {
    return std::static_pointer_cast<Http2Probe>(shared_from_this());
  }
  template <typename Step>
  void OnStream(Step step);
  void OnConnected() final;
  void StartSession();
  void Read();
  void Take(size_t size);
  void Write();

  boost::asio::ssl::context* const tls_context_;
  TlsPeer peer_;
  std::optional<TlsStream> tls_;
  std::unique_ptr<nghttp2_session, DeleteSession> session_;
  std::string body_;  // of the request
  size_t body_sent_ = 0;
  int32_t stream_id_ = -1;  // of the request
  std::array<char, 4096> input_;
  std::string output_;  // what is being written
  bool writing_ = false;
  size_t received_ = 0;
  size_t headers_received_ = 0;
  size_t body_received_ = 0;
};

// Text that a target chose, fit to be shown: cut, without control characters.
std::string Shown(std::string_view text);

}  // namespace rollcall::probe
