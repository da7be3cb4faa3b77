// Transport: the connection of one session: a socket that does not block, with TLS over it or not.
//
// Without TLS a call is that of socket_io behind one comparison with null: nothing is virtual, and
// nothing more is allocated than the socket's descriptor.
//
// Worker's thread. Owned by a Session.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "api/http/socket_io.h"
#include "api/http/socket_poller.h"
#include "api/http/tls_socket.h"
#include "registry/base/owned_fd.h"

namespace rollcall::http {

class Transport {
 public:
  // `tls` is over `socket`; null: none.
  explicit Transport(OwnedFd socket, std::unique_ptr<TlsSocket> tls = nullptr)
      : socket_(std::move(socket)), tls_(std::move(tls)) {
    SendWithoutDelay(socket_.get());
  }

  int socket() const { return socket_.get(); }
  // Null: without TLS.
  TlsSocket* tls() const { return tls_.get(); }
  // What comes next is no TLS.
  void DropTls() { tls_.reset(); }

  // As the functions of socket_io and TlsSocket.
  Received Receive(std::vector<char>& room) {
    if (tls_ != nullptr) [[unlikely]]
      return tls_->Receive(room);
    return ReceiveSome(socket_.get(), room);
  }
  bool Send(const Parts& parts, size_t& sent) {
    if (tls_ != nullptr) [[unlikely]]
      return tls_->Send(parts, sent);
    return SendSome(socket_.get(), parts, sent);
  }
  bool HasInput() const {
    return tls_ != nullptr ? tls_->HasInput() : http::HasInput(socket_.get());
  }
  bool HasBegunRecord() const { return tls_ != nullptr && tls_->HasBegunRecord(); }
  SocketPoller::Ready Meaning(SocketPoller::Ready ready) {
    return tls_ != nullptr ? tls_->Meaning(ready) : ready;
  }

  // kWaits: once more when the socket takes bytes. After kDone what still comes is not decrypted
  // any more.
  enum class Ending { kDone, kWaits, kBroken };
  Ending EndSending() {
    if (tls_ != nullptr && !tls_->SayGoodbye()) return Ending::kWaits;
    tls_.reset();
    return http::EndSending(socket_.get()) ? Ending::kDone : Ending::kBroken;
  }

  // What the client has not taken yet is thrown away.
  void Cut() { DropUnsent(socket_.get()); }

  enum class Farewell { kSay, kNone };
  // kSay: in good order, as far as there is room for a word. kNone: the client is to know that
  // something is missing.
  void Close(Farewell farewell) {
    if (tls_ != nullptr && farewell == Farewell::kSay) tls_->SayGoodbye();
    tls_.reset();
    socket_ = OwnedFd();
  }

 private:
  OwnedFd socket_;
  std::unique_ptr<TlsSocket> tls_;
};

}  // namespace rollcall::http
