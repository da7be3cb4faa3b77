// `rollcall acl` as whoever manages access control calls it, against a server that answers what the
// test tells it to.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/fake_registry.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::cli {

class AclCommandsFixture : public testing::Test {
 protected:
  e2e::Finished Acl(std::vector<std::string> arguments, std::string input = "") {
    arguments.insert(arguments.begin(), {ROLLCALL_PROGRAM, "acl"});
    return e2e::RunToEnd(
        {.argv = std::move(arguments),
         .environment = {"CONSUL_HTTP_ADDR=" + registry_.Url(), "CONSUL_HTTP_TOKEN=management"},
         .output_path = dir_.File("out"),
         .error_path = dir_.File("err"),
         .input = std::move(input)});
  }
  // The JSON that the last request carried; `start` is how the request begins.
  nlohmann::json LastBody(const std::string& start) const {
    const std::string last = registry_.Requests().back();
    EXPECT_THAT(last, testing::StartsWith(start + " "));
    return nlohmann::json::parse(last.substr(start.size() + 1), nullptr, false);
  }

  e2e::TempDir dir_;
  FakeRegistry registry_;
};

}  // namespace rollcall::cli
