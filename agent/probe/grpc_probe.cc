#include <array>
#include <charconv>
#include <optional>

#include "agent/probe/grpc_health.h"
#include "agent/probe/http2_probe.h"

namespace rollcall::probe {
namespace {

// google.rpc.Code: the names of grpc-status.
constexpr std::array kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::optional<size_t> ReadCode(std::string_view text) {
  size_t code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return code;
}

std::string CodeName(std::string_view text) {
  const std::optional<size_t> code = ReadCode(text);
  return code && *code < kCodeNames.size() ? kCodeNames[*code] : "grpc-status " + Shown(text);
}

// Of grpc-message. What is no such escape stays as it is: an error's text is not to be lost over
// its encoding (PROTOCOL-HTTP2.md).
std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && text.size() - i > 2) {
      const char* digits = text.data() + i + 1;
      const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
      if (error == std::errc() && end == digits + 2) {
        decoded += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

struct GrpcTarget {
  std::string host_port;
  std::string service;
};

GrpcTarget SplitTarget(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return {text, ""};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

// One unary call of grpc.health.v1.Health/Check, as in "gRPC over HTTP2"
// (github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
class GrpcProbe final : public Http2Probe {
 public:
  GrpcProbe(boost::asio::io_context& loop, const model::CheckRun& run,
            boost::asio::ssl::context* tls)
      : Http2Probe(loop, "gRPC check " + run.grpc, run, tls),
        target_(SplitTarget(run.grpc)),
        where_(ParseHostPort(target_.host_port)),
        scheme_(tls == nullptr ? "http" : "https"),
        // As gRPC's own clients do: the name that the certificate must have is the one to ask for.
        authority_(tls == nullptr || run.tls_server_name.empty() ? target_.host_port
                                                                 : run.tls_server_name) {}

 private:
  void Begin() override {
    if (!where_) return Fail(where_.error().message);
    ConnectHttp2(*where_);
  }

  void Ask() override {
    SendRequest({{":method", "POST"},
                 {":scheme", scheme_},
                 {":path", "/grpc.health.v1.Health/Check"},
                 {":authority", authority_},
                 {"te", "trailers"},
                 {"content-type", "application/grpc"},
                 {"user-agent", "rollcall health check"}},
                HealthCheckRequest(target_.service));
  }

  void OnHeader(std::string_view name, std::string_view value) override {
    if (name == ":status") http_status_ = value;
    if (name == "content-type") content_type_ = value;
    if (name == "grpc-status") grpc_status_ = value;
    if (name == "grpc-message") grpc_message_ = value;
  }

  void OnBody(std::string_view part) override { body_ += part; }

  void OnEnd() override {
    if (http_status_ != "200") return Fail("HTTP status " + Shown(http_status_));
    if (!grpc_status_) {
      return Fail("no grpc-status in the answer, whose content-type is \"" + Shown(content_type_) +
                  "\"");
    }
    if (ReadCode(*grpc_status_) != 0U) {
      return Fail(CodeName(*grpc_status_) + ": " + Shown(PercentDecoded(grpc_message_)));
    }
    const Result<uint64_t> status = ReadHealthCheckResponse(body_);
    if (!status) return Fail(status.error().message);
    if (*status != kServing) return Fail(ServingStatusName(*status));
    Finish({model::CheckStatus::kPassing, what() + ": success"});
  }

  const GrpcTarget target_;
  const Result<HostPort> where_;
  const std::string_view scheme_;
  const std::string authority_;
  std::string http_status_;
  std::string content_type_;
  std::optional<std::string> grpc_status_;
  std::string grpc_message_;
  std::string body_;
};

}  // namespace

std::shared_ptr<Probe> MakeGrpcProbe(boost::asio::io_context& loop, const model::CheckRun& run,
                                     boost::asio::ssl::context* tls) {
  return std::make_shared<GrpcProbe>(loop, run, tls);
}

}  // namespace rollcall::probe
