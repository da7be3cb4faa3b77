// Where the client commands get from whom they ask, and as whom.
#include "cli/client_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/e2e/harness/files.h"

namespace rollcall::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ClientOptionsTest : public testing::Test {
 protected:
  Result<Target> Resolve() const {
    return TargetOf(options_, [this](const char* name) -> const char* {
      const auto found = variables_.find(name);
      return found == variables_.end() ? nullptr : found->second.c_str();
    });
  }
  Target Get() const {
    const Result<Target> target = Resolve();
    EXPECT_TRUE(target) << target.error().message;
    return target ? *target : Target{};
  }
  std::string Refusal() const {
    const Result<Target> target = Resolve();
    EXPECT_FALSE(target);
    return target ? "" : target.error().message;
  }

  const e2e::TempDir dir_;
  ClientOptions options_;
  std::map<std::string, std::string> variables_;
};

TEST_F(ClientOptionsTest, NothingSaidIsTheServerOfThisMachine) {
  const Target target = Get();
  EXPECT_EQ(target.address.Url(), "http://127.0.0.1:8500");
  EXPECT_EQ(target.token, "");
  EXPECT_EQ(target.tls, http::TlsClientFiles());
}

TEST_F(ClientOptionsTest, FlagGoesBeforeOurVariableAndThatBeforeConsuls) {
  const struct {
    const char* variable;
    std::optional<std::string> ClientOptions::*flag;
    std::string (*get)(const Target&);
  } cases[] = {
      {"HTTP_ADDR", &ClientOptions::http_addr, [](const Target& t) { return t.address.host; }},
      {"HTTP_TOKEN", &ClientOptions::token, [](const Target& t) { return t.token; }},
      {"CACERT", &ClientOptions::ca_file, [](const Target& t) { return t.tls.authorities; }},
      {"CAPATH", &ClientOptions::ca_path,
       [](const Target& t) { return t.tls.authorities_directory; }},
      {"TLS_SERVER_NAME", &ClientOptions::tls_server_name,
       [](const Target& t) { return t.server_name; }},
  };
  for (const auto& each : cases) {
    options_ = {};
    variables_ = {{"ROLLCALL_HTTP_SSL", "true"}};
    variables_[std::string("CONSUL_") + each.variable] = "consul";
    EXPECT_EQ(each.get(Get()), "consul") << each.variable;
    variables_[std::string("ROLLCALL_") + each.variable] = "own";
    EXPECT_EQ(each.get(Get()), "own") << each.variable;
    options_.*each.flag = "flag";
    EXPECT_EQ(each.get(Get()), "flag") << each.variable;
    options_.*each.flag = std::nullopt;
    variables_[std::string("ROLLCALL_") + each.variable] = "";  // as good as unset
    EXPECT_EQ(each.get(Get()), "consul") << each.variable;
  }
}

TEST_F(ClientOptionsTest, HttpsIsWhatTheBetterPlaceSays) {
  const struct {
    std::map<std::string, std::string> variables;
    std::optional<std::string> flag;
    const char* url;
  } cases[] = {
      {{{"CONSUL_HTTP_SSL", "true"}}, {}, "https://127.0.0.1:8500"},
      {{{"CONSUL_HTTP_SSL", "1"}, {"CONSUL_HTTP_ADDR", "r:1"}}, {}, "https://r:1"},
      // Consul does not go back to http where TLS was asked for.
      {{{"CONSUL_HTTP_SSL", "true"}, {"CONSUL_HTTP_ADDR", "http://r:1"}}, {}, "https://r:1"},
      {{{"CONSUL_HTTP_SSL", "true"}}, "http://r:1", "http://r:1"},
      {{{"CONSUL_HTTP_SSL", "true"}}, "r:1", "https://r:1"},
      {{{"CONSUL_HTTP_SSL", "true"}, {"ROLLCALL_HTTP_SSL", "false"}}, {}, "http://127.0.0.1:8500"},
      {{{"CONSUL_HTTP_SSL", "false"}, {"CONSUL_HTTP_ADDR", "https://r:1"}}, {}, "https://r:1"},
  };
  for (const auto& each : cases) {
    variables_ = each.variables;
    options_.http_addr = each.flag;
    EXPECT_EQ(Get().address.Url(), each.url);
  }
}

