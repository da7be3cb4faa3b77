// The settings of HTTPS: by flag, by file in rollcall's words and in Consul's, and what does not go
// together.
#include "cli/tls_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/files.h"

namespace rollcall::cli {
namespace {

using testing::HasSubstr;

class TlsSettingsTest : public testing::Test {
 protected:
  static ServerSettings Full() {
    ServerSettings settings;
    settings.https = "127.0.0.1:8501";
    settings.tls_cert_file = "cert.pem";
    settings.tls_key_file = "key.pem";
    return settings;
  }
  static Result<ServerOptions> Resolve(const ServerSettings& flags,
                                       const ServerSettings& file = {}) {
    return ResolveServerOptions(flags, file, Storage::kNothingKept);
  }
  static std::string ErrorOf(const ServerSettings& flags) {
    const auto options = Resolve(flags);
    return options ? "" : options.error().message;
  }
  Result<ServerSettings> Read(const std::string& text) const {
    return ReadServerConfig(dir_.Write("server.json", text));
  }

  const e2e::TempDir dir_;
};

TEST_F(TlsSettingsTest, WithoutThemThereIsHttpAlone) {
  const auto options = Resolve({});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->http, (ListenAddress{"127.0.0.1", 8500}));
  EXPECT_FALSE(options->https);
  EXPECT_EQ(TlsFilesOf(*options), http::TlsFiles());
}

TEST_F(TlsSettingsTest, HttpsBesideHttpOrInItsPlace) {
  ServerSettings flags = Full();
  auto options = Resolve(flags);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->https, (ListenAddress{"127.0.0.1", 8501}));
  EXPECT_TRUE(options->http);
  EXPECT_EQ(TlsFilesOf(*options), (http::TlsFiles{"cert.pem", "key.pem", "", false}));
  flags.http = "off";
  flags.https = "127.0.0.2:443";
  options = Resolve(flags);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_FALSE(options->http);
  EXPECT_EQ(options->advertise, "127.0.0.2");
}

TEST_F(TlsSettingsTest, AFileSaysTheSame) {
  const auto file = Read(R"({"https": "127.0.0.1:8501", "tls_cert_file": "c", "tls_key_file": "k",
                             "tls_ca_file": "a", "tls_verify_incoming": true})");
  ASSERT_TRUE(file) << file.error().message;
  auto options = Resolve({}, *file);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(TlsFilesOf(*options), (http::TlsFiles{"c", "k", "a", true}));
  // The flag wins.
  ServerSettings flags;
  flags.tls_verify_incoming = "false";
  flags.tls_cert_file = "other";
  options = Resolve(flags, *file);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(TlsFilesOf(*options), (http::TlsFiles{"other", "k", "a", false}));
}

TEST_F(TlsSettingsTest, AFileMaySayItInConsulsWords) {
  for (const char* text :
       {R"({"https": "127.0.0.1:8501", "tls": {"defaults": {"cert_file": "c", "key_file": "k",
            "ca_file": "a", "verify_incoming": true, "verify_outgoing": true}}})",
        R"({"HTTPS": "127.0.0.1:8501", "TLS": {"Defaults": {"CertFile": "c", "KeyFile": "k",
            "CAFile": "a", "VerifyIncoming": true}}})",
        R"({"https": "127.0.0.1:8501", "cert_file": "c", "key_file": "k", "ca_file": "a",
            "verify_incoming": true, "verify_outgoing": true, "verify_server_hostname": true})",
        R"({"https": "127.0.0.1:8501", "tls": {"internal_rpc": {"verify_server_hostname": true},
            "defaults": {"cert_file": "c", "key_file": "k", "ca_file": "a",
                         "verify_incoming": true}}})"}) {
    const auto file = Read(text);
    ASSERT_TRUE(file) << file.error().message;
    const auto options = Resolve({}, *file);
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(TlsFilesOf(*options), (http::TlsFiles{"c", "k", "a", true}));
  }
}

TEST_F(TlsSettingsTest, OldestVersionIsSaidByFlagAndInBothPlacesOfAFile) {
  ServerSettings flags = Full();
  flags.tls_min_version = "TLSv1_3";
  EXPECT_EQ(TlsFilesOf(*Resolve(flags)).min_version, http::TlsVersion::k13);
  flags.tls_min_version = "TLSv1_2";
  EXPECT_EQ(TlsFilesOf(*Resolve(flags)).min_version, http::TlsVersion::k12);
  for (const char* text : {R"({"tls_min_version": "TLSv1_3"})", R"({"TLSMinVersion": "tls13"})",
                           R"({"tls": {"defaults": {"tls_min_version": "TLSv1_3"}}})"}) {
    const auto file = Read(text);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(TlsFilesOf(*Resolve(Full(), *file)).min_version, http::TlsVersion::k13) << text;
  }
  flags.https.reset();
  flags.tls_cert_file.reset();
  flags.tls_key_file.reset();
  EXPECT_EQ(ErrorOf(flags), "");
  flags.tls_min_version = "TLSv1_3";
  EXPECT_THAT(ErrorOf(flags), HasSubstr("say --https"));
}

