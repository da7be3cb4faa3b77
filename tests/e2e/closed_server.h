// A real server whose access is controlled, and the command line that talks to it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {

class ClosedServerTest : public testing::Test {
 protected:
  ClosedServerTest() = default;
  // One of several that share a store.
  ClosedServerTest(std::string node, std::string store)
      : server_(std::move(node), std::move(store)) {}

  // Started, and bootstrapped by whoever has management_.
  void Close(const std::vector<std::string>& flags = {"--acl"}) {
    ASSERT_TRUE(server_.Start(flags));
    const Finished made = Rollcall({"acl", "bootstrap", "--json"});
    ASSERT_EQ(made.code, 0) << made.errors;
    management_ = Json::parse(made.output).at("SecretID");
  }

  // The command line, as the bearer of `secret`.
  Finished Rollcall(std::vector<std::string> arguments, const std::string& secret = "",
                    const std::string& input = "") const {
    arguments.insert(arguments.begin(), ROLLCALL_PROGRAM);
    return RunToEnd(
        {.argv = std::move(arguments),
         .environment = {"CONSUL_HTTP_ADDR=" + server_.Url(), "CONSUL_HTTP_TOKEN=" + secret},
         .output_path = dir_.File("out"),
         .error_path = dir_.File("err"),
         .input = input});
  }

  const TempDir dir_;
  Server server_;
  std::string management_;
};

}  // namespace rollcall::e2e
