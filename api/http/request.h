// Request: one received HTTP request, complete with its body.
// Made by RequestReader, then only read; the views that it hands out live as long as it does.
// It belongs to its Exchange. Neither copied nor moved, because of the views inside.
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/target.h"
#include "api/http/tls_peer.h"
#include "registry/base/result.h"

namespace rollcall::http {

enum class Method : uint8_t { kGet, kHead, kPut, kPost, kDelete, kPatch, kOptions, kOther };

// "GET"; empty for kOther.
std::string_view MethodName(Method method);
// Methods are case-sensitive (RFC 9110 section 9.1).
Method ParseMethod(std::string_view name);

// A name and its value: a header field, a decoded query parameter, or a parameter of a route.
struct NamedValue {
  std::string_view name;
  std::string_view value;
};

// What a route's pattern captured, still escaped. No route has more than kMaxPathParameters.
inline constexpr size_t kMaxPathParameters = 4;
struct PathParameters {
  std::array<NamedValue, kMaxPathParameters> values;
  size_t size = 0;
};

class Request {
 public:
  explicit Request(std::string remote_address) : remote_address_(std::move(remote_address)) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  Method method() const { return method_; }
  // As it was sent, also for Method::kOther.
  std::string_view method_name() const { return method_name_; }

  // As it was sent: "/v1/health/service/a%2Fb?passing".
  std::string_view target() const { return target_; }
  // The path as it was sent, and with its escapes decoded.
  std::string_view raw_path() const { return raw_path_; }
  std::string_view path() const { return path_; }

  // The value that a ":name" or "*name" of the matched route captured, decoded.
  // Precondition: the route has that parameter.
  std::string_view PathParameter(std::string_view name) const;

  // Query parameters in the order in which they were sent, decoded. One without '=' has the value
  // "".
  std::span<const NamedValue> query() const { return {query_.data(), query_.size()}; }
  // The first one of that name (case matters).
  std::optional<std::string_view> FindQuery(std::string_view name) const;
  bool HasQuery(std::string_view name) const { return FindQuery(name).has_value(); }
  // All of that name, in order.
  std::vector<std::string_view> AllQuery(std::string_view name) const;

  // Header fields in the order in which they were sent; trailers are not among them.
  std::span<const NamedValue> headers() const { return {headers_.data(), headers_.size()}; }
  // The first one of that name, ignoring case.
  std::optional<std::string_view> FindHeader(std::string_view name) const;

  // At most Limits::max_body_bytes; any bytes.
  const std::string& body() const { return body_; }

  // The client's IP address, without the port: "127.0.0.1", "::1".
  const std::string& remote_address() const { return remote_address_; }

  // Who the client is by its certificate, which has been verified. Null: it has shown none, or
  // there is no TLS.
  const TlsPeer* tls_peer() const { return tls_peer_.get(); }

  // Whether the client wants the connection kept open after the answer.
  bool keep_alive() const { return keep_alive_; }
  // HTTP/1.<this>: 0 or 1.
  int minor_version() const { return minor_version_; }

  // Called by the session once the route is known; decodes what it captured.
  void BindPath(const PathParameters& captured);
  // Called by the session before anything is read.
  void SetTlsPeer(std::shared_ptr<const TlsPeer> peer) { tls_peer_ = std::move(peer); }

 private:
  friend class RequestReader;

  Result<void> ParseTarget();
  void ParseQuery(std::string_view query);
  std::string_view Decoded(std::string_view text, PlusSign plus);

  std::string head_;     // request line and header fields as received; most views point into it
  std::string decoded_;  // the other views; reserved once, so that it never moves
  std::string body_;
  const std::string remote_address_;
  std::shared_ptr<const TlsPeer> tls_peer_;
  std::string_view method_name_;
  std::string_view target_;
  std::string_view raw_path_;
  std::string_view path_;
  PathParameters path_parameters_;
  // With room for as many as most requests have.
  boost::container::small_vector<NamedValue, 4> query_;
  boost::container::small_vector<NamedValue, 8> headers_;
  Method method_ = Method::kOther;
  uint8_t minor_version_ = 1;
  bool keep_alive_ = false;
  bool is_escaped_ = false;  // there is a '%' or a '+' in the target
};

}  // namespace rollcall::http
