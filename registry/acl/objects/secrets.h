// The secrets of tokens, and the IDs of everything. Any thread.
//
// Who presents a secret is who he says, and secrets are stored nowhere: what is stored is their
// SHA-256, which is also the ID of the token's record. So a token is found by one look-up of the
// hash, and no stored secret is ever compared with another (those that a worker has hashed lately
// are: registry/access/recent_secrets.h). How long that look-up takes may tell how many
// leading digits of a hash agree with some stored one. That is of no use: who sends secrets cannot
// steer their hashes, so to come closer to a stored one he has to try 2^k secrets for k bits, and
// he still looks for one of 2^128. A comparison in constant time would hide no more.
// The hash needs neither salt nor a slow function, for secrets are random, not words. Who chooses
// his own secret, as Consul lets him, has to take it from a random source.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::acl {

// 128 random bits from OpenSSL's generator, in the form of a UUID, as Consul's: no bits of it name
// a version (RFC 9562 section 4). For secrets, and for IDs. kUnavailable when there is no
// randomness to be had.
Result<std::string> RandomUuid();

// SHA-256 (FIPS 180-4) of a token's secret, and as it stands in records: 64 hexadecimal digits in
// lower case. The secret's own case matters, as in Consul.
using SecretDigest = std::array<uint8_t, 32>;
SecretDigest DigestOf(std::string_view secret);
std::string HexOf(const SecretDigest& digest);

// Both at once.
std::string HashSecret(std::string_view secret);

// Whether `text` is what HashSecret returns.
bool IsSecretHash(std::string_view text);

// The 32 bytes of SHA-256 (FIPS 180-4).
std::string Sha256(std::string_view bytes);

}  // namespace rollcall::acl
