// Certificate: an X.509 certificate (RFC 5280). Immutable; may be read from any thread, and is
// moved, never copied.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"
#include "registry/pki/private_key.h"

struct asn1_string_st;
struct x509_st;

namespace rollcall::pki {

// X.509 knows whole seconds.
using Time = std::chrono::sys_seconds;

// From the first second to the last, both of them in it.
struct Validity {
  Time begin;
  Time end;

  bool operator==(const Validity&) const = default;
};

// "2027-01-31T12:00:00Z".
std::string TimeText(Time time);
// Of a time as certificates have it (ASN1_TIME); empty when it is null or no time.
std::optional<Time> TimeOf(const asn1_string_st* written);

class Certificate {
 public:
  // The first certificate of a PEM text; what else is there is not looked at. kInvalidArgument for
  // anything else, and for one whose times are none.
  static Result<Certificate> FromPem(std::string_view pem);
  // All of a PEM text, in their order; at least one. Errors likewise, for any of them.
  static Result<std::vector<Certificate>> AllFromPem(std::string_view pem);
  // Takes over `certificate`, which is not null.
  static Result<Certificate> Take(x509_st* certificate);

  Result<std::string> ToPem() const;

  const Validity& validity() const { return validity_; }
  // Whether it may sign others: version 3, CA:TRUE, and a key usage, if it has one, with
  // keyCertSign.
  bool IsAuthority() const;
  bool IsOfKey(const PrivateKey& key) const;

  x509_st* get() const { return certificate_.get(); }

 private:
  struct Free {
    void operator()(x509_st* certificate) const;
  };

  explicit Certificate(x509_st* certificate) : certificate_(certificate) {}

  std::unique_ptr<x509_st, Free> certificate_;
  Validity validity_;
};

}  // namespace rollcall::pki
