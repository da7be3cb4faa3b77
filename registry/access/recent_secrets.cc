#include "registry/access/recent_secrets.h"

#include <openssl/crypto.h>

#include <bit>
#include <cstring>

namespace rollcall::acl {

RecentSecrets::~RecentSecrets() {
  if (places_ != nullptr) OPENSSL_cleanse(places_.get(), sizeof *places_);
}

const SecretDigest* RecentSecrets::Find(std::string_view secret) const {
  const std::optional<Words> words = WordsOf(secret);
  if (places_ == nullptr || !words) return nullptr;
  const Place& place = (*places_)[PlaceOf(*words)];
  uint64_t difference = 0;
  for (size_t i = 0; i < words->size(); ++i) difference |= (*words)[i] ^ place.secret[i];
  return difference == 0 ? &place.digest : nullptr;
}

void RecentSecrets::Keep(std::string_view secret, const SecretDigest& digest) {
  const std::optional<Words> words = WordsOf(secret);
  if (!words) return;
  if (places_ == nullptr) places_ = std::make_unique<std::array<Place, kPlaces>>();
  (*places_)[PlaceOf(*words)] = {*words, digest};
}

// The length is the last byte: a place that nobody has taken, which is of zeros, equals none.
std::optional<RecentSecrets::Words> RecentSecrets::WordsOf(std::string_view secret) {
  if (secret.empty() || secret.size() > kMaxBytes) return std::nullopt;
  std::array<char, kMaxBytes + 1> bytes{};
  std::memcpy(bytes.data(), secret.data(), secret.size());
  bytes.back() = static_cast<char>(secret.size());
  return std::bit_cast<Words>(bytes);
}

// Every bit of a secret counts: who chooses his own may let many begin, or end, alike.
size_t RecentSecrets::PlaceOf(const Words& words) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio
  uint64_t mixed = 0;
  for (const uint64_t word : words) mixed = (std::rotl(mixed, 23) ^ word) * kOdd;
  return mixed >> (64 - std::bit_width(kPlaces - 1));
}

}  // namespace rollcall::acl
