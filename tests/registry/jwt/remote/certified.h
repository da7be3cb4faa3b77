// Certificates of an authority of the tests' own, for servers that publish keys.
#pragma once

#include <chrono>
#include <string>

#include "registry/pki/authority.h"

namespace rollcall::jwt {

inline pki::Time CertifiedNow() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// A certificate authority, and what it has signed for one name.
struct Certified {
  std::string ca;
  pki::Certificate certificate;
  pki::PrivateKey key;
};

inline Certified CertifiedFor(const std::string& name, pki::Validity validity) {
  const pki::Validity years{CertifiedNow() - std::chrono::hours(24 * 365),
                            CertifiedNow() + std::chrono::hours(24 * 365)};
  const auto ca = pki::Authority::Create({{}, years}).value();
  const auto authority =
      pki::Authority::Load(pki::Certificate::FromPem(ca.certificate).value(),
                           pki::PrivateKey::FromPem(ca.key).value(), CertifiedNow())
          .value();
  pki::LeafRequest request;
  request.common_name = name;
  request.names.push_back(pki::DnsName::Parse(name).value());
  request.validity = validity;
  const auto issued = authority.Issue(request).value();
  return {ca.certificate, pki::Certificate::FromPem(issued.pem.certificate).value(),
          pki::PrivateKey::FromPem(issued.pem.key).value()};
}

inline Certified CertifiedFor(const std::string& name) {
  return CertifiedFor(
      name, {CertifiedNow() - std::chrono::hours(1), CertifiedNow() + std::chrono::hours(1)});
}

}  // namespace rollcall::jwt
