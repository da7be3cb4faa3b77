#include "api/http/tls_client_talk.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <string_view>
#include <utility>

#include "registry/base/printable.h"

namespace rollcall::http {
namespace {

// Where an SSL, or its context, keeps the talk that it belongs to. The first number is taken by
// Asio for an object of its own.
int PlaceInSsl() {
  static const int kPlace = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return kPlace;
}
int PlaceInContext() {
  static const int kPlace = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return kPlace;
}

bool IsAddress(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> room{};
  return inet_pton(AF_INET, name.c_str(), room.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), room.data()) == 1;
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int size = ASN1_STRING_length(address);
  const int family = size == 4 ? AF_INET : AF_INET6;
  if (size != 4 && size != 16) return "";
  return inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size());
}

// "server.dc1.consul, localhost, 127.0.0.1": few are worth saying.
std::string NamesOf(X509* certificate) {
  constexpr int kMost = 8;
  std::string all;
  auto* const names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names);
  for (int i = 0; i < count && i < kMost; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    std::string text;
    if (name->type == GEN_DNS) {
      text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                  static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      text = AddressText(name->d.iPAddress);
    }
    if (!text.empty()) all += (all.empty() ? "" : ", ") + Printable(text.substr(0, 253));
  }
  if (count > kMost) all += ", ...";
  GENERAL_NAMES_free(names);
  return all;
}

// Alerts, of RFC 8446 section 6.2.
constexpr int kHandshakeFailure = 40;
constexpr int kProtocolVersion = 70;
constexpr int kCertificateRequired = 116;
bool IsAboutCertificate(int alert) { return (alert >= 42 && alert <= 46) || alert == 48; }

}  // namespace

TlsClientTalk::TlsClientTalk(std::string name, const Words& words, TlsSession* sessions)
    : name_(std::move(name)), words_(words), sessions_(sessions), is_address_(IsAddress(name_)) {}

TlsClientTalk* TlsClientTalk::Of(const SSL* ssl) {
  void* const of_ssl = SSL_get_ex_data(ssl, PlaceInSsl());
  if (of_ssl != nullptr) return static_cast<TlsClientTalk*>(of_ssl);
  return static_cast<TlsClientTalk*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), PlaceInContext()));
}

bool TlsClientTalk::Expect(X509_VERIFY_PARAM* expected) const {
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address_) return X509_VERIFY_PARAM_set1_ip_asc(expected, name_.c_str()) == 1;
  return X509_VERIFY_PARAM_set1_host(expected, name_.data(), name_.size()) == 1;
}

bool TlsClientTalk::Begin(SSL* ssl, std::shared_ptr<const TlsClientContext> context) {
  context_ = std::move(context);
  if (SSL_set_ex_data(ssl, PlaceInSsl(), this) != 1 || !Expect(SSL_get0_param(ssl))) return false;
  SSL_set_verify(ssl, SSL_get_verify_mode(ssl), OnVerify);
  SSL_set_info_callback(ssl, OnStep);
  const bool may_resume =
      sessions_ != nullptr && sessions_->session != nullptr && sessions_->context == context_;
  return !may_resume || SSL_set_session(ssl, sessions_->session.get()) == 1;
}

void TlsClientTalk::KeepSessions(SSL_CTX* context) {
  // By who has a connection, and not in the context: each session is of one server.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, OnSession);
}

bool TlsClientTalk::BeginAll(SSL_CTX* context) {
  if (SSL_CTX_set_ex_data(context, PlaceInContext(), this) != 1 ||
      !Expect(SSL_CTX_get0_param(context))) {
    return false;
  }
  SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context), OnVerify);
  SSL_CTX_set_info_callback(context, OnStep);
  return true;
}

