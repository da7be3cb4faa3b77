#include "tests/registry/jwt/issuer.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <map>

#include "registry/jwt/base64url.h"

namespace rollcall::jwt {
namespace {

EVP_PKEY* NewKey(std::string_view kind) {
  if (kind == "Ed25519") return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (kind == "RSA-PSS") {
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr);
    EVP_PKEY* key = nullptr;
    EVP_PKEY_keygen_init(context);
    EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048);
    EVP_PKEY_generate(context, &key);
    EVP_PKEY_CTX_free(context);
    return key;
  }
  if (kind.starts_with("RSA-")) {
    const size_t bits = std::stoul(std::string(kind.substr(4)));
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits);
  }
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", std::string(kind).c_str());
}

std::string TextOf(BIO* memory) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, static_cast<size_t>(size));
  BIO_free(memory);
  return text;
}

std::string NumberParam(const EVP_PKEY* key, const char* name, int size) {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &number), 1) << name;
  const int length = size == 0 ? BN_num_bytes(number) : size;
  std::string bytes(static_cast<size_t>(length), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), length);
  BN_free(number);
  return bytes;
}

std::string RawOf(const std::string& der, size_t size) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* const numbers = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string raw(size, '\0');
  const int half = static_cast<int>(size / 2);
  auto* const out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(numbers), out, half);
  BN_bn2binpad(ECDSA_SIG_get0_s(numbers), out + half, half);
  ECDSA_SIG_free(numbers);
  return raw;
}

}  // namespace

Issuer::Issuer(std::string_view kind) : key_(NewKey(kind), EVP_PKEY_free) {
  EXPECT_NE(key_, nullptr) << kind;
}

const Issuer& Issuer::For(Algorithm algorithm) {
  static std::map<KeyType, Issuer> made;
  const KeyType type = KeyTypeOf(algorithm);
  const std::string kind = type == KeyType::kRsa ? "RSA-2048" : std::string(ToString(type));
  return made.try_emplace(type, kind).first->second;
}

std::string Issuer::PublicPem() const {
  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(memory, key_.get());
  return TextOf(memory);
}

std::string Issuer::PrivatePem() const {
  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(memory, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return TextOf(memory);
}

std::string Issuer::CertificatePem() const {
  X509* const certificate = X509_new();
  ASN1_TIME_set(X509_getm_notBefore(certificate), 0);
  ASN1_TIME_set(X509_getm_notAfter(certificate), 1);
  X509_set_pubkey(certificate, key_.get());
  X509_sign(certificate, key_.get(),
            EVP_PKEY_is_a(key_.get(), "ED25519") == 1 ? nullptr : EVP_sha256());
  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate);
  X509_free(certificate);
  return TextOf(memory);
}

nlohmann::json Issuer::Jwk() const {
  const EVP_PKEY* const key = key_.get();
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    return {{"kty", "RSA"},
            {"n", EncodeBase64Url(NumberParam(key, OSSL_PKEY_PARAM_RSA_N, 0))},
            {"e", EncodeBase64Url(NumberParam(key, OSSL_PKEY_PARAM_RSA_E, 0))}};
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    const int bits = EVP_PKEY_get_bits(key);
    const int size = (bits + 7) / 8;
    return {{"kty", "EC"},
            {"crv", "P-" + std::to_string(bits)},
            {"x", EncodeBase64Url(NumberParam(key, OSSL_PKEY_PARAM_EC_PUB_X, size))},
            {"y", EncodeBase64Url(NumberParam(key, OSSL_PKEY_PARAM_EC_PUB_Y, size))}};
  }
  std::string bytes(32, '\0');
  size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", EncodeBase64Url(bytes)}};
}

std::string Issuer::JwksOf(const std::string& key_id) const {
  nlohmann::json jwk = Jwk();
  jwk["kid"] = key_id;
  return nlohmann::json{{"keys", nlohmann::json::array({jwk})}}.dump();
}

std::string Issuer::Token(Algorithm algorithm, const nlohmann::json& claims,
                          const std::string& key_id) const {
  nlohmann::json header = {{"alg", ToString(algorithm)}, {"typ", "JWT"}};
  if (!key_id.empty()) header["kid"] = key_id;
  return TokenOf(algorithm, header.dump(), claims.dump());
}

std::string Issuer::TokenOf(Algorithm algorithm, std::string_view header,
                            std::string_view payload) const {
  const std::string text = EncodeBase64Url(header) + '.' + EncodeBase64Url(payload);
  return text + '.' + EncodeBase64Url(Signature(algorithm, text));
}

std::string Issuer::Signature(Algorithm algorithm, const std::string& text) const {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EXPECT_EQ(EVP_DigestSignInit_ex(context, nullptr, DigestOf(algorithm), nullptr, nullptr,
                                  key_.get(), nullptr),
            1);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  EVP_DigestSign(context, nullptr, &size, bytes, text.size());
  std::string signature(size, '\0');
  EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                           bytes, text.size()),
            1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  if (EVP_PKEY_is_a(key_.get(), "EC") != 1) return signature;
  return RawOf(signature, SignatureSizeOf(algorithm));
}

std::string HmacToken(std::string_view secret, const nlohmann::json& claims) {
  const std::string text =
      EncodeBase64Url(R"({"alg":"HS256","typ":"JWT"})") + '.' + EncodeBase64Url(claims.dump());
  std::string mac(32, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &size);
  return text + '.' + EncodeBase64Url(mac);
}

std::string UnsignedToken(const std::string& none, const nlohmann::json& claims,
                          const std::string& signature) {
  return EncodeBase64Url(nlohmann::json{{"alg", none}}.dump()) + '.' +
         EncodeBase64Url(claims.dump()) + '.' + EncodeBase64Url(signature);
}

}  // namespace rollcall::jwt
