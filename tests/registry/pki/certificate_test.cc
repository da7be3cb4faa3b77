#include "registry/pki/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/pki/authority.h"

namespace rollcall::pki {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr Time kMade{seconds(1'700'000'000)};  // 2023-11-14T22:13:20Z

CertificateAndKey MakeAuthority() {
  Result<CertificateAndKey> made = Authority::Create({{}, {kMade, kMade + days(10)}});
  EXPECT_TRUE(made);
  return *made;
}

TEST(CertificateTest, WritesTimesAsIso8601) {
  EXPECT_EQ(TimeText(kMade), "2023-11-14T22:13:20Z");
  EXPECT_EQ(TimeText(Time(seconds(0))), "1970-01-01T00:00:00Z");
}

TEST(CertificateTest, KnowsItsTimesItsKeyAndWhatItIs) {
  const CertificateAndKey pem = MakeAuthority();
  const Result<Certificate> certificate = Certificate::FromPem(pem.certificate);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->validity(), (Validity{kMade, kMade + days(10)}));
  EXPECT_TRUE(certificate->IsAuthority());
  EXPECT_TRUE(certificate->IsOfKey(*PrivateKey::FromPem(pem.key)));
  EXPECT_FALSE(certificate->IsOfKey(*PrivateKey::Generate()));
  EXPECT_EQ(*certificate->ToPem(), pem.certificate);
}

TEST(CertificateTest, TakesTheFirstOfSeveral) {
  const CertificateAndKey first = MakeAuthority();
  const CertificateAndKey second = MakeAuthority();
  const std::string both = "a note\n" + first.key + first.certificate + second.certificate;
  EXPECT_EQ(*Certificate::FromPem(both)->ToPem(), first.certificate);
}

TEST(CertificateTest, TakesAllOfThemInTheirOrder) {
  const CertificateAndKey first = MakeAuthority();
  const CertificateAndKey second = MakeAuthority();
  const Result<std::vector<Certificate>> all = Certificate::AllFromPem(
      first.key + "a note\n" + first.certificate + "another\n" + second.certificate + "and more\n");
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ(*all->at(0).ToPem(), first.certificate);
  EXPECT_EQ(*all->at(1).ToPem(), second.certificate);
}

TEST(CertificateTest, TakesNoneOfSeveralWhenOneIsDamaged) {
  const std::string good = MakeAuthority().certificate;
  const std::string bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const std::pair<std::string, const char*> cases[] = {
      {"", "no certificate in it"},
      {"nonsense", "no certificate in it"},
      {bad, "damaged"},
      {good + bad, "damaged"},
      {bad + good, "damaged"},
      {good + good.substr(0, good.size() / 2), "damaged"},
  };
  for (const auto& [text, why] : cases) {
    const Result<std::vector<Certificate>> all = Certificate::AllFromPem(text);
    ASSERT_FALSE(all) << text;
    EXPECT_EQ(all.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(all.error().message, HasSubstr(why)) << text;
  }
}

TEST(CertificateTest, RefusesWhatIsNone) {
  const CertificateAndKey pem = MakeAuthority();
  const std::string& whole = pem.certificate;
  std::string damaged = whole;
  damaged.replace(40, 8, "AAAAAAAA");
  const std::pair<std::string, const char*> cases[] = {
      {"", "no certificate in it"},
      {"nonsense", "no certificate in it"},
      {std::string(1'000'000, '\0'), "no certificate in it"},
      {pem.key, "no certificate in it"},
      {damaged, "damaged"},
      {whole.substr(0, whole.size() / 2), "damaged"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"},
  };
  for (const auto& [text, why] : cases) {
    const Result<Certificate> certificate = Certificate::FromPem(text);
    ASSERT_FALSE(certificate) << text.substr(0, 100);
    EXPECT_EQ(certificate.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(certificate.error().message, HasSubstr(why)) << text.substr(0, 100);
  }
}

}  // namespace
}  // namespace rollcall::pki
