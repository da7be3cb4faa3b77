#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "agent/probe/stream_probe.h"
#include "agent/probe/tls_contexts.h"
#include "agent/probe/tls_stream.h"
#include "registry/base/ascii.h"
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

bool IsRedirect(unsigned code) {
  return (code >= 301 && code <= 303) || code == 307 || code == 308;
}

// What must not be told to another host than the one that the definition names.
bool IsSecret(std::string_view header) {
  constexpr std::string_view kSecrets[] = {"authorization", "proxy-authorization",
                                           "www-authenticate", "cookie", "cookie2"};
  return std::any_of(std::begin(kSecrets), std::end(kSecrets),
                     [header](std::string_view name) { return EqualsIgnoreCase(name, header); });
}

bool IsAboutTheBody(std::string_view header) {
  constexpr std::string_view kPrefix = "content-";
  return EqualsIgnoreCase(header.substr(0, kPrefix.size()), kPrefix);
}

// Steps: connect, handshake (https), write the request, read the head, read the start of the body.
// What comes after the part of the body that is kept is not waited for. A redirect begins again
// with the first step, as Go's HTTP client and so Consul does it.
class HttpProbe final : public StreamProbe {
 public:
  HttpProbe(asio::io_context& loop, const model::CheckRun& run, TlsContexts& tls)
      : StreamProbe(loop, "HTTP " + MethodOf(run) + " " + run.http, run.timeout),
        run_(run),
        limit_(model::OutputLimit(run)),
        tls_contexts_(tls),
        start_(ParseHttpUrl(run.http)),
        method_(MethodOf(run)) {}

 private:
  static constexpr int kMaxRedirects = 10;

  std::shared_ptr<HttpProbe> Self() {
    return std::static_pointer_cast<HttpProbe>(shared_from_this());
  }

  void Begin() override {
    if (!start_) return Fail(start_.error().message);
    url_ = *start_;
    Ask();
  }

  void Ask() {
    tls_.reset();
    StreamProbe::Close();
    buffer_.clear();
    BuildRequest();
    parser_.emplace();
    parser_->body_limit(boost::none);
    parser_->skip(method_ == "HEAD");
    Connect(url_.origin);
  }

  void BuildRequest() {
    request_ = {};
    request_.version(11);
    request_.method_string(method_);
    request_.target(url_.target);
    request_.set(http::field::host, url_.host_header);
    request_.set(http::field::user_agent, "rollcall health check");
    request_.set(http::field::accept, "text/plain, text/*, */*");
    request_.set(http::field::connection, "close");
    for (const auto& [name, values] : run_.header) {
      if (!IsSent(name.view())) continue;
      request_.erase(name.view());
      for (const std::string_view value : values) request_.insert(name.view(), value);
    }
    if (sends_body_) request_.body() = run_.body;
    request_.prepare_payload();
  }

  bool IsSent(std::string_view header) const {
    if (EqualsIgnoreCase(header, "host")) return sends_own_host_;
    return (sends_secrets_ || !IsSecret(header)) && (sends_body_ || !IsAboutTheBody(header));
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

  void OnConnected() override {
    if (!url_.tls) return WriteRequest();
    tls_.emplace(stream(), tls_contexts_.For(run_));
    const std::string& name =
        run_.tls_server_name.empty() ? url_.origin.host : run_.tls_server_name;
    if (!AskFor(*tls_, {name, !run_.tls_skip_verify})) return Fail("TLS: out of memory");
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
      http::async_read_header(stream, buffer_, *parser_, [self = Self()](error_code error, size_t) {
        if (self->is_done()) return;
        if (error) return self->Fail(error.message());
        const std::string location = self->Redirection();
        if (!location.empty()) return self->Follow(location);
        self->head_read_ = true;
        self->ReadBody();
      });
    });
  }

  // Where the answer leads to; empty when it is the one that counts.
  std::string Redirection() const {
    const auto& head = parser_->get();
    if (run_.disable_redirects || !IsRedirect(head.result_int())) return {};
    const auto value = head[http::field::location];
    return {value.data(), value.size()};
  }

  void Follow(const std::string& location) {
    Result<HttpUrl> next = ResolveReference(url_, location);
    if (!next) return Fail("redirected: " + next.error().message);
    if (redirects_ == kMaxRedirects) {
      return Fail("stopped after " + std::to_string(kMaxRedirects) + " redirects");
    }
    ++redirects_;
    if (parser_->get().result_int() <= 303) {
      if (method_ != "HEAD") method_ = "GET";
      sends_body_ = false;
    }
    if (HasAuthority(location)) sends_own_host_ = false;
    const bool is_same_host = EqualsIgnoreCase(next->origin.host, start_->origin.host);
    // Not in clear either what was meant for TLS. Once lost it stays lost: the redirect back may
    // have been made up by the other host.
    if (!is_same_host || (url_.tls && !next->tls)) sends_secrets_ = false;
    url_ = *std::move(next);
    // Once the stream, whose handler this is, has nothing more to do.
    asio::post(loop(), [self = Self()] {
      if (!self->is_done()) self->Ask();
    });
  }

  void ReadBody() {
    if (parser_->is_done() || body_.size() == limit_) return Finish(Verdict());
    parser_->get().body().data = chunk_.data();
    parser_->get().body().size = std::min(chunk_.size(), limit_ - body_.size());
    const size_t asked = parser_->get().body().size;
    OnStream([this, asked](auto& stream) {
      http::async_read_some(
          stream, buffer_, *parser_, [self = Self(), asked](error_code error, size_t) {
            if (self->is_done()) return;
            self->body_.append(self->chunk_.data(), asked - self->parser_->get().body().size);
            // need_buffer: the chunk is full. Other errors cut the body short, and the head has
            // decided.
            if (error && error != http::error::need_buffer) return self->Finish(self->Verdict());
            self->ReadBody();
          });
    });
  }

  ProbeResult Verdict() const {
    const auto& head = parser_->get();
    std::string output = what() + ": " + std::to_string(head.result_int()) + " ";
    output += std::string_view(head.reason().data(), head.reason().size());
    output += " Output: " + body_;
    if (output.size() > limit_) output.resize(limit_);
    return {StatusOf(head.result_int()), std::move(output)};
  }

  void Fail(const std::string& why) override {
    StreamProbe::Fail(redirects_ == 0 ? why : "redirected to " + ToString(url_) + ": " + why);
  }

  ProbeResult OnTimeout() const override { return head_read_ ? Verdict() : Probe::OnTimeout(); }

  const model::CheckRun run_;
  const size_t limit_;
  TlsContexts& tls_contexts_;
  const Result<HttpUrl> start_;

  // What is asked for now, and which parts of the definition are still sent after redirects.
  HttpUrl url_;
  std::string method_;
  int redirects_ = 0;
  bool sends_body_ = true;
  bool sends_own_host_ = true;
  bool sends_secrets_ = true;

  http::request<http::string_body> request_;
  std::optional<TlsStream> tls_;
  beast::flat_buffer buffer_;
  std::optional<http::response_parser<http::buffer_body>> parser_;
  std::array<char, 4096> chunk_;
  std::string body_;        // at most limit_
  bool head_read_ = false;  // of the answer that counts
};

}  // namespace

std::shared_ptr<Probe> MakeHttpProbe(asio::io_context& loop, const model::CheckRun& run,
                                     TlsContexts& tls) {
  return std::make_shared<HttpProbe>(loop, run, tls);
}

}  // namespace rollcall::probe
