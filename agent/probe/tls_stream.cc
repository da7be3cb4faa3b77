#include "agent/probe/tls_stream.h"

#include <openssl/ssl.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <string_view>

namespace rollcall::probe {
namespace {

// A list of names, each behind its length.
constexpr unsigned char kOnlyHttp2[] = {2, 'h', '2'};

}  // namespace

bool AskForHttp2(TlsStream& tls, const TlsPeer& peer) {
  // Zero is success, in this function of OpenSSL's alone.
  return SSL_set_alpn_protos(tls.native_handle(), kOnlyHttp2, sizeof(kOnlyHttp2)) == 0 &&
         AskFor(tls, peer);
}

bool AskFor(TlsStream& tls, const TlsPeer& peer) {
  if (peer.verify_name) {
    tls.set_verify_callback(boost::asio::ssl::host_name_verification(peer.name));
  }
  boost::system::error_code is_a_name;
  boost::asio::ip::make_address(peer.name, is_a_name);
  // Server Name Indication is for names only (RFC 6066, section 3).
  return !is_a_name || SSL_set_tlsext_host_name(tls.native_handle(), peer.name.c_str()) == 1;
}

bool AgreedOnHttp2(TlsStream& tls) {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls.native_handle(), &name, &size);
  return name != nullptr && std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

}  // namespace rollcall::probe
