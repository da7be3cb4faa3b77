#include "agent/front/server_connection.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/span.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <cassert>
#include <type_traits>
#include <utility>

namespace rollcall::front {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = beast::http;  // rollcall::http is the server's
using boost::system::error_code;
using std::chrono::milliseconds;
using tcp = asio::ip::tcp;

namespace {

// The largest answer that is taken: the catalog of tens of thousands of instances.
constexpr uint64_t kMaxAnswerBytes = 64 * 1024 * 1024;
constexpr uint32_t kMaxAnswerHeadBytes = 64 * 1024;
// "103 Early Hints" and its like, each before the answer proper (RFC 9110 section 15.2).
constexpr int kMaxInterimAnswers = 8;

// A blocking query may wait a sixteenth longer than it was told, so that many do not end together
// (Consul's documentation of blocking queries).
constexpr int kWaitJitter = 16;

std::string Why(error_code error) {
  if (error == wire::error::end_of_stream) return "connection closed";
  if (error == wire::error::body_limit) {
    return "the answer is larger than " + std::to_string(kMaxAnswerBytes) + " bytes";
  }
  if (error == wire::error::partial_message) return "the answer is cut short";
  return error.message();
}

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct ServerConnection::Asking {
  std::shared_ptr<const UpstreamRequest> request;
  StepTimes times;
  Listener listener;
  wire::request<wire::span_body<const char>> message;
  beast::flat_buffer buffer;
  std::optional<Parser> parser;
  int interim_answers = 0;
};

ServerConnection::ServerConnection(asio::io_context& loop, const probe::HttpUrl& server,
                                   TlsTowards* tls)
    : loop_(loop),
      server_(server),
      towards_(tls),
      resolver_(loop),
      deadline_(loop),
      stream_(loop) {}

template <typename Step>
void ServerConnection::OnStream(Step step) {
  if (tls_) {
    step(*tls_);
  } else {
    step(stream_);
  }
}

template <typename Done>
auto ServerConnection::While(Done done) {
  return
      [self = shared_from_this(), asking = asking_, done = std::move(done)](
          error_code error,
          const auto&... more) -> std::invoke_result_t<const Done&, error_code, decltype(more)...> {
        if (self->asking_ == asking) done(error, more...);
      };
}

void ServerConnection::Ask(std::shared_ptr<const UpstreamRequest> request, const StepTimes& times,
                           Listener listener) {
  assert(!asking_);
  asking_ = std::make_shared<Asking>();
  asking_->request = std::move(request);
  asking_->times = times;
  asking_->listener = std::move(listener);
  may_reuse_ = false;
  BuildMessage();
  if (is_connected_) return WriteRequest();
  Limit(times.connect, {Failure::Kind::kNotConnected,
                        "no connection within " + std::to_string(times.connect.count()) + " ms"});
  Connect();
}

void ServerConnection::BuildMessage() {
  const UpstreamRequest& request = *asking_->request;
  auto& message = asking_->message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.target);
  message.set(wire::field::host, server_.host_header);
  for (const HeaderField& field : request.headers) message.insert(field.name, field.value);
  message.body() = {request.body.data(), request.body.size()};
  message.prepare_payload();
}

void ServerConnection::Connect() {
  const probe::HostPort& where = server_.origin;
  if (const auto endpoint = probe::EndpointOf(where)) return ConnectTo(*endpoint);
  resolver_.async_resolve(where.host, std::to_string(where.port),
                          While([this](error_code error, const auto& endpoints) {
                            if (error) {
                              return Fail({Failure::Kind::kNotConnected, error.message()});
                            }
                            ConnectTo(endpoints);
                          }));
}

void ServerConnection::ConnectTo(const tcp::resolver::results_type& endpoints) {
  stream_.async_connect(endpoints, While([this](error_code error, const tcp::endpoint&) {
                          if (error) return Fail({Failure::Kind::kNotConnected, error.message()});
                          error_code ignored;
                          stream_.socket().set_option(tcp::no_delay(true), ignored);
                          if (server_.tls) return ShakeHands();
                          is_connected_ = true;
                          WriteRequest();
                        }));
}

bool ServerConnection::MakeTls() {
  auto context = towards_->client.Current();
  http::SslHandle ssl(SSL_new(context->native()));
  if (ssl == nullptr) return false;
  tls_.reset();  // refers to the talk
  talk_ = std::make_unique<http::TlsClientTalk>(towards_->name, http::TlsClientTalk::Words(),
                                                &towards_->newest);
  if (!talk_->Begin(ssl.get(), std::move(context))) return false;
  tls_.emplace(stream_, ssl.release());
  return true;
}

std::string ServerConnection::WhyOfTls(error_code error) const {
  const std::string why = talk_ == nullptr ? "" : talk_->Why();
  if (!why.empty()) return why;
  return error == asio::ssl::error::stream_truncated
             ? "it hung up in the middle of the handshake; does it speak https, or http?"
             : error.message();
}

void ServerConnection::ShakeHands() {
  if (!MakeTls()) {
    // Not at once, as for every failure.
    asio::post(loop_, [handler = While([this](error_code) {
                         Fail({Failure::Kind::kNotConnected, "TLS: out of memory"});
                       })]() mutable { handler(error_code()); });
    return;
  }
  tls_->async_handshake(asio::ssl::stream_base::client, While([this](error_code error) {
                          if (error) {
                            return Fail({Failure::Kind::kNotConnected, "TLS: " + WhyOfTls(error)});
                          }
                          is_connected_ = true;
                          WriteRequest();
                        }));
}

void ServerConnection::WriteRequest() {
  const UpstreamRequest& request = *asking_->request;
  const milliseconds patience = asking_->times.answer + request.wait + request.wait / kWaitJitter;
  Limit(patience,
        {Failure::Kind::kSilent, "no answer within " + std::to_string(patience.count()) + " ms"});
  OnStream([this](auto& stream) {
    wire::async_write(stream, asking_->message, While([this](error_code error, size_t) {
                        // A server may answer and close before it has read all of the body; its
                        // answer counts.
                        if (error && asking_->request->body.empty() && talk_ == nullptr) {
                          return Fail({Failure::Kind::kClosed, error.message()});
                        }
                        ReadHead();
                      }));
  });
}

void ServerConnection::ReadHead() {
  Parser& parser = asking_->parser.emplace();
  parser.body_limit(kMaxAnswerBytes);
  parser.header_limit(kMaxAnswerHeadBytes);
  parser.skip(asking_->request->method == "HEAD");
  OnStream([this, &parser](auto& stream) {
    wire::async_read_header(
        stream, asking_->buffer, parser, While([this](error_code error, size_t) {
          if (!error) return OnHead();
          const bool is_cut = HasAnswerBytes();
          // In TLS 1.3 a server says behind the handshake that it does not take our certificate:
          // then it has read nothing.
          const bool is_refused = !is_cut && !is_kept_ && talk_ != nullptr && !talk_->Why().empty();
          if (is_refused) {
            return Fail({Failure::Kind::kNotConnected, "TLS: " + WhyOfTls(error)});
          }
          Fail({is_cut ? Failure::Kind::kBadAnswer : Failure::Kind::kClosed, Why(error)});
        }));
  });
}

bool ServerConnection::HasAnswerBytes() const {
  return asking_->interim_answers > 0 || asking_->buffer.size() > 0 || asking_->parser->got_some();
}

void ServerConnection::OnHead() {
  const unsigned status = asking_->parser->get().result_int();
  if (status < 200) {
    // Upgrades (101) are never asked for.
    if (status == 101 || ++asking_->interim_answers > kMaxInterimAnswers) {
      return Fail({Failure::Kind::kBadAnswer, "unexpected " + std::to_string(status)});
    }
    return ReadHead();
  }
  Limit(asking_->times.body, {Failure::Kind::kBadAnswer, "the answer does not come to its end"});
  if (asking_->listener.on_begun) {
    const auto asking = asking_;
    asking->listener.on_begun();
    if (asking_ != asking) return;  // closed from within
  }
  ReadBody();
}

void ServerConnection::ReadBody() {
  if (asking_->parser->is_done()) return Deliver();
  OnStream([this](auto& stream) {
    wire::async_read(stream, asking_->buffer, *asking_->parser,
                     While([this](error_code error, size_t) {
                       if (!error) return Deliver();
                       Fail({Failure::Kind::kBadAnswer, Why(error)});
                     }));
  });
}

void ServerConnection::Deliver() {
  auto message = asking_->parser->release();
  UpstreamReply reply;
  reply.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    reply.headers.push_back(
        {std::string(View(field.name_string())), std::string(View(field.value()))});
  }
  reply.body = std::move(message.body());
  reply.server = (server_.tls ? "https://" : "http://") + server_.host_header;
  // Bytes behind the answer belong to nothing that was asked.
  may_reuse_ = message.keep_alive() && asking_->buffer.size() == 0;
  is_kept_ = true;
  Finish(std::move(reply));
}

void ServerConnection::Limit(milliseconds time, Failure failure) {
  deadline_.expires_after(time);
  deadline_.async_wait(While(
      [this, expiry = deadline_.expiry(), failure = std::move(failure)](error_code cancelled) {
        // One that was due already when the next limit took its place says nothing.
        if (!cancelled && deadline_.expiry() == expiry) Fail(failure);
      }));
}

void ServerConnection::Fail(Failure failure) { Finish(std::move(failure)); }

void ServerConnection::Finish(Outcome outcome) {
  const auto self = shared_from_this();
  const auto done = std::move(asking_->listener.on_done);
  if (may_reuse_) {
    deadline_.cancel();
    asking_.reset();
  } else {
    Close();
  }
  done(std::move(outcome));
}

void ServerConnection::Close() {
  asking_.reset();
  is_connected_ = false;
  may_reuse_ = false;
  deadline_.cancel();
  resolver_.cancel();
  // Without TLS's farewell: the length of each answer is known, so nothing can be cut unnoticed.
  stream_.close();
}

bool ServerConnection::IsReusable() const { return may_reuse_ && !asking_; }

bool ServerConnection::IsStale() {
  char byte = 0;
  const ssize_t peeked =
      ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace rollcall::front