TEST_F(TlsSettingsTest, AFileThatIsWrongIsNamedWithWhatIsWrong) {
  const struct {
    const char* text;
    const char* named;
  } cases[] = {
      {R"({"tls_verify_incoming": "yes"})", "tls_verify_incoming: expected true or false"},
      {R"({"tls_cert_file": 7})", "tls_cert_file"},
      {R"({"tls": {"default": {}}})", "default"},
      {R"({"tls": []})", "tls"},
      {R"({"tls": {"defaults": "c"}})", "defaults"},
      {R"({"tls": {"defaults": {"cert": "c"}}})", "cert"},
      {R"({"tls": {"defaults": {"cert_file": true}}})", "cert_file: expected a string"},
      {R"({"tls": {"defaults": {"verify_incoming": "1"}}})", "verify_incoming: expected true"},
      {R"({"tls": {"https": {}}})", "https"},
      {R"({"tls_ca_file": "a", "tls": {"defaults": {"ca_file": "a"}}})", "the same as tls_ca_file"},
      {R"({"ca_file": "a", "tls": {"defaults": {"ca_file": "a"}}})", "the same as tls_ca_file"},
      {R"({"tls": {"internal_rpc": {"verify": true}}})", "internal_rpc"},
      {R"({"tls_min_version": 1.3})", "tls_min_version: expected a string"},
      {R"({"tls_min_version": "TLSv1_2", "tls": {"defaults": {"tls_min_version": "TLSv1_3"}}})",
       "the same as tls.defaults.tls_min_version"},
  };
  for (const auto& each : cases) {
    const auto file = Read(each.text);
    ASSERT_FALSE(file) << each.text;
    EXPECT_THAT(file.error().message, HasSubstr(each.named));
    EXPECT_THAT(file.error().message, HasSubstr("server.json"));
  }
}

TEST_F(TlsSettingsTest, WhatDoesNotGoTogetherIsSaid) {
  ServerSettings flags = Full();
  flags.tls_key_file.reset();
  EXPECT_THAT(ErrorOf(flags), HasSubstr("go together"));
  flags = Full();
  flags.tls_cert_file.reset();
  EXPECT_THAT(ErrorOf(flags), HasSubstr("go together"));
  flags.tls_key_file.reset();
  EXPECT_THAT(ErrorOf(flags), HasSubstr("--https needs --tls-cert-file"));
  flags = Full();
  flags.tls_verify_incoming = "true";
  EXPECT_THAT(ErrorOf(flags), HasSubstr("--tls-verify-incoming needs --tls-ca-file"));
  flags.tls_ca_file = "ca.pem";
  EXPECT_EQ(ErrorOf(flags), "");
  flags.tls_verify_incoming = "";  // the flag by itself
  EXPECT_TRUE(Resolve(flags)->tls_verify_incoming);
  flags = Full();
  flags.https.reset();
  EXPECT_THAT(ErrorOf(flags), HasSubstr("say --https"));
  flags = ServerSettings();
  flags.http = "off";
  EXPECT_THAT(ErrorOf(flags), HasSubstr("--https"));
  flags.https = "off";
  EXPECT_THAT(ErrorOf(flags), HasSubstr("--https"));
  flags = Full();
  flags.http = "off";
  flags.store = "etcd://127.0.0.1";
  EXPECT_TRUE(ResolveServerOptions(flags, {}, Storage::kDataDirectory));
}

TEST_F(TlsSettingsTest, OtherServersComeByHttpsWherePlainHttpIsNotForThem) {
  const struct {
    const char* http;
    const char* advertise;
    bool by_https;
  } cases[] = {
      {"off", "10.0.0.5", true},
      {"127.0.0.1:8500", "10.0.0.5", true},
      {"[::1]:8500", "10.0.0.5", true},
      {"127.0.0.1:8500", "127.0.0.1", false},
      {"10.0.0.5:8500", "10.0.0.5", false},
      {"0.0.0.0:8500", "10.0.0.5", false},
  };
  for (const auto& each : cases) {
    ServerSettings flags = Full();
    flags.http = each.http;
    flags.advertise = each.advertise;
    const auto options = Resolve(flags);
    ASSERT_TRUE(options) << each.http;
    EXPECT_EQ(OthersComeByHttps(*options), each.by_https) << each.http;
  }
}

TEST_F(TlsSettingsTest, BadValuesAreNamedWithTheirSettings) {
  const struct {
    std::optional<std::string> ServerSettings::*setting;
    const char* value;
    const char* named;
  } cases[] = {
      {&ServerSettings::https, "8501", "https \"8501\""},
      {&ServerSettings::https, "", "https \"\""},
      {&ServerSettings::http, "no", "http \"no\""},
      {&ServerSettings::tls_cert_file, "", "tls-cert-file \"\""},
      {&ServerSettings::tls_key_file, "", "tls-key-file \"\""},
      {&ServerSettings::tls_ca_file, "", "tls-ca-file \"\""},
      {&ServerSettings::tls_verify_incoming, "yes", "tls-verify-incoming \"yes\""},
      {&ServerSettings::tls_min_version, "TLSv1_1",
       "tls-min-version \"TLSv1_1\": expected TLSv1_2 or TLSv1_3"},
      {&ServerSettings::tls_min_version, "tls10", "tls-min-version \"tls10\""},
      {&ServerSettings::tls_min_version, "", "tls-min-version \"\""},
  };
  for (const auto& each : cases) {
    ServerSettings flags = Full();
    flags.*each.setting = each.value;
    EXPECT_THAT(ErrorOf(flags), HasSubstr(each.named));
  }
}

TEST_F(TlsSettingsTest, EveryAddressIsNoneToAdvertise) {
  ServerSettings flags = Full();
  flags.http = "off";
  flags.https = "0.0.0.0:8501";
  EXPECT_THAT(ErrorOf(flags), HasSubstr("https \"0.0.0.0\""));
  flags.advertise = "10.0.0.5";
  EXPECT_EQ(ErrorOf(flags), "");
}

}  // namespace
}  // namespace rollcall::cli
