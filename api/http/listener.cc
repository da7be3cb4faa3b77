#include "api/http/listener.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "registry/base/ascii.h"

namespace rollcall::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

// When the process has no descriptor or memory left, accepting at once again would only spin: the
// connection stays in the queue and is taken when there is room.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
// Between two turns the loop's other tasks get theirs.
constexpr size_t kAcceptsPerTurn = 16;

std::string InWords(const ErrorCode& error) {
  std::string text = error.message();
  if (!text.empty()) text[0] = AsciiLower(text[0]);
  return text;
}

Error CannotListen(const std::string& address, uint16_t port, const std::string& why) {
  const bool v6 = address.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + address + "]" : address;
  return IoError("cannot listen on " + host + ":" + std::to_string(port) + ": " + why);
}

void SetReusePort(int socket, ErrorCode& error) {
  const int on = 1;
  if (::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
    error.assign(errno, boost::system::system_category());
  }
}

// A client that reached a dual-stack socket over IPv4 is known by its IPv4 address.
std::string AddressOf(const asio::ip::tcp::endpoint& peer) {
  const asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

// Says what a client that is one too many can do about it: some show their users nothing else.
Response RefusalOf(ConnectionCounts::Verdict verdict, const std::string& address,
                   const Limits& limits) {
  if (verdict == ConnectionCounts::Verdict::kTooManyOfAddress) {
    return TextResponse(429, "Too many connections from " + address +
                                 ", limit: " + std::to_string(limits.max_connections_per_address) +
                                 ". Close idle ones and reuse the others");
  }
  Response response = TextResponse(
      503, "Too many connections to this server, limit: " + std::to_string(limits.max_connections) +
               ". Try again later");
  response.AddHeader("Retry-After", "1");
  return response;
}

// Whether accepting may go on at once: the connection had gone, or a signal came.
bool IsOfOneConnection(const ErrorCode& error) {
  return error == asio::error::connection_aborted || error == asio::error::interrupted;
}

}  // namespace

Listener::Listener(std::shared_ptr<SessionSet> set, Security security)
    : set_(std::move(set)), security_(security), acceptor_(set_->loop), pause_(set_->loop) {}

Result<std::shared_ptr<Listener>> Listener::Open(std::shared_ptr<SessionSet> set,
                                                 const std::string& address, uint16_t port,
                                                 Security security, Claim claim) {
  ErrorCode error;
  const asio::ip::address ip = asio::ip::make_address(address, error);
  if (error) return CannotListen(address, port, "not an IP address");
  const auto listener = std::make_shared<Listener>(std::move(set), security);
  if (Result<void> bound = listener->Bind({ip, port}, claim); !bound) {
    return CannotListen(address, port, bound.error().message);
  }
  return listener;
}

// SO_REUSEPORT lets every process of the same user bind the port, so a second server would silently
// take a share of the first one's connections. Therefore the first listener binds and listens
// without it, which fails when anybody else is there, and sets it afterwards: from then on, and
// only by sockets that set it too, the port can be joined.
Result<void> Listener::Bind(const asio::ip::tcp::endpoint& endpoint, Claim claim) {
  ErrorCode error;
  acceptor_.open(endpoint.protocol(), error);
  // Not to wait for the previous process's connections in TIME_WAIT.
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && claim == Claim::kJoin) SetReusePort(acceptor_.native_handle(), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error && claim == Claim::kFirst) SetReusePort(acceptor_.native_handle(), error);
  if (!error) acceptor_.non_blocking(true, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) return IoError(InWords(error));
  return {};
}

void Listener::Start() { WaitForConnections(); }

void Listener::Close() {
  if (!acceptor_.is_open()) return;
  ErrorCode error;
  acceptor_.cancel(error);
  pause_.cancel();
  Peer peer;
  while (true) {
    OwnedFd socket = AcceptOne(peer, error);
    if (IsOfOneConnection(error)) continue;
    if (error) break;
    Welcome(std::move(socket), peer);
  }
  acceptor_.close(error);
}

void Listener::WaitForConnections() {
  acceptor_.async_wait(asio::socket_base::wait_read,
                       [self = shared_from_this()](const ErrorCode& error) {
                         if (!error && self->acceptor_.is_open()) self->Accept();
                       });
}

void Listener::Accept() {
  ErrorCode error;
  for (size_t taken = 0; taken < kAcceptsPerTurn; ++taken) {
    Peer peer;
    OwnedFd socket = AcceptOne(peer, error);
    if (error == asio::error::would_block) break;
    if (IsOfOneConnection(error)) continue;
    if (error) return Pause(error);
    Welcome(std::move(socket), peer);
    if (!acceptor_.is_open()) return;
  }
  WaitForConnections();
}

// Not Asio's own, which would register the socket with its loop: that is the SocketPoller's work.
OwnedFd Listener::AcceptOne(Peer& peer, ErrorCode& error) {
  auto size = static_cast<socklen_t>(peer.capacity());
  OwnedFd socket(
      ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  error.assign(socket.get() < 0 ? errno : 0, boost::system::system_category());
  if (!error) peer.resize(size);
  return socket;
}

void Listener::Pause(const ErrorCode& why) {
  if (failures_.IsTime()) {
    spdlog::error("http: cannot accept connections on port {}: {}; trying again", port_,
                  InWords(why));
  }
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error && self->acceptor_.is_open()) self->Accept();
  });
}

// Makes the accepted connection a session, or tells it that it is one too many.
void Listener::Welcome(OwnedFd socket, const Peer& peer) {
  try {
    std::string address = AddressOf(peer);
    const ConnectionCounts::Verdict verdict = set_->counts->Enter(address);
    if (verdict == ConnectionCounts::Verdict::kWelcome) {
      return Begin(std::move(socket), std::move(address));
    }
    Refuse(std::move(socket), std::move(address), verdict);
  } catch (const std::exception& error) {
    spdlog::error("http: connection dropped: {}", error.what());
  }
}

void Listener::Begin(OwnedFd socket, std::string address) {
  std::shared_ptr<Session> session;
  try {
    session = std::make_shared<Session>(set_, MakeTransport(std::move(socket)), address,
                                        Session::Admission::kCounted);
  } catch (const std::exception&) {
    set_->counts->Leave(address);
    throw;
  }
  session->Start();
}

Transport Listener::MakeTransport(OwnedFd socket) const {
  if (security_ == Security::kPlain) return Transport(std::move(socket));
  auto tls = std::make_unique<TlsSocket>(set_->tls, socket.get());
  return Transport(std::move(socket), std::move(tls));
}

// Without TLS in any case: one too many is to cost nothing, and a handshake is what costs most.
void Listener::Refuse(OwnedFd socket, std::string address, ConnectionCounts::Verdict why) {
  Response refusal = RefusalOf(why, address, set_->limits);
  if (refusals_.IsTime()) {
    spdlog::warn("http: connection from {} refused: {}", address, refusal.body.view());
  }
  const auto session = std::make_shared<Session>(set_, Transport(std::move(socket)),
                                                 std::move(address), Session::Admission::kRefused);
  if (security_ == Security::kTls) return session->RefuseTls();
  session->Refuse(std::move(refusal));
}

}  // namespace rollcall::http
