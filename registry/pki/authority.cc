#include "registry/pki/authority.h"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

#include "registry/pki/certificate_draft.h"

namespace rollcall::pki {
namespace {

// What Consul's authorities are called, with our name.
constexpr std::string_view kAuthorityName = "Rollcall Agent CA ";

Result<std::string> DecimalOf(const BIGNUM* number) {
  char* const digits = BN_bn2dec(number);
  if (digits == nullptr) return OpensslError("cannot write a serial number");
  std::string text = digits;
  OPENSSL_free(digits);
  return text;
}

std::string TextOfAddress(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_v4 = std::holds_alternative<Ipv4>(address);
  const void* const octets = is_v4 ? static_cast<const void*>(std::get<Ipv4>(address).data())
                                   : std::get<Ipv6>(address).data();
  inet_ntop(is_v4 ? AF_INET : AF_INET6, octets, text.data(), text.size());
  return text.data();
}

// "DNS:a,IP:10.0.0.1"
std::string AlternativeNames(const LeafRequest& request) {
  std::string value;
  const auto add = [&value](const char* kind, const std::string& name) {
    value += (value.empty() ? "" : ",") + std::string(kind) + name;
  };
  for (const DnsName& name : request.names) add("DNS:", name.text());
  for (const IpAddress& address : request.addresses) add("IP:", TextOfAddress(address));
  return value;
}

struct Extension {
  int nid;
  std::string value;
};

Result<void> AddAll(CertificateDraft* draft, const std::vector<Extension>& extensions) {
  for (const Extension& each : extensions) {
    if (Result<void> ok = draft->AddExtension(each.nid, each.value); !ok) return ok;
  }
  return {};
}

std::vector<Extension> ExtensionsOfAuthority(const std::vector<DnsName>& permitted) {
  // Without an authority key identifier: it would name this very key (RFC 5280 section 4.2.1.1).
  std::vector<Extension> extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                       {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                       {NID_subject_key_identifier, "hash"}};
  if (!permitted.empty()) {
    std::string value = "critical";
    for (const DnsName& name : permitted) value += ",permitted;DNS:" + name.text();
    extensions.push_back({NID_name_constraints, std::move(value)});
  }
  return extensions;
}

std::vector<Extension> ExtensionsOfLeaf(const LeafRequest& request, const Certificate& issuer) {
  // Without keyEncipherment, which Consul adds: no elliptic key can do it (RFC 8813 section 3).
  std::vector<Extension> extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                                       {NID_key_usage, "critical,digitalSignature"}};
  if (request.usage == Usage::kServerAndClient) {
    extensions.push_back({NID_ext_key_usage, "serverAuth,clientAuth"});
  }
  extensions.push_back({NID_subject_key_identifier, "hash"});
  if (X509_get0_subject_key_id(issuer.get()) != nullptr) {
    extensions.push_back({NID_authority_key_identifier, "keyid"});
  }
  extensions.push_back({NID_subject_alt_name, AlternativeNames(request)});
  return extensions;
}

Result<CertificateAndKey> PemOf(const Certificate& certificate, const PrivateKey& key) {
  Result<std::string> certificate_pem = certificate.ToPem();
  if (!certificate_pem) return certificate_pem.error();
  Result<std::string> key_pem = key.ToPem();
  if (!key_pem) return key_pem.error();
  return CertificateAndKey{std::move(*certificate_pem), std::move(*key_pem)};
}

}  // namespace

Result<CertificateAndKey> Authority::Create(const AuthorityRequest& request) {
  const Result<PrivateKey> key = PrivateKey::Generate();
  if (!key) return key.error();
  const Result<BigNumberHandle> serial = RandomSerial();
  if (!serial) return serial.error();
  const Result<std::string> decimal = DecimalOf(serial->get());
  if (!decimal) return decimal.error();
  Result<CertificateDraft> draft = CertificateDraft::Create(
      {std::string(kAuthorityName) + *decimal, *key}, serial->get(), request.validity);
  if (!draft) return draft.error();
  if (Result<void> ok = draft->SetIssuer(nullptr); !ok) return ok.error();
  if (Result<void> ok = AddAll(&*draft, ExtensionsOfAuthority(request.permitted)); !ok) {
    return ok.error();
  }
  const Result<Certificate> certificate = draft->Sign(*key);
  if (!certificate) return certificate.error();
  return PemOf(*certificate, *key);
}

