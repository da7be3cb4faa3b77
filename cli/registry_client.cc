#include "cli/registry_client.h"

#include <fcntl.h>
#include <httplib.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "api/http/tls_client_talk.h"
#include "cli/console.h"

namespace rollcall::cli {
namespace {

constexpr std::chrono::seconds kConnectTimeout{5};
constexpr std::chrono::seconds kAnswerTimeout{10};
constexpr size_t kMaxErrorBytes = 4096;

// Why connecting to one address fails, in errno's words; empty when it does not fail.
std::string TryToConnect(const addrinfo& target) {
  const int fd = socket(target.ai_family, target.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                        target.ai_protocol);
  if (fd < 0) return std::strerror(errno);
  int error = connect(fd, target.ai_addr, target.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waiting{fd, POLLOUT, 0};
    socklen_t size = sizeof(error);
    if (poll(&waiting, 1, 1000) <= 0) {
      error = ETIMEDOUT;
    } else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
      error = errno;
    }
  }
  close(fd);
  return error == 0 ? "" : std::strerror(error);
}

// cpp-httplib says only that a connection failed, so what a person needs to know (no such host,
// refused, no route) is found out by trying once more.
std::string WhyUnreachable(const HttpAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (status != 0) return gai_strerror(status);
  std::string why;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    why = TryToConnect(*each);
    if (why.empty()) break;
  }
  freeaddrinfo(found);
  return why.empty() ? "connection failed" : why;
}

std::string LowerFirst(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

// `trouble`: what TLS says of it; empty: nothing.
Error Unreachable(const HttpAddress& address, httplib::Error error, const std::string& trouble) {
  const std::string url = address.Url();
  if (!trouble.empty()) return Unavailable("no TLS connection with " + url + ": " + trouble);
  switch (error) {
    case httplib::Error::Connection:
      return Unavailable("cannot reach " + url + ": " + LowerFirst(WhyUnreachable(address)) +
                         "; is the server running? (rollcall server --dev)");
    case httplib::Error::ConnectionTimeout:
      return Unavailable("cannot reach " + url +
                         ": connection timed out; is --http-addr right, and no firewall between?");
    case httplib::Error::Read:
      return Unavailable(url + " did not answer, or hung up; look at the server's log" +
                         (address.scheme == "http" ? ", and ask with https:// if that is what it "
                                                     "speaks"
                                                   : ""));
    case httplib::Error::SSLConnection:
      return Unavailable("no TLS connection with " + url +
                         ": it hung up, or did not answer; does it speak https, or http?");
    default:
      return Unavailable("no answer from " + url + ": " + httplib::to_string(error));
  }
}

// Errors are one line, whatever the server sent.
std::string FirstLine(const std::string& body) { return body.substr(0, body.find('\n')); }

// "/v1/acl/policy/name/web": "ACL not found" may be said of the object as well as of the token.
bool IsOfOneAclObject(const std::string& path) {
  for (const char* kind : {"token", "policy", "role", "auth-method", "binding-rule"}) {
    if (path.starts_with(std::string("/v1/acl/") + kind + "/")) {
      return path != "/v1/acl/token/self";
    }
  }
  return false;
}

// What to do about a token that may not do what was asked, or is none.
std::string TokenAdvice(const Target& target, const std::string& path, const std::string& said) {
  // Who logs in is told no more than that he may not, or that he has named no method (docs/jwt.md).
  if (path == kLoginPath) {
    return said == "ACL not found" ? "; is there an auth method of that name?"
                                   : "; the server's log says why";
  }
  if (said.starts_with("ACL support disabled")) return "; it was started without access control";
  if (path == kBootstrapPath) {
    return "; \"A lost management token\" in docs/security.md says how to make another one";
  }
  constexpr const char* kWhere =
      "ROLLCALL_HTTP_TOKEN or CONSUL_HTTP_TOKEN, or a file's name into ROLLCALL_HTTP_TOKEN_FILE or "
      "CONSUL_HTTP_TOKEN_FILE";
  if (target.token.empty()) {
    return std::string("; no token was given: put one that may do this into ") + kWhere;
  }
  if (said != "ACL not found") {
    return std::string("; the token that was given may not do this: put another one into ") +
           kWhere;
  }
  if (IsOfOneAclObject(path)) {
    return "; there is none of that name or ID, or the token that was given is unknown or has "
           "expired";
  }
  return std::string(
             "; the token that was given is unknown or has expired: put another one into ") +
         kWhere;
}

// Of an answer of 429.
std::string WhenToComeBack(const httplib::Response& response) {
  const std::string seconds = response.get_header_value("Retry-After");
  const bool is_number =
      !seconds.empty() && seconds.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? "; try again in " + seconds + " s" : "";
}

Result<Response> ToResponse(const Target& target, const std::string& path,
                            const httplib::Result& result, const http::TlsClientTalk* talk) {
  const HttpAddress& address = target.address;
  if (!result) return Unreachable(address, result.error(), talk == nullptr ? "" : talk->Why());
  if (result->status >= 200 && result->status < 300) {
    Response response{result->body, 0};
    const std::string index = result->get_header_value("X-Consul-Index");
    response.index = std::strtoull(index.c_str(), nullptr, 10);
    response.is_filtered = result->get_header_value("X-Consul-Results-Filtered-By-ACLs") == "true";
    return response;
  }
  std::string message = address.Url() + " answered " + std::to_string(result->status);
  const std::string said = FirstLine(result->body);
  message += (said.empty() ? "" : ": " + said) + " (" + path + ")";
  if (result->status >= 500) return Unavailable(std::move(message));
  if (result->status == 401 || result->status == 403) {
    return Error{ErrorCode::kPermissionDenied, message + TokenAdvice(target, path, said)};
  }
  if (result->status == 404) return NotFound(std::move(message));
  if (result->status == 409) return Conflict(std::move(message));
  if (result->status == 429) message += WhenToComeBack(*result);
  return InvalidArgument(std::move(message));
}

const http::TlsClientTalk::Words kTlsWords = {
    .authorities = "--ca-file FILE",
    .certificate = "--client-cert FILE and --client-key FILE",
    .name = "--tls-server-name NAME"};

}  // namespace

