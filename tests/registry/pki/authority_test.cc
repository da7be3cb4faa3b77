#include "registry/pki/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "registry/pki/certificate_draft.h"
#include "tests/registry/pki/read_back.h"

namespace rollcall::pki {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;

constexpr Time kNow{seconds(1'700'000'000)};

DnsName Name(std::string_view text) { return *DnsName::Parse(text, DnsName::Wildcard::kAllowed); }

CertificateAndKey NewAuthority(std::vector<DnsName> permitted = {},
                               Validity validity = {kNow, kNow + days(10)}) {
  Result<CertificateAndKey> made = Authority::Create({std::move(permitted), validity});
  EXPECT_TRUE(made);
  return *made;
}

Result<Authority> Load(const CertificateAndKey& pem, Time now = kNow) {
  return Authority::Load(*Certificate::FromPem(pem.certificate), *PrivateKey::FromPem(pem.key),
                         now);
}

LeafRequest SomeLeaf() {
  return {.common_name = "server.dc1.consul",
          .names = {Name("server.dc1.consul"), Name("localhost")},
          .addresses = {*ParseIpAddress("127.0.0.1"), *ParseIpAddress("::1")},
          .validity = {kNow, kNow + days(5)}};
}

// An authority with these extensions, as somebody else might have made it.
CertificateAndKey Foreign(const PrivateKey& key,
                          const std::vector<std::pair<int, std::string>>& extensions) {
  const Result<BigNumberHandle> serial = RandomSerial();
  Result<CertificateDraft> draft =
      CertificateDraft::Create({"foreign", key}, serial->get(), {kNow, kNow + days(10)});
  EXPECT_TRUE(draft->SetIssuer(nullptr));
  for (const auto& [nid, value] : extensions) EXPECT_TRUE(draft->AddExtension(nid, value));
  const Result<Certificate> certificate = draft->Sign(key);
  EXPECT_TRUE(certificate);
  return {*certificate->ToPem(), *key.ToPem()};
}

PrivateKey KeyOf(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  Result<PrivateKey> parsed = PrivateKey::FromPem(TextOf(bio));
  BIO_free(bio);
  EVP_PKEY_free(key);
  EXPECT_TRUE(parsed);
  return std::move(*parsed);
}

TEST(AuthorityTest, ANewOneSignsLeavesAlone) {
  const ReadBack ca(NewAuthority().certificate);
  EXPECT_EQ(X509_get_version(ca.get()), X509_VERSION_3);
  EXPECT_EQ(ca.Subject(), "CN = Rollcall Agent CA " + ca.Serial());
  EXPECT_EQ(ca.Issuer(), ca.Subject());
  EXPECT_EQ(ca.SignatureAlgorithm(), "ecdsa-with-SHA256");
  EXPECT_EQ(ca.Extension(NID_basic_constraints), "critical; CA:TRUE, pathlen:0");
  EXPECT_EQ(ca.Extension(NID_key_usage), "critical; Certificate Sign, CRL Sign");
  EXPECT_NE(ca.Extension(NID_subject_key_identifier), "");
  EXPECT_FALSE(ca.Has(NID_name_constraints));
  EXPECT_FALSE(ca.Has(NID_authority_key_identifier));
  EXPECT_EQ(ca.Begin(), 1'700'000'000);
  EXPECT_EQ(ca.End(), 1'700'000'000 + 10 * 86400);
  char curve[32] = {};
  size_t size = 0;
  ASSERT_EQ(EVP_PKEY_get_group_name(X509_get0_pubkey(ca.get()), curve, sizeof(curve), &size), 1);
  EXPECT_STREQ(curve, "prime256v1");
  EXPECT_EQ(X509_verify(ca.get(), X509_get0_pubkey(ca.get())), 1);
}

TEST(AuthorityTest, SerialNumbersArePositiveWholeAndNeverTheSame) {
  const ReadBack first(NewAuthority().certificate);
  const ReadBack second(NewAuthority().certificate);
  EXPECT_NE(first.Serial(), second.Serial());
  for (const ReadBack* each : {&first, &second}) {
    BIGNUM* const number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(each->get()), nullptr);
    EXPECT_EQ(BN_num_bits(number), 128);
    EXPECT_EQ(BN_is_negative(number), 0);
    BN_free(number);
  }
}

TEST(AuthorityTest, NameConstraintsAreCritical) {
  const ReadBack ca(NewAuthority({Name("consul"), Name("localhost")}).certificate);
  EXPECT_EQ(ca.Extension(NID_name_constraints),
            "critical; Permitted:\n  DNS:consul\n  DNS:localhost");
}

TEST(AuthorityTest, IssuesWhatWasAskedFor) {
  const CertificateAndKey pem = NewAuthority();
  const ReadBack ca(pem.certificate);
  const Result<Authority::Issued> issued = Load(pem)->Issue(SomeLeaf());
  ASSERT_TRUE(issued) << issued.error().message;
  EXPECT_EQ(issued->validity, (Validity{kNow, kNow + days(5)}));
  const ReadBack leaf(issued->pem.certificate);
  EXPECT_EQ(X509_get_version(leaf.get()), X509_VERSION_3);
  EXPECT_EQ(leaf.Subject(), "CN = server.dc1.consul");
  EXPECT_EQ(leaf.Issuer(), ca.Subject());
  EXPECT_EQ(leaf.SignatureAlgorithm(), "ecdsa-with-SHA256");
  EXPECT_EQ(leaf.Extension(NID_basic_constraints), "critical; CA:FALSE");
  EXPECT_EQ(leaf.Extension(NID_key_usage), "critical; Digital Signature");
  EXPECT_EQ(leaf.Extension(NID_ext_key_usage),
            "TLS Web Server Authentication, TLS Web Client Authentication");
  EXPECT_EQ(leaf.Extension(NID_subject_alt_name),
            "DNS:server.dc1.consul, DNS:localhost, IP Address:127.0.0.1, "
            "IP Address:0:0:0:0:0:0:0:1");
  EXPECT_EQ(leaf.Extension(NID_authority_key_identifier), ca.Extension(NID_subject_key_identifier));
  EXPECT_NE(leaf.Extension(NID_subject_key_identifier), ca.Extension(NID_subject_key_identifier));
  EXPECT_EQ(leaf.Begin(), 1'700'000'000);
  EXPECT_EQ(leaf.End(), 1'700'000'000 + 5 * 86400);
  EXPECT_EQ(X509_verify(leaf.get(), X509_get0_pubkey(ca.get())), 1);
  EXPECT_TRUE(Certificate::FromPem(issued->pem.certificate)
                  ->IsOfKey(*PrivateKey::FromPem(issued->pem.key)));
}

TEST(AuthorityTest, AnythingMeansNoExtendedKeyUsage) {
  LeafRequest request = SomeLeaf();
  request.usage = Usage::kAnything;
  const Result<Authority::Issued> issued = Load(NewAuthority())->Issue(request);
  ASSERT_TRUE(issued);
  EXPECT_FALSE(ReadBack(issued->pem.certificate).Has(NID_ext_key_usage));
}

TEST(AuthorityTest, ALeafIsNoAuthority) {
  const Result<Authority::Issued> issued = Load(NewAuthority())->Issue(SomeLeaf());
  ASSERT_TRUE(issued);
  const Result<Authority> loaded = Load(issued->pem);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("not that of a CA"));
}

TEST(AuthorityTest, ALeafOutlivesItsAuthorityAtNeitherEnd) {
  const Validity validity = {kNow - hours(1), kNow + days(3)};
  LeafRequest request = SomeLeaf();
  request.validity = {kNow - hours(2), kNow + days(36'500)};
  const Result<Authority::Issued> issued = Load(NewAuthority({}, validity))->Issue(request);
  ASSERT_TRUE(issued) << issued.error().message;
  EXPECT_EQ(issued->validity, validity);
  const ReadBack leaf(issued->pem.certificate);
  EXPECT_EQ(Time(seconds(leaf.Begin())), validity.begin);
  EXPECT_EQ(Time(seconds(leaf.End())), validity.end);
}

TEST(AuthorityTest, AYearAfter2050IsWrittenInTheOtherFormOfTimes) {
  const Validity validity = {kNow, kNow + days(36'500)};
  const ReadBack ca(NewAuthority({}, validity).certificate);
  EXPECT_EQ(Time(seconds(ca.End())), validity.end);
  EXPECT_EQ(X509_get0_notBefore(ca.get())->type, V_ASN1_UTCTIME);
  EXPECT_EQ(X509_get0_notAfter(ca.get())->type, V_ASN1_GENERALIZEDTIME);
}

TEST(AuthorityTest, NothingIsIssuedForNoTimeAtAll) {
  LeafRequest request = SomeLeaf();
  request.validity = {kNow, kNow};
  EXPECT_FALSE(Load(NewAuthority())->Issue(request));
  request.validity = {kNow + days(20), kNow + days(30)};
  EXPECT_FALSE(Load(NewAuthority())->Issue(request));
}

TEST(AuthorityTest, NameConstraintsBindWhatIsIssued) {
  const Result<Authority> ca = Load(NewAuthority({Name("consul"), Name("localhost")}));
  ASSERT_TRUE(ca);
  EXPECT_TRUE(ca->Issue(SomeLeaf()));
  for (const char* name : {"web.example", "notconsul", "consul.example", "*.web.example"}) {
    LeafRequest request = SomeLeaf();
    request.names.push_back(Name(name));
    const Result<Authority::Issued> refused = ca->Issue(request);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message, HasSubstr("name constraints do not permit"));
  }
  LeafRequest below = SomeLeaf();
  below.names.push_back(Name("*.deep.below.consul"));
  EXPECT_TRUE(ca->Issue(below));
}

TEST(AuthorityTest, ACertificateIsForSomeNamesAndNotForTooMany) {
  const Result<Authority> ca = Load(NewAuthority());
  LeafRequest request = SomeLeaf();
  request.names.clear();
  request.addresses.clear();
  EXPECT_THAT(ca->Issue(request).error().message, HasSubstr("1 to 256 names"));
  request.names.assign(Authority::kMaxNames, Name("a.b"));
  EXPECT_TRUE(ca->Issue(request));
  request.names.push_back(Name("a.b"));
  EXPECT_THAT(ca->Issue(request).error().message, HasSubstr("not 257"));
}

TEST(AuthorityTest, ACommonNameHasAtMost64Characters) {
  const Result<Authority> ca = Load(NewAuthority());
  LeafRequest request = SomeLeaf();
  request.common_name = std::string(64, 'a');
  EXPECT_TRUE(ca->Issue(request));
  request.common_name = std::string(65, 'a');
  EXPECT_FALSE(ca->Issue(request));
}

TEST(AuthorityTest, IsTakenFromItsFirstSecondToItsLast) {
  const CertificateAndKey pem = NewAuthority();
  EXPECT_TRUE(Load(pem, kNow));
  EXPECT_TRUE(Load(pem, kNow + days(10) - seconds(1)));
  const Result<Authority> expired = Load(pem, kNow + days(10));
  ASSERT_FALSE(expired);
  EXPECT_EQ(expired.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(expired.error().message, "the CA expired at 2023-11-24T22:13:20Z; make a new one");
  const Result<Authority> early = Load(pem, kNow - seconds(1));
  ASSERT_FALSE(early);
  EXPECT_THAT(early.error().message, StartsWith("the CA is valid from 2023-11-14T22:13:20Z on"));
}

TEST(AuthorityTest, TheKeyMustBeThatOfTheCertificate) {
  const Result<Authority> mixed = Load({NewAuthority().certificate, NewAuthority().key});
  ASSERT_FALSE(mixed);
  EXPECT_THAT(mixed.error().message, StartsWith("the key is not that of the certificate"));
  const CertificateAndKey rsa = Foreign(KeyOf(EVP_RSA_gen(2048)), {});
  EXPECT_FALSE(Load({NewAuthority().certificate, rsa.key}));
}

TEST(AuthorityTest, ForeignCertificatesThatMayNotSignAreRefused) {
  const PrivateKey key = *PrivateKey::Generate();
  const std::vector<std::pair<int, std::string>> cases[] = {
      {},
      {{NID_basic_constraints, "critical,CA:FALSE"}},
      {{NID_key_usage, "critical,keyCertSign"}},
      {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,digitalSignature"}},
  };
  for (const auto& extensions : cases) {
    const Result<Authority> loaded = Load(Foreign(key, extensions));
    ASSERT_FALSE(loaded) << extensions.size();
    EXPECT_THAT(loaded.error().message, HasSubstr("not that of a CA"));
  }
}

TEST(AuthorityTest, ALeafNamesTheKeyOfItsAuthorityAsThatNamesItself) {
  const PrivateKey key = *PrivateKey::Generate();
  // Consul's name of a key is text: 64 hex digits with colons between them.
  const CertificateAndKey pem = Foreign(key, {{NID_basic_constraints, "critical,CA:TRUE"},
                                              {NID_subject_key_identifier, "33613A30623A6666"}});
  const Result<Authority::Issued> issued = Load(pem)->Issue(SomeLeaf());
  ASSERT_TRUE(issued) << issued.error().message;
  EXPECT_EQ(ReadBack(issued->pem.certificate).Extension(NID_authority_key_identifier),
            "33:61:3A:30:62:3A:66:66");
}

TEST(AuthorityTest, ForeignAuthoritiesOfOtherKindsSignAsWell) {
  const std::vector<std::pair<int, std::string>> plain = {{NID_basic_constraints, "CA:TRUE"}};
  for (EVP_PKEY* key :
       {EVP_RSA_gen(2048), EVP_EC_gen("P-384"), EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}) {
    const CertificateAndKey pem = Foreign(KeyOf(key), plain);
    const Result<Authority> ca = Load(pem);
    ASSERT_TRUE(ca) << ca.error().message;
    const Result<Authority::Issued> issued = ca->Issue(SomeLeaf());
    ASSERT_TRUE(issued) << issued.error().message;
    const ReadBack leaf(issued->pem.certificate);
    EXPECT_EQ(X509_verify(leaf.get(), X509_get0_pubkey(ReadBack(pem.certificate).get())), 1);
    // It names no key of the authority, which has no name for it itself.
    EXPECT_FALSE(leaf.Has(NID_authority_key_identifier));
  }
}

}  // namespace
}  // namespace rollcall::pki
