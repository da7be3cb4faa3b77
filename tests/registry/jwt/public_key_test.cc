#include "registry/jwt/public_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "registry/jwt/base64url.h"
#include "tests/registry/jwt/issuer.h"

namespace rollcall::jwt {
namespace {

using testing::HasSubstr;

std::string BytesOf(const nlohmann::json& jwk, const char* name) {
  return DecodeBase64Url(jwk.at(name).get<std::string>()).value();
}

std::string ProblemOf(const Result<PublicKey>& key) {
  if (key) return "taken";
  EXPECT_EQ(key.error().code, ErrorCode::kInvalidArgument);
  return key.error().message;
}

TEST(PublicKeyTest, IsReadFromPemAndFromCertificates) {
  for (const Algorithm algorithm : kAlgorithms) {
    const Issuer& issuer = Issuer::For(algorithm);
    for (const std::string& pem : {issuer.PublicPem(), issuer.CertificatePem(),
                                   "a note before it\n" + issuer.PublicPem() + "and after it"}) {
      const auto key = PublicKey::FromPem(pem);
      ASSERT_TRUE(key) << key.error().message << pem;
      EXPECT_EQ(key->type(), KeyTypeOf(algorithm));
    }
  }
}

TEST(PublicKeyTest, APrivateKeyIsRefused) {
  EXPECT_THAT(ProblemOf(PublicKey::FromPem(Issuer::For(Algorithm::kEs256).PrivatePem())),
              HasSubstr("private"));
  EXPECT_THAT(ProblemOf(PublicKey::FromPem("-----BEGIN EC PRIVATE KEY-----\nAA==")),
              HasSubstr("private"));
}

TEST(PublicKeyTest, WhatIsNoKeyIsRefused) {
  const std::string pem = Issuer::For(Algorithm::kEs256).PublicPem();
  for (const std::string& text :
       {std::string(), std::string("no key"), std::string("-----BEGIN "),
        std::string("-----BEGIN PUBLIC KEY-----"), pem.substr(0, pem.size() / 2),
        std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        std::string("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n")}) {
    EXPECT_NE(ProblemOf(PublicKey::FromPem(text)), "taken") << text;
  }
}

TEST(PublicKeyTest, AWeakOrAnotherKindOfKeyIsRefused) {
  EXPECT_THAT(ProblemOf(PublicKey::FromPem(Issuer("RSA-1024").PublicPem())),
              HasSubstr("1024 bits: it takes 2048 to 8192"));
  EXPECT_THAT(ProblemOf(PublicKey::FromPem(Issuer("RSA-2040").PublicPem())),
              HasSubstr("2040 bits"));
  EXPECT_THAT(ProblemOf(PublicKey::FromPem(Issuer("secp256k1").PublicPem())), HasSubstr("curve"));
  EXPECT_THAT(ProblemOf(PublicKey::FromPem(Issuer("RSA-PSS").PublicPem())), HasSubstr("kinds"));
}

TEST(PublicKeyTest, RsaNumbersMustBeAKey) {
  const nlohmann::json jwk = Issuer::For(Algorithm::kRs256).Jwk();
  const std::string n = BytesOf(jwk, "n");
  EXPECT_EQ(ProblemOf(PublicKey::FromRsa(n, BytesOf(jwk, "e"))), "taken");
  EXPECT_EQ(ProblemOf(PublicKey::FromRsa('\0' + n, BytesOf(jwk, "e"))), "taken");
  EXPECT_THAT(ProblemOf(PublicKey::FromRsa(n, "\x01")), HasSubstr("exponent"));
  EXPECT_THAT(ProblemOf(PublicKey::FromRsa(n, "\x04")), HasSubstr("exponent"));
  EXPECT_THAT(ProblemOf(PublicKey::FromRsa(n, "\x01\x01\x01\x01\x01")), HasSubstr("exponent"));
  EXPECT_THAT(ProblemOf(PublicKey::FromRsa(n.substr(1), "\x03")), HasSubstr("2048"));
  EXPECT_THAT(ProblemOf(PublicKey::FromRsa(std::string(100'000, '\xff'), "\x03")),
              HasSubstr("too large"));
  EXPECT_NE(ProblemOf(PublicKey::FromRsa("", "")), "taken");
}

TEST(PublicKeyTest, APointMustBeOfItsCurveAndOfItsSize) {
  const nlohmann::json jwk = Issuer::For(Algorithm::kEs256).Jwk();
  const std::string x = BytesOf(jwk, "x");
  std::string y = BytesOf(jwk, "y");
  EXPECT_EQ(ProblemOf(PublicKey::FromPoint(KeyType::kP256, x, y)), "taken");
  EXPECT_THAT(ProblemOf(PublicKey::FromPoint(KeyType::kP256, x, '\0' + y)), HasSubstr("32 bytes"));
  EXPECT_THAT(ProblemOf(PublicKey::FromPoint(KeyType::kP256, x, y.substr(1))),
              HasSubstr("32 bytes"));
  EXPECT_THAT(ProblemOf(PublicKey::FromPoint(KeyType::kP384, x, y)), HasSubstr("48 bytes"));
  y[31] = static_cast<char>(y[31] ^ 1);
  EXPECT_THAT(ProblemOf(PublicKey::FromPoint(KeyType::kP256, x, y)), HasSubstr("curve"));
  EXPECT_THAT(
      ProblemOf(PublicKey::FromPoint(KeyType::kP256, std::string(32, '\0'), std::string(32, '\0'))),
      HasSubstr("curve"));
  EXPECT_NE(ProblemOf(PublicKey::FromPoint(KeyType::kEd25519, x, y)), "taken");
  EXPECT_THAT(ProblemOf(PublicKey::FromEd25519(std::string(31, 'x'))), HasSubstr("32 bytes"));
}

// Signatures that others have made.
TEST(PublicKeyTest, VerifiesTheExamplesOfTheRfcs) {
  const std::string payload =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
      "VlfQ";
  // RFC 7515 appendix A.2.
  const auto rsa = PublicKey::FromRsa(
      DecodeBase64Url(
          "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt"
          "0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX"
          "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5"
          "IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ")
          .value(),
      DecodeBase64Url("AQAB").value());
  ASSERT_TRUE(rsa) << rsa.error().message;
  const std::string signature =
      DecodeBase64Url(
          "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W"
          "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS"
          "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv"
          "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")
          .value();
  EXPECT_TRUE(rsa->Verifies(Algorithm::kRs256, "eyJhbGciOiJSUzI1NiJ9." + payload, signature));
  EXPECT_FALSE(rsa->Verifies(Algorithm::kRs384, "eyJhbGciOiJSUzI1NiJ9." + payload, signature));
  // RFC 7515 appendix A.3.
  const auto point = PublicKey::FromPoint(
      KeyType::kP256, DecodeBase64Url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU").value(),
      DecodeBase64Url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0").value());
  ASSERT_TRUE(point) << point.error().message;
  EXPECT_TRUE(point->Verifies(
      Algorithm::kEs256, "eyJhbGciOiJFUzI1NiJ9." + payload,
      DecodeBase64Url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqP"
                      "P3-Kg6NU1Q")
          .value()));
  // RFC 8037 appendix A.4.
  const auto ed = PublicKey::FromEd25519(
      DecodeBase64Url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").value());
  ASSERT_TRUE(ed) << ed.error().message;
  EXPECT_TRUE(ed->Verifies(
      Algorithm::kEdDsa, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
      DecodeBase64Url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvp"
                      "Ar_MuM0KAg")
          .value()));
}

TEST(PublicKeyTest, ASignatureIsOfItsExactSize) {
  for (const Algorithm algorithm : kAlgorithms) {
    const Issuer& issuer = Issuer::For(algorithm);
    const auto key = PublicKey::FromPem(issuer.PublicPem());
    ASSERT_TRUE(key);
    const std::string token = issuer.Token(algorithm, {{"a", 1}});
    const size_t dot = token.rfind('.');
    const std::string text = token.substr(0, dot);
    const std::string good = DecodeBase64Url(token.substr(dot + 1)).value();
    EXPECT_TRUE(key->Verifies(algorithm, text, good)) << ToString(algorithm);
    for (const std::string& bad :
         {std::string(), good.substr(1), good.substr(0, good.size() - 1), good + '\0', '\0' + good,
          good + good, std::string(good.size(), '\0'), std::string(good.size(), '\xff')}) {
      EXPECT_FALSE(key->Verifies(algorithm, text, bad)) << ToString(algorithm) << bad.size();
    }
    for (size_t i = 0; i < good.size(); i += 7) {
      std::string altered = good;
      altered[i] = static_cast<char>(altered[i] ^ 0x10);
      EXPECT_FALSE(key->Verifies(algorithm, text, altered)) << ToString(algorithm) << i;
    }
  }
}

// RFC 7518 section 3.4: not the structure in DER that other protocols have.
TEST(PublicKeyTest, AnEcdsaSignatureInDerIsRefused) {
  const auto key = PublicKey::FromPem(Issuer::For(Algorithm::kEs256).PublicPem());
  ASSERT_TRUE(key);
  std::string der = "\x30\x44\x02\x20" + std::string(32, '\x11') + "\x02\x20";
  der += std::string(32, '\x11');
  EXPECT_FALSE(key->Verifies(Algorithm::kEs256, "text", der));
}

TEST(PublicKeyTest, NoKeyVerifiesWithAnAlgorithmOfAnotherKind) {
  for (const Algorithm made_with : kAlgorithms) {
    const Issuer& issuer = Issuer::For(made_with);
    const auto key = PublicKey::FromPem(issuer.PublicPem());
    ASSERT_TRUE(key);
    const std::string token = issuer.Token(made_with, {{"a", 1}});
    const size_t dot = token.rfind('.');
    for (const Algorithm taken_as : kAlgorithms) {
      EXPECT_EQ(key->Verifies(taken_as, token.substr(0, dot),
                              DecodeBase64Url(token.substr(dot + 1)).value()),
                taken_as == made_with)
          << ToString(made_with) << " as " << ToString(taken_as);
    }
  }
}

}  // namespace
}  // namespace rollcall::jwt
