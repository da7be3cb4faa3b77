#include "agent/probe/http2_probe.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace rollcall::probe {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;

namespace {

// Comes back in the acknowledgement.
constexpr std::array<uint8_t, 8> kPingPayload = {'r', 'o', 'l', 'l', 'c', 'a', 'l', 'l'};
constexpr size_t kMaxShown = 512;
// nghttp2 hands out a frame at a time; small ones travel together.
constexpr size_t kWriteTogether = 16 << 10;
// Answers to PING and SETTINGS that may wait because the target does not read them.
constexpr size_t kMaxAnswersWaiting = 64;

struct DeleteCallbacks {
  void operator()(nghttp2_session_callbacks* all) const { nghttp2_session_callbacks_del(all); }
};
struct DeleteOption {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};

std::string_view View(const uint8_t* bytes, size_t size) {
  return size == 0 ? std::string_view()
                   : std::string_view(reinterpret_cast<const char*>(bytes), size);
}

uint8_t* Bytes(std::string_view text) {
  // nghttp2 copies what it is given, and does not write to it.
  return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
}

std::string GoAwayReason(const nghttp2_goaway& frame) {
  std::string reason = nghttp2_http2_strerror(frame.error_code);
  if (frame.opaque_data_len != 0) {
    reason += " (" + Shown(View(frame.opaque_data, frame.opaque_data_len)) + ")";
  }
  return reason;
}

}  // namespace

std::string Shown(std::string_view text) {
  std::string shown(text.substr(0, kMaxShown));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  return shown;
}

// A probe that is done has closed its streams; nghttp2 goes on to the end of the bytes at hand.
struct Http2Probe::Callbacks {
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                      void* user) {
    Http2Probe& probe = *static_cast<Http2Probe*>(user);
    if (probe.is_done() || frame->hd.stream_id != probe.stream_id_) return 0;
    // RFC 9113, section 6.5.2: what is counted of a header.
    probe.headers_received_ += name_size + value_size + 32;
    if (probe.headers_received_ > kMaxHeaders) {
      probe.Fail("the server sends more than " + std::to_string(kMaxHeaders) + " bytes of headers");
    } else {
      probe.OnHeader(View(name, name_size), View(value, value_size));
    }
    return 0;
  }

  static int OnData(nghttp2_session*, uint8_t, int32_t stream, const uint8_t* bytes, size_t size,
                    void* user) {
    Http2Probe& probe = *static_cast<Http2Probe*>(user);
    if (probe.is_done() || stream != probe.stream_id_) return 0;
    probe.body_received_ += size;
    if (probe.body_received_ > kMaxBody) {
      probe.Fail("the server answers with more than " + std::to_string(kMaxBody) + " bytes");
    } else {
      probe.OnBody(View(bytes, size));
    }
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Probe& probe = *static_cast<Http2Probe*>(user);
    if (probe.is_done()) return 0;
    switch (frame->hd.type) {
      case NGHTTP2_GOAWAY:
        OnGoAway(probe, frame->goaway);
        break;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 &&
            std::equal(kPingPayload.begin(), kPingPayload.end(), frame->ping.opaque_data)) {
          probe.OnPong();
        }
        break;
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA:
        if (frame->hd.stream_id == probe.stream_id_ &&
            (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
          probe.OnEnd();
        }
        break;
      default:
        break;
    }
    return 0;
  }

  // RFC 9113, section 6.8: a server that shuts down in peace still answers the streams up to the
  // last one that it names.
  static void OnGoAway(Http2Probe& probe, const nghttp2_goaway& frame) {
    const bool answers_us = frame.last_stream_id >= probe.stream_id_;
    if (frame.error_code == NGHTTP2_NO_ERROR && answers_us) return;
    probe.Fail("the server sent GOAWAY: " + GoAwayReason(frame));
  }

  static int OnStreamClose(nghttp2_session*, int32_t stream, uint32_t code, void* user) {
    Http2Probe& probe = *static_cast<Http2Probe*>(user);
    if (probe.is_done() || stream != probe.stream_id_) return 0;
    probe.Fail(std::string("the stream was reset: ") + nghttp2_http2_strerror(code));
    return 0;
  }

  // nghttp2 sends GOAWAY by itself when the target breaks the protocol.
  static int OnSent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Probe& probe = *static_cast<Http2Probe*>(user);
    if (frame->hd.type != NGHTTP2_GOAWAY) return 0;
    probe.Fail("the server does not keep to HTTP/2: " + GoAwayReason(frame->goaway));
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* out, size_t room, uint32_t* flags,
                          nghttp2_data_source* source, void*) {
    Http2Probe& probe = *static_cast<Http2Probe*>(source->ptr);
    const size_t size = probe.body_.copy(reinterpret_cast<char*>(out), room, probe.body_sent_);
    probe.body_sent_ += size;
    if (probe.body_sent_ == probe.body_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  static nghttp2_session* NewSession(Http2Probe* probe) {
    nghttp2_session_callbacks* all = nullptr;
    nghttp2_option* option = nullptr;
    if (nghttp2_session_callbacks_new(&all) != 0) return nullptr;
    const std::unique_ptr<nghttp2_session_callbacks, DeleteCallbacks> own_all(all);
    if (nghttp2_option_new(&option) != 0) return nullptr;
    const std::unique_ptr<nghttp2_option, DeleteOption> own_option(option);
    nghttp2_session_callbacks_set_on_header_callback(all, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, OnData);
    nghttp2_session_callbacks_set_on_frame_recv_callback(all, OnFrame);
    nghttp2_session_callbacks_set_on_stream_close_callback(all, OnStreamClose);
    nghttp2_session_callbacks_set_on_frame_send_callback(all, OnSent);
    // Other limits are nghttp2's own: 32 settings in a frame, 16 KiB frames, some CONTINUATIONs.
    nghttp2_option_set_max_outbound_ack(option, kMaxAnswersWaiting);
    nghttp2_session* session = nullptr;
    return nghttp2_session_client_new2(&session, all, probe, option) == 0 ? session : nullptr;
  }
};

void Http2Probe::DeleteSession::operator()(nghttp2_session* session) const {
  nghttp2_session_del(session);
}

Http2Probe::Http2Probe(asio::io_context& loop, std::string what, const model::CheckRun& run,
                       ssl::context* tls)
    : StreamProbe(loop, std::move(what), run.timeout),
      tls_context_(tls),
      peer_{.name = run.tls_server_name, .verify_name = !run.tls_skip_verify} {}

Http2Probe::~Http2Probe() = default;

void Http2Probe::ConnectHttp2(const HostPort& where) {
  if (peer_.name.empty()) peer_.name = where.host;
  Connect(where);
}

template <typename Step>
void Http2Probe::OnStream(Step step) {
  if (tls_) {
    step(*tls_);
  } else {
    step(stream());
  }
}

void Http2Probe::OnConnected() {
  if (tls_context_ == nullptr) return StartSession();
  tls_.emplace(stream(), *tls_context_);
  if (!AskForHttp2(*tls_, peer_)) return Fail("TLS cannot be set up");
  tls_->async_handshake(ssl::stream_base::client, [self = Self()](error_code error) {
    if (self->is_done()) return;
    if (error) return self->Fail("TLS handshake: " + error.message());
    if (!AgreedOnHttp2(*self->tls_)) {
      return self->Fail("the server does not offer HTTP/2 (no ALPN \"h2\")");
    }
    self->StartSession();
  });
}

void Http2Probe::StartSession() {
  session_.reset(Callbacks::NewSession(this));
  const std::array<nghttp2_settings_entry, 3> settings = {{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0},  // that the server opens
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMaxHeaders},
  }};
  if (!session_ || nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(),
                                           settings.size()) != 0) {
    return Fail("HTTP/2 cannot be set up");
  }
  Ask();
  if (is_done()) return;
  Write();
  if (!is_done()) Read();
}

