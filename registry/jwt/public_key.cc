#include "registry/jwt/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "registry/base/free_with.h"

namespace rollcall::jwt {
namespace {

using KeyHandle = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using MemoryHandle = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using CertificateHandle = std::unique_ptr<X509, FreeWith<X509_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Of at most a few thousand bytes: callers have looked.
NumberHandle NumberOf(std::string_view big_endian) {
  return NumberHandle(BN_bin2bn(Bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

KeyHandle KeyOf(const char* algorithm, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return KeyHandle(key);
}

struct Curve {
  KeyType type;
  const char* name;  // OpenSSL's
  size_t coordinate;
};
constexpr std::array kCurves = {Curve{KeyType::kP256, "prime256v1", 32},
                                Curve{KeyType::kP384, "secp384r1", 48},
                                Curve{KeyType::kP521, "secp521r1", 66}};

std::optional<KeyType> CurveOf(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return std::nullopt;
  for (const Curve& curve : kCurves) {
    if (std::string_view(name.data(), size) == curve.name) return curve.type;
  }
  return std::nullopt;
}

Result<void> CheckRsa(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return InvalidArgument("the RSA key has " + std::to_string(bits) + " bits: it takes " +
                           std::to_string(kMinRsaBits) + " to " + std::to_string(kMaxRsaBits));
  }
  BIGNUM* exponent = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) {
    return InvalidArgument("the RSA key has no exponent");
  }
  const NumberHandle owned(exponent);
  if (BN_is_odd(exponent) != 1 || BN_is_one(exponent) == 1 || BN_num_bits(exponent) > 32) {
    return InvalidArgument("the RSA key's exponent is not an odd number from 3 to 2^32-1");
  }
  return {};
}

// Whether the point lies on its curve.
Result<void> CheckPoint(EVP_PKEY* key) {
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (context != nullptr && EVP_PKEY_public_check(context.get()) == 1) return {};
  return InvalidArgument("the key's point is not on its curve");
}

Result<KeyType> CheckedType(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    if (const Result<void> ok = CheckRsa(key); !ok) return ok.error();
    return KeyType::kRsa;
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    const std::optional<KeyType> curve = CurveOf(key);
    if (!curve) return InvalidArgument("the key's curve is none of P-256, P-384 and P-521");
    if (const Result<void> ok = CheckPoint(key); !ok) return ok.error();
    return *curve;
  }
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyType::kEd25519;
  return InvalidArgument("the key is of none of the kinds RSA, EC and Ed25519");
}

// The first block's label, as in "-----BEGIN PUBLIC KEY-----"; empty where there is none.
std::string_view LabelOf(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  const size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = pem.substr(begin + kBegin.size());
  return rest.substr(0, std::min(rest.find("-----"), rest.find('\n')));
}

KeyHandle CertifiedKey(BIO* pem) {
  const CertificateHandle certificate(PEM_read_bio_X509(pem, nullptr, nullptr, nullptr));
  return KeyHandle(certificate == nullptr ? nullptr : X509_get_pubkey(certificate.get()));
}

// r and s, one behind the other, as the structure in DER that OpenSSL verifies. Empty when OpenSSL
// is out of memory. Whether they are numbers of the curve OpenSSL sees to.
std::string DerOf(std::string_view signature) {
  const size_t half = signature.size() / 2;
  NumberHandle r = NumberOf(signature.substr(0, half));
  NumberHandle s = NumberOf(signature.substr(half));
  const EcSignature numbers(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || numbers == nullptr) return {};
  if (ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(numbers.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

bool IsEllipticCurve(KeyType type) {
  return type == KeyType::kP256 || type == KeyType::kP384 || type == KeyType::kP521;
}

}  // namespace

Result<PublicKey> PublicKey::Checked(evp_pkey_st* key) {
  KeyHandle owned(key);
  const Result<KeyType> type = key == nullptr
                                   ? Result<KeyType>(InvalidArgument("the key cannot be read"))
                                   : CheckedType(key);
  ERR_clear_error();
  if (!type) return type.error();
  return PublicKey(*type, std::shared_ptr<evp_pkey_st>(owned.release(), EVP_PKEY_free));
}

Result<PublicKey> PublicKey::FromPem(std::string_view pem) {
  const std::string_view label = LabelOf(pem);
  if (label.ends_with("PRIVATE KEY")) {
    return InvalidArgument(
        "the key is a private one: give the public one, and keep the private one where tokens are "
        "made");
  }
  if (label != "PUBLIC KEY" && label != "CERTIFICATE") {
    return InvalidArgument("there is no public key and no certificate in PEM");
  }
  if (pem.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return InvalidArgument("the PEM text is too large");
  }
  const MemoryHandle memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (memory == nullptr) return Checked(nullptr);
  KeyHandle key = label == "CERTIFICATE"
                      ? CertifiedKey(memory.get())
                      : KeyHandle(PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr));
  return Checked(key.release());
}

Result<PublicKey> PublicKey::FromRsa(std::string_view modulus, std::string_view exponent) {
  // Before OpenSSL works with them. A leading zero is tolerated, as some issuers write one.
  if (modulus.size() > kMaxRsaBits / 8 + 1 || exponent.size() > 8) {
    return InvalidArgument("the RSA key's numbers are too large");
  }
  const NumberHandle n = NumberOf(modulus);
  const NumberHandle e = NumberOf(exponent);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (n == nullptr || e == nullptr || builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return Checked(nullptr);
  }
  return Checked(KeyOf("RSA", builder.get()).release());
}

Result<PublicKey> PublicKey::FromPoint(KeyType curve, std::string_view x, std::string_view y) {
  for (const Curve& each : kCurves) {
    if (each.type != curve) continue;
    if (x.size() != each.coordinate || y.size() != each.coordinate) {
      return InvalidArgument("the coordinates of a point of " + std::string(ToString(curve)) +
                             " have " + std::to_string(each.coordinate) + " bytes each");
    }
    // SEC 1, section 2.3.3: 4 says that both coordinates follow.
    const std::string point = '\x04' + std::string(x) + std::string(y);
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (builder == nullptr ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, each.name, 0) !=
            1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
      return Checked(nullptr);
    }
    KeyHandle key = KeyOf("EC", builder.get());
    if (key == nullptr) {
      ERR_clear_error();
      return InvalidArgument("the key's point is not on its curve");
    }
    return Checked(key.release());
  }
  return Checked(nullptr);
}

Result<PublicKey> PublicKey::FromEd25519(std::string_view bytes) {
  constexpr size_t kSize = 32;
  if (bytes.size() != kSize) return InvalidArgument("an Ed25519 key has 32 bytes");
  return Checked(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes), bytes.size()));
}

bool PublicKey::Verifies(Algorithm algorithm, std::string_view text,
                         std::string_view signature) const {
  if (KeyTypeOf(algorithm) != type_) return false;
  const size_t size = type_ == KeyType::kRsa ? static_cast<size_t>(EVP_PKEY_get_size(key_.get()))
                                             : SignatureSizeOf(algorithm);
  if (signature.size() != size) return false;
  const std::string der = IsEllipticCurve(type_) ? DerOf(signature) : std::string();
  const std::string_view form = IsEllipticCurve(type_) ? std::string_view(der) : signature;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // the digest context's own
  const bool verifies =
      context != nullptr && !form.empty() &&
      EVP_DigestVerifyInit_ex(context.get(), &settings, DigestOf(algorithm), nullptr, nullptr,
                              key_.get(), nullptr) == 1 &&
      (type_ != KeyType::kRsa || EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PADDING) == 1) &&
      EVP_DigestVerify(context.get(), Bytes(form), form.size(), Bytes(text), text.size()) == 1;
  ERR_clear_error();
  return verifies;
}

}  // namespace rollcall::jwt
