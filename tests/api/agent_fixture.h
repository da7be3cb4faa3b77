// ApiTest with short ways to say what programs register on the server's own node, n1.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/api/api_fixture.h"

namespace rollcall::api {

class AgentApiTest : public ApiTest {
 protected:
  void RegisterService(const nlohmann::json& definition) const {
    const Answer answer = Put("/v1/agent/service/register", definition);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  // What the server's main registers of itself.
  void RegisterServersOwn() const {
    ASSERT_EQ(
        Put("/v1/catalog/register", {{"Node", "n1"},
                                     {"Address", "127.0.0.1"},
                                     {"Service", {{"Service", "consul"}, {"Port", 8500}}},
                                     {"Check", {{"CheckID", "serfHealth"}, {"Status", "passing"}}}})
            .status,
        200);
  }

  // A node that an agent keeps alive, or no longer does.
  void RegisterAgentsNode(const std::string& name, const char* status) const {
    ASSERT_EQ(
        Put("/v1/catalog/register", {{"Node", name},
                                     {"Address", "10.0.0.7"},
                                     {"ID", "40e4a748-2192-161a-0510-9bf59fe950b5"},
                                     {"Service", {{"Service", "web"}, {"Port", 80}}},
                                     {"Check", {{"CheckID", "serfHealth"}, {"Status", status}}}})
            .status,
        200);
  }

  nlohmann::json Check(const std::string& id) const {
    return Get("/v1/agent/checks").json().value(id, nlohmann::json());
  }
};

}  // namespace rollcall::api