void Http2Probe::SendPing() {
  if (nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, kPingPayload.data()) != 0) {
    Fail("the ping cannot be sent");
  }
}

void Http2Probe::SendRequest(const std::vector<Header>& headers, std::string body) {
  body_ = std::move(body);
  std::vector<nghttp2_nv> fields;
  fields.reserve(headers.size());
  for (const Header& each : headers) {
    fields.push_back({Bytes(each.name), Bytes(each.value), each.name.size(), each.value.size(),
                      NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider provider{};
  provider.source.ptr = this;
  provider.read_callback = Callbacks::ReadBody;
  stream_id_ = nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(),
                                      &provider, nullptr);
  if (stream_id_ < 0) Fail("the request cannot be sent");
}

void Http2Probe::Read() {
  OnStream([this](auto& stream) {
    stream.async_read_some(asio::buffer(input_), [self = Self()](error_code error, size_t size) {
      if (self->is_done()) return;
      if (error == asio::error::eof || error == asio::error::connection_reset ||
          error == ssl::error::stream_truncated) {
        return self->Fail("the server closed the connection");
      }
      if (error) return self->Fail(error.message());
      self->Take(size);
    });
  });
}

void Http2Probe::Take(size_t size) {
  const std::string_view input(input_.data(), size);
  // The commonest mistake deserves a better word than nghttp2 has for it.
  if (received_ == 0 && input.starts_with("HTTP/1.")) {
    return Fail("the server answers in HTTP/1, not in HTTP/2");
  }
  received_ += size;
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), Bytes(input), input.size());
  if (is_done()) return;
  if (taken < 0) {
    return Fail(std::string("the server does not keep to HTTP/2: ") +
                nghttp2_strerror(static_cast<int>(taken)));
  }
  if (received_ > kMaxReceived) {
    return Fail("the server sends more than " + std::to_string(kMaxReceived) + " bytes");
  }
  Write();
  if (!is_done()) Read();
}

void Http2Probe::Write() {
  if (writing_) return;
  output_.clear();
  while (output_.size() < kWriteTogether) {
    const uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (is_done()) return;
    if (size < 0) return Fail(nghttp2_strerror(static_cast<int>(size)));
    if (size == 0) break;
    output_ += View(bytes, static_cast<size_t>(size));
  }
  if (output_.empty()) return;
  writing_ = true;
  OnStream([this](auto& stream) {
    asio::async_write(stream, asio::buffer(output_), [self = Self()](error_code error, size_t) {
      self->writing_ = false;
      // A server may say why it goes before it goes: what can still be read decides.
      if (self->is_done() || error) return;
      self->Write();
    });
  });
}

}  // namespace rollcall::probe
