// OpenSSL's objects, each freed with its owner, and OpenSSL's errors as ours. For the files of this
// folder and for who speaks TLS (api/http); the headers that others see do without OpenSSL's.
// Values; each belongs to one thread.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/encoder.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "registry/base/free_with.h"
#include "registry/base/result.h"

namespace rollcall::pki {

using BigNumberHandle = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using BioHandle = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using EncoderHandle = std::unique_ptr<OSSL_ENCODER_CTX, FreeWith<OSSL_ENCODER_CTX_free>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
using TrustHandle = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using VerificationHandle = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;

// Why this thread's last call failed, in OpenSSL's words: the first error of the queue, from which
// the others followed. Empties the queue, which has to be empty before the call (ERR_clear_error).
std::string TakeOpensslReason();
// "<what>: <that reason>" (kIo).
Error OpensslError(std::string_view what);

// `pem`, for OpenSSL to read; it must outlive the handle. Null when OpenSSL is out of memory, or
// `pem` is larger than 2 GiB.
BioHandle ReadFrom(std::string_view pem);

// What was written to a BIO of memory.
std::string TextOf(BIO* memory);

}  // namespace rollcall::pki
