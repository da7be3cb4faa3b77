#include "dns/cookie.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <stdexcept>
#include <variant>

namespace rollcall::dns {

namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kFrontSize = 8;  // version, reserved and timestamp
constexpr size_t kHashSize = 8;

// RFC 9018 section 4.3.
constexpr int32_t kOldest = 3600;
constexpr int32_t kRenewAfter = 1800;
constexpr int32_t kNewest = -300;  // from another server whose clock is ahead

std::array<uint8_t, kFrontSize> FrontAt(uint32_t now) {
  return {kVersion,
          0,
          0,
          0,
          static_cast<uint8_t>(now >> 24),
          static_cast<uint8_t>(now >> 16),
          static_cast<uint8_t>(now >> 8),
          static_cast<uint8_t>(now)};
}

// How old a server cookie is, in seconds; serial arithmetic (RFC 1982).
int32_t AgeOf(const SentCookie& sent, uint32_t now) {
  uint32_t made = 0;
  for (size_t i = 4; i < kFrontSize; ++i) made = made << 8 | sent.server[i];
  return static_cast<int32_t>(now - made);
}

void Require(int ok) {
  if (ok != 1) throw std::runtime_error("DNS cookies: SipHash fails");
}

}  // namespace

void ServerCookies::ContextDeleter::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

ServerCookies::ServerCookies(const CookieSecret& secret) : secret_(secret) {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  if (mac == nullptr) throw std::runtime_error("DNS cookies: OpenSSL has no SipHash");
  context_.reset(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);  // the context holds it
  if (context_ == nullptr) throw std::bad_alloc();
  size_t size = kHashSize;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                   OSSL_PARAM_construct_end()};
  Require(EVP_MAC_CTX_set_params(context_.get(), parameters));
}

std::array<uint8_t, 8> ServerCookies::Hash(const std::array<uint8_t, 8>& client,
                                           const std::array<uint8_t, kFrontSize>& front,
                                           const IpAddress& address) {
  Require(EVP_MAC_init(context_.get(), secret_.data(), secret_.size(), nullptr));
  Require(EVP_MAC_update(context_.get(), client.data(), client.size()));
  Require(EVP_MAC_update(context_.get(), front.data(), front.size()));
  std::visit(
      [&](const auto& octets) {
        Require(EVP_MAC_update(context_.get(), octets.data(), octets.size()));
      },
      address);
  std::array<uint8_t, kHashSize> hash;
  size_t size = 0;
  Require(EVP_MAC_final(context_.get(), hash.data(), &size, hash.size()));
  return hash;
}

bool ServerCookies::IsValid(const SentCookie& sent, const IpAddress& address, uint32_t now) {
  if (sent.server_size != kFrontSize + kHashSize || sent.server[0] != kVersion) return false;
  const int32_t age = AgeOf(sent, now);
  if (age > kOldest || age < kNewest) return false;
  // The reserved octets are hashed as they came: whoever made the cookie may have set them.
  std::array<uint8_t, kFrontSize> front;
  std::copy_n(sent.server.begin(), kFrontSize, front.begin());
  const std::array<uint8_t, kHashSize> expected = Hash(sent.client, front, address);
  return CRYPTO_memcmp(expected.data(), sent.server.data() + kFrontSize, kHashSize) == 0;
}

CookieReply ServerCookies::Answer(const SentCookie& sent, bool is_valid, const IpAddress& address,
                                  uint32_t now) {
  CookieReply reply;
  reply.client = sent.client;
  if (is_valid && AgeOf(sent, now) < kRenewAfter) {
    std::copy_n(sent.server.begin(), reply.server.size(), reply.server.begin());
    return reply;
  }
  const std::array<uint8_t, kFrontSize> front = FrontAt(now);
  const std::array<uint8_t, kHashSize> hash = Hash(sent.client, front, address);
  std::copy(front.begin(), front.end(), reply.server.begin());
  std::copy(hash.begin(), hash.end(), reply.server.begin() + kFrontSize);
  return reply;
}

}  // namespace rollcall::dns
