#include "registry/pki/secret_text.h"

#include <openssl/crypto.h>

#include <cassert>

namespace rollcall::pki {

SecretText::SecretText(size_t room)
    : bytes_(std::make_unique_for_overwrite<char[]>(room)), room_(room) {}

SecretText::~SecretText() {
  if (bytes_ != nullptr) OPENSSL_cleanse(bytes_.get(), size_);
}

void SecretText::Grow(size_t count) {
  assert(count <= left());
  size_ += count;
}

}  // namespace rollcall::pki