TEST_F(ClientOptionsTest, CertificateAndKeyGoTogether) {
  options_.http_addr = "https://r:1";
  variables_ = {{"CONSUL_CLIENT_CERT", "c.pem"}, {"CONSUL_CLIENT_KEY", "c.key"}};
  EXPECT_EQ(Get().tls.certificate, "c.pem");
  EXPECT_EQ(Get().tls.key, "c.key");
  variables_.erase("CONSUL_CLIENT_KEY");
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("CONSUL_CLIENT_CERT"), HasSubstr("--client-key")));
  options_.client_key = "k";
  EXPECT_EQ(Get().tls.key, "k");
  variables_.clear();
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("--client-key"), HasSubstr("--client-cert")));
}

TEST_F(ClientOptionsTest, VerificationIsSwitchedOffByConsulsVariableAlone) {
  options_.http_addr = "https://r:1";
  EXPECT_TRUE(Get().tls.verify);
  variables_ = {{"CONSUL_HTTP_SSL_VERIFY", "false"}};
  EXPECT_FALSE(Get().tls.verify);
  variables_ = {{"CONSUL_HTTP_SSL_VERIFY", "no"}};
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("CONSUL_HTTP_SSL_VERIFY"), HasSubstr("true or false")));
}

TEST_F(ClientOptionsTest, FileOfAuthoritiesGoesBeforeTheDirectoryOfTheSamePlace) {
  options_.http_addr = "https://r:1";
  variables_ = {{"CONSUL_CACERT", "ca.pem"}, {"CONSUL_CAPATH", "certs"}};
  EXPECT_EQ(Get().tls.authorities, "ca.pem");
  EXPECT_EQ(Get().tls.authorities_directory, "");
  options_.ca_path = "others";
  EXPECT_EQ(Get().tls.authorities, "");
  EXPECT_EQ(Get().tls.authorities_directory, "others");
}

TEST_F(ClientOptionsTest, TokenIsReadFromAFileWithoutTheEndOfItsLine) {
  variables_ = {{"CONSUL_HTTP_TOKEN_FILE", dir_.Write("token", " secret-1\n")}};
  EXPECT_EQ(Get().token, "secret-1");
  variables_["CONSUL_HTTP_TOKEN"] = "secret-2";  // of one place, the file wins
  EXPECT_EQ(Get().token, "secret-1");
  variables_["ROLLCALL_HTTP_TOKEN"] = "secret-3";
  EXPECT_EQ(Get().token, "secret-3");
  options_.token_file = dir_.Write("other", "secret-4");
  EXPECT_EQ(Get().token, "secret-4");
  options_.token = "";
  EXPECT_THAT(Refusal(), HasSubstr("leave one of them out"));
}

TEST_F(ClientOptionsTest, BadTokensAreRefusedWithoutBeingShown) {
  const struct {
    std::string content;
    const char* why;
  } cases[] = {
      {"", "is empty"},
      {" \n", "is empty"},
      {"hush hush", "something else than a token"},
      {"hush\r\nX-Other: hush", "something else than a token"},
      {std::string("hush\0hush", 9), "something else than a token"},
      {std::string(5000, 'h'), "something else than a token"},
  };
  for (const auto& each : cases) {
    options_.token_file = dir_.Write("token", each.content);
    EXPECT_THAT(Refusal(), AllOf(HasSubstr(dir_.File("token")), HasSubstr(each.why),
                                 HasSubstr("--token-file"), Not(HasSubstr("hush"))));
  }
  options_.token_file = dir_.File("missing");
  EXPECT_THAT(Refusal(), HasSubstr("No such file"));
  options_.token_file = dir_.path();
  EXPECT_THAT(Refusal(), HasSubstr("directory"));
  options_ = {};
  variables_ = {{"CONSUL_HTTP_TOKEN", "hush\r\nX-Other: 1"}};
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("CONSUL_HTTP_TOKEN: "), Not(HasSubstr("hush"))));
}

TEST_F(ClientOptionsTest, BadAddressNamesItsVariable) {
  variables_ = {{"CONSUL_HTTP_ADDR", "unix:///run/consul.sock"}};
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("CONSUL_HTTP_ADDR: "), HasSubstr("no unix sockets")));
}

}  // namespace
}  // namespace rollcall::cli