class RegistryClient::Connection : public httplib::Client {
 public:
  explicit Connection(const Target& target) : httplib::Client(target.address.Url()) {
    if (!target.token.empty()) set_default_headers({{"X-Consul-Token", target.token}});
    if (target.address.scheme != "https") return;
    const std::string& name = target.server_name.empty() ? target.address.host : target.server_name;
    talk_ = std::make_unique<http::TlsClientTalk>(name, kTlsWords);
    // cpp-httplib's own way knows neither another name than the host's nor why it fails.
    enable_server_certificate_verification(false);
    files_ = http::SetUpTlsClient(ssl_context(), target.tls);
    if (files_ && !talk_->BeginAll(ssl_context())) files_ = Unavailable("TLS: out of memory");
  }

  // Whether the files of TLS can be used: before anything is asked.
  const Result<void>& files() const { return files_; }
  // Null: it is plain HTTP.
  const http::TlsClientTalk* talk() const { return talk_.get(); }

 private:
  std::unique_ptr<http::TlsClientTalk> talk_;
  Result<void> files_;
};

RegistryClient::RegistryClient(Target target)
    : target_(std::move(target)), connection_(std::make_unique<Connection>(target_)) {
  connection_->set_keep_alive(true);
  connection_->set_url_encode(false);
  connection_->set_tcp_nodelay(true);
  SetConnectTimeout(kConnectTimeout);
  SetAnswerTimeout(kAnswerTimeout);
}

RegistryClient::~RegistryClient() = default;

void RegistryClient::SetConnectTimeout(std::chrono::seconds timeout) {
  connection_->set_connection_timeout(timeout);
}

void RegistryClient::SetAnswerTimeout(std::chrono::seconds timeout) {
  connection_->set_read_timeout(timeout);
}

Result<Response> RegistryClient::Get(const std::string& path, const Query& query) {
  std::string target = path;
  char separator = '?';
  for (const auto& [name, value] : query) {
    target += separator + name;
    if (!value.empty()) target += "=" + EncodeSegment(value);
    separator = '&';
  }
  if (!connection_->files()) return connection_->files().error();
  return ToResponse(target_, path, connection_->Get(target), connection_->talk());
}

Result<Response> RegistryClient::Put(const std::string& path, const std::string& json_body) {
  if (!connection_->files()) return connection_->files().error();
  return ToResponse(target_, path, connection_->Put(path, json_body, "application/json"),
                    connection_->talk());
}

Result<Response> RegistryClient::Post(const std::string& path, const std::string& json_body) {
  if (!connection_->files()) return connection_->files().error();
  return ToResponse(target_, path, connection_->Post(path, json_body, "application/json"),
                    connection_->talk());
}

Result<Response> RegistryClient::Delete(const std::string& path) {
  if (!connection_->files()) return connection_->files().error();
  return ToResponse(target_, path, connection_->Delete(path), connection_->talk());
}

Result<Response> RegistryClient::PutBytes(const std::string& path, const std::string& body) {
  if (!connection_->files()) return connection_->files().error();
  return ToResponse(target_, path, connection_->Put(path, body, "application/octet-stream"),
                    connection_->talk());
}

Result<Response> RegistryClient::Download(const std::string& path, const Sink& sink) {
  if (!connection_->files()) return connection_->files().error();
  bool is_error = false;
  std::string error_body;
  Result<void> sunk;
  httplib::Result result = connection_->Get(
      path,
      [&](const httplib::Response& head) {
        is_error = head.status < 200 || head.status >= 300;
        return true;
      },
      [&](const char* bytes, size_t size) {
        if (!is_error) sunk = sink({bytes, size});
        if (is_error && error_body.size() < kMaxErrorBytes) error_body.append(bytes, size);
        return sunk.has_value();
      });
  if (!sunk) return sunk.error();
  if (result) result->body = std::move(error_body);
  return ToResponse(target_, path, result, connection_->talk());
}

std::string WhatIsLeftOut(const Target& target, const Response& response) {
  if (!response.is_filtered) return "";
  return target.token.empty() ? "no token was given: what may not be read without one is left out"
                              : "what the token that was given may not read is left out";
}

void NoteWhatIsLeftOut(const Target& target, const Response& response) {
  if (const std::string note = WhatIsLeftOut(target, response); !note.empty()) Complain(note);
}

std::string EncodeSegment(std::string_view name) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : name) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace rollcall::cli
