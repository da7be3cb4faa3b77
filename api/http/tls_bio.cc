#include "api/http/tls_bio.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace rollcall::http {

const BIO_METHOD* TlsBio::Method() {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* const made =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rollcall's socket");
    if (made == nullptr) return made;
    BIO_meth_set_read(made, Read);
    BIO_meth_set_write(made, Write);
    BIO_meth_set_ctrl(made, Control);
    return made;
  }();
  return kMethod;
}

BioHandle TlsBio::Make() {
  BioHandle bio(Method() == nullptr ? nullptr : BIO_new(Method()));
  if (bio == nullptr) return bio;
  BIO_set_data(bio.get(), this);
  BIO_set_init(bio.get(), 1);
  return bio;
}

int TlsBio::Read(BIO* bio, char* out, int size) {
  TlsBio* const self = Of(bio);
  BIO_clear_retry_flags(bio);
  if (self->is_cut_) return -1;
  if (self->left_ == 0) {
    self->is_spent_ = true;
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t wanted = std::min(static_cast<size_t>(size), self->left_);
  ssize_t got = 0;
  do {
    got = ::recv(self->socket_, out, wanted, 0);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    const std::string_view bytes(out, static_cast<size_t>(got));
    self->left_ -= bytes.size();
    self->first_size_ +=
        bytes.copy(self->first_.data() + self->first_size_, kFirst - self->first_size_);
  } else if (got == 0) {
    self->has_ended_ = true;
  } else if (errno == EAGAIN) {
    BIO_set_retry_read(bio);
  }
  return static_cast<int>(got);
}

int TlsBio::Write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  ssize_t sent = 0;
  do {
    sent = ::send(Of(bio)->socket_, data, static_cast<size_t>(size), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EAGAIN) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long TlsBio::Control(BIO* bio, int command, long, void*) {  // NOLINT(google-runtime-int)
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;  // nothing is kept here
    case BIO_CTRL_EOF:
      return Of(bio)->has_ended_ ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace rollcall::http
