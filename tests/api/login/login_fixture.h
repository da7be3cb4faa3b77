// AclApiTest with an issuer of JWTs, an auth method that takes them, and the server's log.
#pragma once

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "tests/api/acl_fixture.h"
#include "tests/registry/jwt/issuer.h"

namespace rollcall::api {

// What has been logged. Any thread.
class LogLines final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    text_.append(message.payload.data(), message.payload.size());
    text_ += '\n';
  }
  void flush_() override {}

  std::string text_;
};

// Made before the API, which asks it what time it is.
struct LoginTime {
  std::atomic<int64_t> ahead_s{0};

  UtcTime now() const {
    return UtcTime(std::chrono::system_clock::now()) + std::chrono::seconds(ahead_s);
  }
  acl::BearerCache::Options Access() const {
    acl::BearerCache::Options access = Closed();
    access.now = [this] { return now(); };
    return access;
  }
};

class LoginApiTest : protected LoginTime, public AclApiTest {
 protected:
  explicit LoginApiTest(const OpenCatalog& open = OpenVolatile)
      : AclApiTest(Access(), open), before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", log_));
  }
  ~LoginApiTest() override {
    StopServer();
    spdlog::set_default_logger(before_);
  }

  static const jwt::Issuer& Issuer() { return jwt::Issuer::For(jwt::Algorithm::kEs256); }
  int64_t Seconds() const {
    return std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
  }
  // Good for an hour.
  nlohmann::json Claims() const {
    return {{"iss", "https://issuer.example"},
            {"aud", "rollcall"},
            {"sub", "job-17"},
            {"iat", Seconds()},
            {"exp", Seconds() + 3600},
            {"team", "payments"},
            {"groups", {"deployers", "ops"}}};
  }
  static std::string Signed(const nlohmann::json& claims, const std::string& key_id = "k") {
    return Issuer().Token(jwt::Algorithm::kEs256, claims, key_id);
  }
  std::string GoodJwt() const { return Signed(Claims()); }

  // All but where the keys come from.
  static nlohmann::json Config() {
    return {{"BoundIssuer", "https://issuer.example"},
            {"BoundAudiences", {"rollcall"}},
            {"ClaimMappings", {{"team", "team"}}},
            {"ListClaimMappings", {{"groups", "groups"}}}};
  }
  static nlohmann::json PemConfig() {
    nlohmann::json config = Config();
    config["JWTValidationPubKeys"] = {Issuer().PublicPem()};
    return config;
  }
  nlohmann::json NewMethod(const std::string& name, const nlohmann::json& config,
                           const nlohmann::json& more = nlohmann::json::object()) const {
    nlohmann::json method = {{"Name", name}, {"Type", "jwt"}, {"Config", config}};
    method.update(more);
    return Ok(PutAcl("auth-method", method));
  }
  nlohmann::json NewRule(const std::string& method, const std::string& type,
                         const std::string& name, const std::string& selector = "") const {
    return Ok(PutAcl(
        "binding-rule",
        {{"AuthMethod", method}, {"BindType", type}, {"BindName", name}, {"Selector", selector}}));
  }
  // The method "ci", with which everybody is the service "web".
  void NewCi() const {
    NewMethod("ci", PemConfig());
    NewRule("ci", "service", "web");
  }

  Answer LogInWithText(const std::string& body) const { return PostAs("", "login", body); }
  Answer LogIn(const std::string& method, const std::string& token) const {
    return LogInWithText(nlohmann::json{{"AuthMethod", method}, {"BearerToken", token}}.dump());
  }
  Answer LogOut(const std::string& secret) const { return PostAs(secret, "logout", ""); }
  std::string SecretOfLogin() const { return Ok(LogIn("ci", GoodJwt())).value("SecretID", ""); }

  std::string Log() const { return log_->text(); }

 private:
  const std::shared_ptr<LogLines> log_ = std::make_shared<LogLines>();
  const std::shared_ptr<spdlog::logger> before_;
};

}  // namespace rollcall::api
