#include "registry/jwt/http_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace rollcall::jwt {
namespace {

using testing::HasSubstr;

// "tls? host port header target"
std::string PartsOf(std::string_view text) {
  const auto url = ParseHttpUrl(text);
  if (!url) return url.error().message;
  return std::string(url->tls ? "tls " : "plain ") + url->host + ' ' + std::to_string(url->port) +
         ' ' + url->host_header + ' ' + url->target;
}

TEST(JwksUrlTest, IsReadInItsParts) {
  EXPECT_EQ(PartsOf("https://issuer.example/.well-known/jwks.json"),
            "tls issuer.example 443 issuer.example /.well-known/jwks.json");
  EXPECT_EQ(PartsOf("http://issuer.example:8080"),
            "plain issuer.example 8080 issuer.example:8080 /");
  EXPECT_EQ(PartsOf("HTTPS://[::1]:8443/keys?a=b#part"), "tls ::1 8443 [::1]:8443 /keys?a=b");
  EXPECT_EQ(PartsOf("https://[::1]"), "tls ::1 443 [::1] /");
  EXPECT_EQ(PartsOf("https://issuer.example?a=/b"), "tls issuer.example 443 issuer.example /?a=/b");
}

TEST(JwksUrlTest, OthersAreRefused) {
  for (const char* text : {"", "http", "https", "https:", "file:///etc/passwd",
                           "ftp://issuer.example/", "issuer.example/keys", "//issuer.example",
                           "unix:///run/keys", "javascript:1", "https:/x"}) {
    EXPECT_THAT(PartsOf(text), HasSubstr("neither https:// nor http://")) << text;
  }
  for (const char* text :
       {"https://", "https:///keys", "https://:443/", "https://issuer:0/", "https://issuer:65536/",
        "https://issuer:x/", "https://[::1/", "https://[::1]x/", "https://[]/", "https://a:b:1/"}) {
    EXPECT_THAT(PartsOf(text), HasSubstr("names no host and port")) << text;
  }
  EXPECT_THAT(PartsOf("https://user:secret@issuer.example/"), HasSubstr("user information"));
  for (const char* text : {"https://issuer.example/a b", "https://issuer.example/\r\nX-A: b",
                           "https://issuer.example\t/", "https://issuer.example/\x7f"}) {
    EXPECT_THAT(PartsOf(text), HasSubstr("blanks")) << text;
  }
}

}  // namespace
}  // namespace rollcall::jwt