Result<Authority> Authority::Load(Certificate certificate, PrivateKey key, Time now) {
  const Validity& validity = certificate.validity();
  if (!certificate.IsAuthority()) {
    return InvalidArgument("the certificate is not that of a CA: it may not sign others");
  }
  if (!certificate.IsOfKey(key)) {
    return InvalidArgument("the key is not that of the certificate; give the two of one CA");
  }
  if (now >= validity.end) {
    return InvalidArgument("the CA expired at " + TimeText(validity.end) + "; make a new one");
  }
  if (now < validity.begin) {
    return InvalidArgument("the CA is valid from " + TimeText(validity.begin) +
                           " on only; is this host's clock right?");
  }
  return Authority(std::move(certificate), std::move(key));
}

Result<Authority::Issued> Authority::Issue(const LeafRequest& request) const {
  const size_t names = request.names.size() + request.addresses.size();
  if (names == 0 || names > kMaxNames) {
    return InvalidArgument("a certificate is for 1 to " + std::to_string(kMaxNames) +
                           " names and addresses, not " + std::to_string(names));
  }
  const Validity validity = {std::max(request.validity.begin, this->validity().begin),
                             std::min(request.validity.end, this->validity().end)};
  if (validity.begin >= validity.end) {
    return InvalidArgument("the certificate would be valid at no time");
  }
  const Result<PrivateKey> key = PrivateKey::Generate();
  if (!key) return key.error();
  const Result<BigNumberHandle> serial = RandomSerial();
  if (!serial) return serial.error();
  Result<CertificateDraft> draft =
      CertificateDraft::Create({request.common_name, *key}, serial->get(), validity);
  if (!draft) return draft.error();
  if (Result<void> ok = draft->SetIssuer(certificate_.get()); !ok) return ok.error();
  if (Result<void> ok = AddAll(&*draft, ExtensionsOfLeaf(request, certificate_)); !ok) {
    return ok.error();
  }
  const Result<Certificate> certificate = draft->Sign(key_);
  if (!certificate) return certificate.error();
  if (Result<void> ok = Verify(*certificate); !ok) return ok.error();
  Result<CertificateAndKey> pem = PemOf(*certificate, *key);
  if (!pem) return pem.error();
  return Issued{std::move(*pem), validity};
}

// As a peer that trusts this authority alone will, at the certificate's last moment: OpenSSL takes
// none any more at the second that is written in it.
Result<void> Authority::Verify(const Certificate& leaf) const {
  const TrustHandle trusted(X509_STORE_new());
  const VerificationHandle verification(X509_STORE_CTX_new());
  if (!trusted || !verification || X509_STORE_add_cert(trusted.get(), certificate_.get()) != 1 ||
      X509_STORE_CTX_init(verification.get(), trusted.get(), leaf.get(), nullptr) != 1) {
    return OpensslError("cannot verify a certificate");
  }
  // The authority may be one that another has signed.
  X509_STORE_CTX_set_flags(verification.get(), X509_V_FLAG_PARTIAL_CHAIN);
  const Time last = leaf.validity().end - std::chrono::seconds(1);
  X509_STORE_CTX_set_time(verification.get(), 0, last.time_since_epoch().count());
  if (X509_verify_cert(verification.get()) == 1) return {};
  const int why = X509_STORE_CTX_get_error(verification.get());
  ERR_clear_error();
  if (why == X509_V_ERR_PERMITTED_VIOLATION || why == X509_V_ERR_EXCLUDED_VIOLATION) {
    return InvalidArgument(
        "the CA's name constraints do not permit all names of this certificate; make a CA that "
        "permits them, or leave them out");
  }
  return InvalidArgument("a certificate of this CA would be refused: " +
                         std::string(X509_verify_cert_error_string(why)));
}

}  // namespace rollcall::pki
