#include "api/http/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>

namespace rollcall::http {
namespace {

// Results of the callback, as SSL_CTX_set_tlsext_ticket_key_evp_cb(3) has them.
constexpr int kFailed = -1;
constexpr int kNoTicket = 0;  // a full handshake is made
constexpr int kGood = 1;
constexpr int kGoodButRenew = 2;

std::optional<TicketKeys::Key> DrawKey() {
  TicketKeys::Key key;
  const auto draw = [](auto& octets) {
    return RAND_bytes(octets.data(), static_cast<int>(octets.size())) == 1;
  };
  if (!draw(key.name) || !draw(key.cipher) || !draw(key.mac)) return std::nullopt;
  return key;
}

bool SetMac(EVP_MAC_CTX* mac, TicketKeys::Key& key) {
  std::array<char, 7> digest = {"SHA256"};
  const std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
}

int Encrypt(TicketKeys& keys, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
            EVP_MAC_CTX* mac) {
  std::optional<TicketKeys::Key> key = keys.Current();
  if (!key || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return kFailed;
  std::copy(key->name.begin(), key->name.end(), name);
  const bool is_set =
      EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher.data(), iv, nullptr) == 1 &&
      SetMac(mac, *key);
  return is_set ? kGood : kFailed;
}

int Decrypt(TicketKeys& keys, SSL* ssl, const unsigned char* name, const unsigned char* iv,
            EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  std::optional<TicketKeys::Key> key = keys.Find(name);
  if (!key) return kNoTicket;
  const bool is_set =
      SetMac(mac, *key) &&
      EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher.data(), iv, nullptr) == 1;
  if (!is_set) return kFailed;
  // In TLS 1.3 a ticket is good for one connection (RFC 8446 section C.4).
  if (SSL_version(ssl) >= TLS1_3_VERSION) return kGoodButRenew;
  const std::optional<TicketKeys::Key> current = keys.Current();
  return current && current->name == key->name ? kGood : kGoodButRenew;
}

int UseKeys(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
            EVP_MAC_CTX* mac, int encrypting) {
  auto* const keys = static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  return encrypting == 1 ? Encrypt(*keys, name, iv, cipher, mac)
                         : Decrypt(*keys, ssl, name, iv, cipher, mac);
}

}  // namespace

void TicketKeys::Age(Ring& ring) const {
  const Clock::TimePoint oldest = clock_.Now() - 2 * kLifetime;
  while (!ring.empty() && ring.back().since <= oldest) ring.pop_back();
}

std::optional<TicketKeys::Key> TicketKeys::Current() {
  auto ring = ring_.Lock();
  Age(*ring);
  const Clock::TimePoint now = clock_.Now();
  if (ring->empty() || ring->front().since <= now - kLifetime) {
    const std::optional<Key> drawn = DrawKey();
    if (!drawn) return std::nullopt;
    ring->push_front({*drawn, now});
  }
  return ring->front().key;
}

std::optional<TicketKeys::Key> TicketKeys::Find(const uint8_t* name) {
  auto ring = ring_.Lock();
  Age(*ring);
  for (const TimedKey& each : *ring) {
    if (std::equal(each.key.name.begin(), each.key.name.end(), name)) return each.key;
  }
  return std::nullopt;
}

void TicketKeys::Serve(SSL_CTX* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, UseKeys);
}

}  // namespace rollcall::http
