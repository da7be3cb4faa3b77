// OpenSSL's objects of TLS, each freed with its owner. Values of one thread; OpenSSL counts the
// references to what it shares itself.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "registry/base/free_with.h"
#include "registry/pki/openssl_handles.h"

namespace rollcall::http {

using pki::BioHandle;
using SslContextHandle = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using SslHandle = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using SslSessionHandle = std::unique_ptr<SSL_SESSION, FreeWith<SSL_SESSION_free>>;

}  // namespace rollcall::http
