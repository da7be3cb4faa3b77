// ServerConnection: one HTTP/1.1 connection to one of the registry's servers, over TCP or TLS. It
// asks one thing at a time and may be asked again as long as it is reusable.
// The loop's thread. Held by whoever asks, or by its ServerPool; operations under way hold it, too,
// and find it closed.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "agent/front/upstream_request.h"
#include "agent/probe/endpoint.h"
#include "api/http/tls_client.h"
#include "api/http/tls_client_talk.h"

namespace rollcall::front {

// How long each step may take. The steps' limits are not prolonged by bytes that trickle in.
struct StepTimes {
  std::chrono::milliseconds connect{2'000};  // the name's look-up and TLS's handshake included
  std::chrono::milliseconds answer{
      10'000};                             // sending the request, and silence until it is answered
  std::chrono::milliseconds body{30'000};  // from the answer's first line to its last byte
};

// Why there is no answer; what it says of the request is what decides whether it may be repeated.
struct Failure {
  enum class Kind {
    kNotConnected,  // nothing has been sent
    kClosed,        // sent, or a part of it; the connection ended without a byte of an answer
    kSilent,        // sent, and no answer in time
    kBadAnswer,     // an answer came, which is broken, cut short or too large
  };
  Kind kind = Kind::kNotConnected;
  std::string why;
};

// How one https server is spoken to: by all connections to it, which are of one thread.
struct TlsTowards {
  http::TlsClient& client;  // whose context each new connection takes; outlives them
  std::string name;         // that the server's certificate must have
  http::TlsSession newest = {};
};

class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  using Outcome = std::variant<UpstreamReply, Failure>;
  struct Listener {
    std::function<void()> on_begun;  // the answer's head is there
    std::function<void(Outcome)> on_done;
  };

  // `server` and `tls` outlive it. `tls` is needed for an https server.
  ServerConnection(boost::asio::io_context& loop, const probe::HttpUrl& server, TlsTowards* tls);

  // Connects where that has not been done, and asks. The listener is called from the loop, never
  // from within, and not at all after Close. Precondition: nothing is under way.
  void Ask(std::shared_ptr<const UpstreamRequest> request, const StepTimes& times,
           Listener listener);

  // Ends whatever is under way.
  void Close();

  // Whether it has answered before: the server may then have closed it meanwhile.
  bool is_kept() const { return is_kept_; }
  // After an answer: may be asked again, as far as this side knows.
  bool IsReusable() const;
  // Whether the server has closed it, or has sent what nobody asked for.
  bool IsStale();

 private:
  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

  template <typename Step>
  void OnStream(Step step);
  // A handler that does nothing once this request is over.
  template <typename Done>
  auto While(Done done);

  void Connect();
  void ConnectTo(const boost::asio::ip::tcp::resolver::results_type& endpoints);
  void ShakeHands();
  // Makes tls_; false: out of memory.
  bool MakeTls();
  // What TLS says of why it failed; else `error`'s own words.
  std::string WhyOfTls(boost::system::error_code error) const;
  void WriteRequest();
  void ReadHead();
  void OnHead();
  void ReadBody();
  void Deliver();
  void Limit(std::chrono::milliseconds time, Failure failure);
  void Fail(Failure failure);
  void Finish(Outcome outcome);
  void BuildMessage();
  bool HasAnswerBytes() const;

  boost::asio::io_context& loop_;
  const probe::HttpUrl& server_;
  TlsTowards* const towards_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer deadline_;
  boost::beast::tcp_stream stream_;
  std::unique_ptr<http::TlsClientTalk> talk_;  // outlives tls_
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
  bool is_connected_ = false;
  bool is_kept_ = false;
  bool may_reuse_ = false;

  // The request under way; null between requests, so that an idle connection keeps no buffers.
  // Handlers hold theirs: operations that were cancelled may still write to its buffers.
  struct Asking;
  std::shared_ptr<Asking> asking_;
};

}  // namespace rollcall::front
