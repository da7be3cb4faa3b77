#include <openssl/ssl.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "agent/probe/stream_probe.h"
#include "registry/model/definition.h"

namespace rollcall::probe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using boost::system::error_code;

std::string MethodOf(const model::CheckRun& run) {
  return run.method.empty() ? "GET" : run.method.str();
}

model::CheckStatus StatusOf(unsigned code) {
  if (code >= 200 && code <= 299) return model::CheckStatus::kPassing;
  return code == 429 ? model::CheckStatus::kWarning : model::CheckStatus::kCritical;
}

// Steps: connect, handshake (https), write the request, read the head, read the start of the body.
// What comes after the first kMaxCheckOutput bytes of the body is not waited for.
class HttpProbe final : public StreamProbe {
 public:
  HttpProbe(asio::io_context& loop, const model::CheckRun& run, ssl::context& tls)
      : StreamProbe(loop, "HTTP " + MethodOf(run) + " " + run.http, run.timeout),
        url_(ParseHttpUrl(run.http)),
        tls_context_(tls),
        verify_host_(!run.tls_skip_verify) {
    if (url_) BuildRequest(run);
    parser_.body_limit(boost::none);
  }

 private:
  std::shared_ptr<HttpProbe> Self() {
    return std::static_pointer_cast<HttpProbe>(shared_from_this());
  }

  void BuildRequest(const model::CheckRun& run) {
    request_.version(11);
    request_.method_string(MethodOf(run));
    request_.target(url_->target);
    request_.set(http::field::host, url_->host_header);
    request_.set(http::field::user_agent, "rollcall health check");
    request_.set(http::field::accept, "text/plain, text/*, */*");
    request_.set(http::field::connection, "close");
    for (const auto& [name, values] : run.header) {
      request_.erase(name.view());
      for (const std::string_view value : values) request_.insert(name.view(), value);
    }
    request_.body() = run.body;
    request_.prepare_payload();
  }

  // Continues with the stream that the request travels on.
  template <typename Step>
  void OnStream(Step step) {
    if (tls_) {
      step(*tls_);
    } else {
      step(stream());
    }
  }

  void Begin() override {
    if (!url_) return Fail(url_.error().message);
    Connect(url_->origin);
  }

  void OnConnected() override {
    if (!url_->tls) return WriteRequest();
    tls_.emplace(stream(), tls_context_);
    error_code is_a_name;
    asio::ip::make_address(url_->origin.host, is_a_name);
    // Server Name Indication is for names only (RFC 6066, section 3).
    if (is_a_name) SSL_set_tlsext_host_name(tls_->native_handle(), url_->origin.host.c_str());
    if (verify_host_) tls_->set_verify_callback(ssl::host_name_verification(url_->origin.host));
    tls_->async_handshake(ssl::stream_base::client, [self = Self()](error_code error) {
      if (self->is_done()) return;
      if (error) return self->Fail("TLS handshake: " + error.message());
      self->WriteRequest();
    });
  }

  void WriteRequest() {
    OnStream([this](auto& stream) {
      http::async_write(stream, request_, [self = Self()](error_code error, size_t) {
        if (self->is_done()) return;
        // A server may answer and close before it has read all of the body; its answer counts.
        if (error && self->request_.body().empty()) return self->Fail(error.message());
        self->ReadHead();
      });
    });
  }

  void ReadHead() {
    OnStream([this](auto& stream) {
      http::async_read_header(stream, buffer_, parser_, [self = Self()](error_code error, size_t) {
        if (self->is_done()) return;
        if (error) return self->Fail(error.message());
        self->head_read_ = true;
        self->ReadBody();
      });
    });
  }

  void ReadBody() {
    if (parser_.is_done() || received_ == body_.size()) return Finish(Verdict());
    parser_.get().body().data = body_.data() + received_;
    parser_.get().body().size = body_.size() - received_;
    OnStream([this](auto& stream) {
      http::async_read_some(stream, buffer_, parser_, [self = Self()](error_code error, size_t) {
        if (self->is_done()) return;
        self->received_ = self->body_.size() - self->parser_.get().body().size;
        // need_buffer: ours is full. Other errors cut the body short, and the head has decided.
        if (error) return self->Finish(self->Verdict());
        self->ReadBody();
      });
    });
  }

  ProbeResult Verdict() const {
    const auto& head = parser_.get();
    std::string output = what() + ": " + std::to_string(head.result_int()) + " ";
    output += std::string_view(head.reason().data(), head.reason().size());
    output += " Output: ";
    output.append(body_.data(), received_);
    if (output.size() > model::kMaxCheckOutput) output.resize(model::kMaxCheckOutput);
    return {StatusOf(head.result_int()), std::move(output)};
  }

  ProbeResult OnTimeout() const override { return head_read_ ? Verdict() : Probe::OnTimeout(); }

  const Result<HttpUrl> url_;
  ssl::context& tls_context_;
  const bool verify_host_;
  http::request<http::string_body> request_;
  std::optional<ssl::stream<beast::tcp_stream&>> tls_;
  beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> parser_;
  std::array<char, model::kMaxCheckOutput> body_;
  size_t received_ = 0;
  bool head_read_ = false;
};

}  // namespace

std::shared_ptr<Probe> MakeHttpProbe(asio::io_context& loop, const model::CheckRun& run,
                                     ssl::context& tls) {
  return std::make_shared<HttpProbe>(loop, run, tls);
}

}  // namespace rollcall::probe