int TlsClientTalk::OnVerify(int is_good, X509_STORE_CTX* store) {
  const auto* const ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  TlsClientTalk* const self = Of(ssl);
  const bool counts = self != nullptr && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE;
  if (is_good == 1 || !counts) return is_good;
  self->verify_error_ = X509_STORE_CTX_get_error(store);
  if (X509* const shown = X509_STORE_CTX_get0_cert(store)) {
    self->certificate_names_ = NamesOf(shown);
  }
  return is_good;
}

void TlsClientTalk::OnStep(const SSL* ssl, int where, int result) {
  TlsClientTalk* const self = Of(ssl);
  if (self == nullptr) return;
  if ((where & SSL_CB_HANDSHAKE_START) != 0) {
    self->verify_error_ = X509_V_OK;
    self->alert_ = self->reason_ = 0;
    // Server Name Indication is for names only (RFC 6066 section 3). Here, because whoever makes
    // connections of a context may have asked for the host that they go to.
    const char* const name = self->is_address_ ? nullptr : self->name_.c_str();
    // NOLINTNEXTLINE: OpenSSL's callbacks hand it out so
    SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), name);
  } else if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
    const int alert = result & 0xff;
    if (alert != SSL_AD_CLOSE_NOTIFY) self->alert_ = alert;
  } else if ((where & SSL_CB_CONNECT_EXIT) == SSL_CB_CONNECT_EXIT && result <= 0) {
    const unsigned long error = ERR_peek_error();  // NOLINT(google-runtime-int): OpenSSL's
    if (error != 0 && ERR_GET_LIB(error) == ERR_LIB_SSL) self->reason_ = ERR_GET_REASON(error);
  }
}

int TlsClientTalk::OnSession(SSL* ssl, SSL_SESSION* session) {
  TlsClientTalk* const self = Of(ssl);
  if (self == nullptr || self->sessions_ == nullptr) return 0;
  self->sessions_->session.reset(session);
  self->sessions_->context = self->context_;
  return 1;  // it is ours now
}

std::string TlsClientTalk::Why() const {
  if (verify_error_ != X509_V_OK) return WhyNotVerified();
  if (alert_ != 0) return WhyRefused();
  switch (reason_) {
    case 0:
      return "";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return "what answers there does not speak TLS; is it http:// instead of https://, or another "
             "port?";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
      return "it speaks only TLS that is too old; 1.2 or 1.3 is needed";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return "it hung up in the middle of the handshake";
    default:
      break;
  }
  const char* const words =
      ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, static_cast<unsigned>(reason_)));
  return words == nullptr ? "the handshake failed" : words;
}

std::string TlsClientTalk::WhyNotVerified() const {
  switch (verify_error_) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return std::string(
                 "its certificate is of an authority that is not trusted here; name the "
                 "authority's certificate with ") +
             words_.authorities;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired; the server needs a new one (and is this host's clock "
             "right?)";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet; is this host's clock right?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is not for " + name_ +
             (certificate_names_.empty() ? "" : " but for " + certificate_names_) +
             "; ask it by a name that it has, or say with " + words_.name +
             " which one it must have";
    case X509_V_ERR_INVALID_PURPOSE:
      return "its certificate is not one of a server";
    default:
      return std::string("its certificate is not good: ") +
             X509_verify_cert_error_string(verify_error_);
  }
}

std::string TlsClientTalk::WhyRefused() const {
  if (alert_ == kProtocolVersion)
    return "it speaks no TLS that is new enough; 1.2 or 1.3 is needed";
  if (alert_ == kCertificateRequired) {
    return std::string("it wants a certificate of its clients; give one with ") +
           words_.certificate;
  }
  const char* const words = SSL_alert_desc_string_long(alert_);
  if (alert_ == kHandshakeFailure) {
    return std::string(
               "it refuses the handshake, as one that wants a certificate of its clients "
               "does; give one with ") +
           words_.certificate;
  }
  if (IsAboutCertificate(alert_)) {
    return std::string("it does not take the certificate of this side (") + words +
           "); give one of its authorities with " + words_.certificate;
  }
  return std::string("it refuses the handshake (") + words + ")";
}

}  // namespace rollcall::http
