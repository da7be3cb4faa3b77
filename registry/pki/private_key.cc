#include "registry/pki/private_key.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "registry/pki/openssl_handles.h"

namespace rollcall::pki {
namespace {

// What OpenSSL calls for a passphrase: notes in the bool at `asked` that it was, and has none.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

}  // namespace

void PrivateKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<PrivateKey> PrivateKey::Generate() {
  PrivateKey key(EVP_EC_gen("P-256"));
  if (!key.key_) return OpensslError("cannot make a key");
  return key;
}

Result<PrivateKey> PrivateKey::FromPem(std::string_view pem) {
  const BioHandle bio = ReadFrom(pem);
  if (!bio) return OpensslError("cannot read a key");
  bool is_encrypted = false;
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, &is_encrypted));
  ERR_clear_error();
  if (is_encrypted) {
    return InvalidArgument(
        "the key is encrypted; give it without a passphrase, as `openssl pkey -in FILE` writes it");
  }
  if (!key.key_) return InvalidArgument("there is no private key in it; expected one in PEM");
  return key;
}

Result<std::string> PrivateKey::ToPem() const {
  const char* const form = EVP_PKEY_is_a(key_.get(), "EC") == 1 ? "type-specific"    // SEC 1
                                                                : "PrivateKeyInfo";  // PKCS #8
  const BioHandle memory(BIO_new(BIO_s_secmem()));
  const EncoderHandle encoder(
      OSSL_ENCODER_CTX_new_for_pkey(key_.get(), EVP_PKEY_KEYPAIR, "PEM", form, nullptr));
  if (!memory || !encoder || OSSL_ENCODER_to_bio(encoder.get(), memory.get()) != 1) {
    return OpensslError("cannot write a key");
  }
  return TextOf(memory.get());
}

}  // namespace rollcall::pki
