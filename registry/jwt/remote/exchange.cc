#include "registry/jwt/remote/exchange.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "registry/base/go_duration.h"

namespace rollcall::jwt {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// Throws boost::system::system_error for certificates that are none.
ssl::context TrustOf(const std::string& ca_cert) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(ssl::verify_peer);
  if (ca_cert.empty()) {
    // Without the system's certificates no verification succeeds, and the exchange says so.
    error_code no_certificates;
    context.set_default_verify_paths(no_certificates);
  } else {
    context.add_certificate_authority(asio::buffer(ca_cert));
  }
  return context;
}

// Steps: look up, connect, handshake (https), write, read.
class HttpExchange final : public Exchange, public std::enable_shared_from_this<HttpExchange> {
 public:
  HttpExchange(asio::io_context& loop, NameLookups& names, ExchangeOptions options, OnBody on_body)
      : options_(std::move(options)),
        names_(names),
        on_body_(std::move(on_body)),
        deadline_(loop),
        stream_(loop) {
    request_.version(11);
    request_.method(http::verb::get);
    request_.target(options_.url.target);
    request_.set(http::field::host, options_.url.host_header);
    request_.set(http::field::user_agent, "rollcall");
    request_.set(http::field::accept, "application/json, application/jwk-set+json");
    request_.set(http::field::connection, "close");
    answer_.body_limit(options_.max_body);
  }

  void Start(asio::io_context& loop) {
    deadline_.expires_after(options_.timeout);
    deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled) self->Fail("no answer within " + FormatGoDuration(self->options_.timeout));
    });
    asio::post(loop, [self = shared_from_this()] { self->LookUp(); });
  }

  void Cancel() override { Fail("given up: the server shuts down"); }

 private:
  // What follows a step, unless it has failed or all is over meanwhile.
  template <typename Next>
  auto Then(const char* step, Next next) {
    return [self = shared_from_this(), step, next](error_code error, const auto&... /*result*/) {
      if (self->Goes(step, error)) next(*self);
    };
  }

  bool Goes(const char* step, error_code error) {
    if (on_body_ == nullptr) return false;
    if (error) Fail(std::string(step) + ": " + error.message());
    return !error;
  }

  template <typename Step>
  void OnStream(Step step) {
    if (tls_) {
      step(*tls_);
    } else {
      step(stream_);
    }
  }

  void LookUp() {
    if (on_body_ == nullptr) return;
    // By a weak pointer: the exchange would hold itself. Until its deadline that one does.
    lookup_ =
        names_.Find(options_.url.host, [weak = weak_from_this()](const Result<Addresses>& found) {
          if (const auto self = weak.lock()) self->OnAddresses(found);
        });
  }

  void OnAddresses(const Result<Addresses>& found) {
    if (on_body_ == nullptr) return;
    if (!found) return Fail(found.error().message);
    std::vector<tcp::endpoint> endpoints;
    for (const auto& address : *found) endpoints.emplace_back(address, options_.url.port);
    stream_.async_connect(endpoints,
                          Then("no connection", [](HttpExchange& self) { self.OnConnected(); }));
  }

  void OnConnected() {
    if (!options_.url.tls) return Write();
    try {
      trust_.emplace(TrustOf(options_.ca_cert));
    } catch (const boost::system::system_error& error) {
      return Fail(std::string("the CA certificates cannot be read: ") + error.what());
    }
    tls_.emplace(stream_, *trust_);
    tls_->set_verify_callback(ssl::host_name_verification(options_.url.host));
    error_code is_a_name;
    asio::ip::make_address(options_.url.host, is_a_name);
    // Server Name Indication is for names only (RFC 6066 section 3).
    if (is_a_name) SSL_set_tlsext_host_name(tls_->native_handle(), options_.url.host.c_str());
    tls_->async_handshake(ssl::stream_base::client,
                          Then("TLS handshake", [](HttpExchange& self) { self.Write(); }));
  }

  void Write() {
    OnStream([this](auto& stream) {
      http::async_write(stream, request_, Then("request", [](HttpExchange& self) { self.Read(); }));
    });
  }

  void Read() {
    OnStream([this](auto& stream) {
      http::async_read(stream, buffer_, answer_,
                       Then("answer", [](HttpExchange& self) { self.OnAnswer(); }));
    });
  }

  void OnAnswer() {
    const unsigned status = answer_.get().result_int();
    if (status == 200) return Finish(std::move(answer_.get().body()));
    Fail("it answered " + std::to_string(status) +
         (status >= 300 && status < 400 ? ", and redirects are not followed" : ""));
  }

  void Fail(const std::string& why) { Finish(Unavailable(why)); }

  void Finish(Result<std::string> result) {
    if (on_body_ == nullptr) return;
    const OnBody on_body = std::exchange(on_body_, nullptr);
    deadline_.cancel();
    lookup_.reset();
    stream_.close();
    on_body(std::move(result));
  }

  const ExchangeOptions options_;
  NameLookups& names_;
  OnBody on_body_;                // null: it is over
  NameLookups::Interest lookup_;  // null: the name is not being looked up
  asio::steady_timer deadline_;
  beast::tcp_stream stream_;
  std::optional<ssl::context> trust_;
  std::optional<ssl::stream<beast::tcp_stream&>> tls_;
  http::request<http::empty_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> answer_;
};

}  // namespace

std::shared_ptr<Exchange> StartExchange(asio::io_context& loop, NameLookups& names,
                                        ExchangeOptions options, OnBody on_body) {
  auto exchange =
      std::make_shared<HttpExchange>(loop, names, std::move(options), std::move(on_body));
  exchange->Start(loop);
  return exchange;
}

}  // namespace rollcall::jwt
