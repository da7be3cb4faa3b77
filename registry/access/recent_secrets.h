// RecentSecrets: the digests of secrets that were good lately, so that a secret is hashed once and
// not with every request. SHA-256 takes 64 ns in a loop, but a server that hashed each secret took
// 4 % more CPU time for a health query, ten times that (the row `access` of docs/performance.md):
// presumably its code and tables have left the processor's caches between two requests.
//
// A secret has one place, and the next one that belongs there takes it. It is compared with what is
// there in a time that does not depend on where they differ. Only what was found good is to be
// kept: then nobody can fill the places with what he makes up. The secrets are in memory as they
// were presented, as in the requests that they come with, and are overwritten when they go. There
// is no memory for them before the first one. Belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "registry/acl/objects/secrets.h"

namespace rollcall::acl {

class RecentSecrets {
 public:
  static constexpr size_t kPlaces = 1024;
  // Longer ones are not kept. Consul's have 36 bytes.
  static constexpr size_t kMaxBytes = 39;

  RecentSecrets() = default;
  ~RecentSecrets();
  RecentSecrets(const RecentSecrets&) = delete;
  RecentSecrets& operator=(const RecentSecrets&) = delete;

  // Null: not kept, any more. Good until the next Keep.
  const SecretDigest* Find(std::string_view secret) const;
  void Keep(std::string_view secret, const SecretDigest& digest);

 private:
  // A secret with its length, in words, which are compared all at once.
  using Words = std::array<uint64_t, (kMaxBytes + 1) / sizeof(uint64_t)>;
  struct Place {
    Words secret{};
    SecretDigest digest{};
  };

  // None: it is empty or too long.
  static std::optional<Words> WordsOf(std::string_view secret);
  static size_t PlaceOf(const Words& words);

  std::unique_ptr<std::array<Place, kPlaces>> places_;
};

}  // namespace rollcall::acl
