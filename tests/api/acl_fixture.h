// AccessApiTest with what tests of /v1/acl ask and look at. "management" may do everything.
#pragma once

#include <string>
#include <vector>

#include "tests/api/access_fixture.h"

namespace rollcall::api {

inline constexpr const char* kAnonymous = "00000000-0000-0000-0000-000000000002";
inline constexpr const char* kGlobalManagement = "00000000-0000-0000-0000-000000000001";
// An ID that nothing has.
inline constexpr const char* kNobody = "99999999-0000-4000-8000-000000000000";

class AclApiTest : public AccessApiTest {
 protected:
  using AccessApiTest::AccessApiTest;

  Answer GetAcl(const std::string& path) const { return GetAs("management", "/v1/acl/" + path); }
  Answer PutAcl(const std::string& path, const nlohmann::json& body = nullptr) const {
    return PutAs("management", "/v1/acl/" + path, body);
  }
  Answer PutAclText(const std::string& path, const std::string& body) const {
    httplib::Client client("127.0.0.1", port());
    return From(client.Put("/v1/acl/" + path, With("management"), body, "application/json"));
  }
  Answer DeleteAs(const std::string& secret, const std::string& path) const {
    httplib::Client client("127.0.0.1", port());
    return From(client.Delete("/v1/acl/" + path, With(secret)));
  }
  Answer DeleteAcl(const std::string& path) const { return DeleteAs("management", path); }
  Answer PostAs(const std::string& secret, const std::string& path, const std::string& body) const {
    httplib::Client client("127.0.0.1", port());
    return From(client.Post("/v1/acl/" + path, With(secret), body, "text/plain"));
  }

  // The answer to what has to succeed.
  static nlohmann::json Ok(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? answer.json() : nlohmann::json::object();
  }
  // "400 why".
  static std::string Why(const Answer& answer) {
    return std::to_string(answer.status) + " " + answer.body;
  }
  // The names of an object's members, in its order.
  static std::vector<std::string> Members(const std::string& body) {
    std::vector<std::string> names;
    const auto object = nlohmann::ordered_json::parse(body);
    for (const auto& [name, value] : object.items()) names.push_back(name);
    return names;
  }
  // One member of each element of a list.
  static std::vector<std::string> Each(const Answer& list, const std::string& member) {
    std::vector<std::string> values;
    const nlohmann::json elements = Ok(list);
    for (const nlohmann::json& each : elements) values.push_back(each[member]);
    return values;
  }

  std::string NewPolicy(const std::string& name, const std::string& rules = "") const {
    return Ok(PutAcl("policy", {{"Name", name}, {"Rules", rules}})).value("ID", "");
  }
  std::string NewRole(const std::string& name) const {
    return Ok(PutAcl("role", {{"Name", name}})).value("ID", "");
  }
  // All that it says.
  nlohmann::json NewToken(const nlohmann::json& request) const {
    return Ok(PutAcl("token", request));
  }
};

}  // namespace rollcall::api
