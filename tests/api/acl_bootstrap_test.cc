// PUT /v1/acl/bootstrap, its reset by a file, and what /v1/acl says where access is not controlled.
#include <gmock/gmock.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "registry/store/document.h"
#include "tests/api/acl_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AclBootstrapTest : public AclApiTest {
 protected:
  AclBootstrapTest() {
    directory_ = testing::TempDir() + "rollcall-bootstrap-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    OnWorker([this] {
      shared().bootstrap_reset.data_dir = directory_;
      return true;
    });
  }
  ~AclBootstrapTest() override { std::filesystem::remove_all(directory_); }

  Answer Bootstrap() const { return PutAs("", "/v1/acl/bootstrap"); }
  std::string ResetFile() const { return directory_ + "/acl-bootstrap-reset"; }
  void WriteReset(const std::string& text) const { std::ofstream(ResetFile()) << text; }
  // The index that a refusal names.
  std::string ResetIndex() const {
    const std::string body = Bootstrap().body;
    const std::string before = "reset index: ";
    const size_t begin = body.find(before) + before.size();
    return body.substr(begin, body.find(')', begin) - begin);
  }

  std::string directory_;
};

TEST_F(AclBootstrapTest, MakesATokenThatMayDoEverything) {
  const Answer answer = Bootstrap();
  const json token = Ok(answer);
  EXPECT_THAT(Members(answer.body),
              ElementsAre("ID", "AccessorID", "SecretID", "Description", "Policies", "Local",
                          "CreateTime", "Hash", "CreateIndex", "ModifyIndex"));
  EXPECT_EQ(token["ID"], token["SecretID"]);
  EXPECT_EQ(token["Description"], "Bootstrap Token (Global Management)");
  EXPECT_EQ(token["Policies"][0]["Name"], "global-management");
  const std::string secret = token["SecretID"];
  EXPECT_EQ(PutAs(secret, "/v1/acl/policy", {{"Name", "x"}}).status, 200);
  EXPECT_EQ(GetAs(secret, "/v1/agent/host").status, 200);
  const auto snapshot = catalog().snapshots().Get();
  EXPECT_NE(snapshot->FindAcl(model::AclKind::kPolicy, acl::kGlobalManagementId), nullptr);
  EXPECT_NE(snapshot->FindAcl(model::AclKind::kToken, acl::HashSecret("anonymous")), nullptr);
}

TEST_F(AclBootstrapTest, IsAllowedOnce) {
  Ok(Bootstrap());
  const Answer again = Bootstrap();
  EXPECT_EQ(Why(again), "403 Permission denied: ACL bootstrap no longer allowed (reset index: " +
                            std::to_string(catalog()
                                               .snapshots()
                                               .Get()
                                               ->FindAcl(model::AclKind::kBootstrap, "bootstrap")
                                               ->modify_index.value()) +
                            ")");
}

TEST_F(AclBootstrapTest, OfSeveralAtOnceOneIsAllowed) {
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 8; ++i) {
    answers.push_back(std::async(std::launch::async, [this] { return Bootstrap(); }));
  }
  int made = 0;
  for (auto& answer : answers) made += static_cast<int>(answer.get().status == 200);
  EXPECT_EQ(made, 1);
}

TEST_F(AclBootstrapTest, AFileWithTheIndexAllowsItOnceMore) {
  const json first = Ok(Bootstrap());
  WriteReset(ResetIndex() + "\n");
  const json second = Ok(Bootstrap());
  EXPECT_NE(second["SecretID"], first["SecretID"]);
  EXPECT_FALSE(std::filesystem::exists(ResetFile()));
  EXPECT_THAT(Why(Bootstrap()), StartsWith("403 Permission denied: ACL bootstrap no longer"));
  // The lost token is still good: who has it may go on, who resets removes it.
  EXPECT_EQ(GetAs(first["SecretID"], "/v1/acl/tokens").status, 200);
}

TEST_F(AclBootstrapTest, AFileOfAnEarlierResetAllowsNothing) {
  Ok(Bootstrap());
  const std::string index = ResetIndex();
  WriteReset(index);
  Ok(Bootstrap());
  WriteReset(index);
  EXPECT_THAT(Why(Bootstrap()),
              StartsWith("403 Permission denied: Invalid bootstrap reset index (specified " +
                         index + ", reset index: "));
  EXPECT_TRUE(std::filesystem::exists(ResetFile()));
}

TEST_F(AclBootstrapTest, AFileWithAnythingElseAllowsNothing) {
  Ok(Bootstrap());
  const std::string index = ResetIndex();
  for (const std::string& text :
       {std::string(), std::string("0"), "-" + index, index + " x", "0x" + index,
        std::string(100, ' ') + index, std::string("99999999999999999999999")}) {
    WriteReset(text);
    EXPECT_THAT(Why(Bootstrap()), StartsWith("403 Permission denied: ACL bootstrap no longer"))
        << text;
  }
}

TEST_F(AclBootstrapTest, AFileThatAllowsNothingIsNamedInTheLogAndNotInTheAnswer) {
  Ok(Bootstrap());
  const std::string index = ResetIndex();
  WriteReset("reset index: " + index);
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  const std::string answer = Why(Bootstrap());
  spdlog::set_default_logger(before);
  EXPECT_THAT(answer, Not(HasSubstr("acl-bootstrap-reset")));
  EXPECT_THAT(log.str(), HasSubstr(ResetFile() + " allows nothing"));
  EXPECT_THAT(log.str(), HasSubstr("with the number " + index));
}

TEST_F(AclBootstrapTest, AFileBeforeTheFirstBootstrapIsNotLookedAt) {
  WriteReset("17");
  Ok(Bootstrap());
  EXPECT_TRUE(std::filesystem::exists(ResetFile()));
}

TEST_F(AclBootstrapTest, WithoutADataDirectoryItSaysWhatToDo) {
  OnWorker([this] {
    shared().bootstrap_reset.data_dir.clear();
    return true;
  });
  Ok(Bootstrap());
  EXPECT_THAT(Why(Bootstrap()), HasSubstr("a restart forgets everything"));
}

// docs/http-api.md says how to remove the record from etcd.
TEST(AclBootstrapRecordTest, IsInASharedStoreWhereTheManualSays) {
  constexpr std::string_view kKey("catalog/\0\1abootstrap/bootstrap", 30);
  EXPECT_EQ(store::AclDocumentKey(store::AclDocumentId(model::AclKind::kBootstrap, "bootstrap")),
            kKey);
}

class AclDisabledTest : public ApiTest {};

TEST_F(AclDisabledTest, EveryEndpointSaysSo) {
  size_t count = 0;
  for (const http::Route& route : routes()) {
    if (!route.pattern.starts_with("/v1/acl/")) continue;
    ++count;
    std::string path = route.pattern;
    if (const size_t at = path.find(':'); at != std::string::npos) {
      path = path.substr(0, at) + "x" + (path.ends_with("/clone") ? "/clone" : "");
    }
    httplib::Client client("127.0.0.1", port());
    httplib::Request request;
    request.method = std::string(http::MethodName(route.method));
    request.path = path;
    const Answer answer = From(client.send(request));
    EXPECT_EQ(answer.status, 401) << route.pattern;
    EXPECT_EQ(answer.body, "ACL support disabled") << route.pattern;
  }
  EXPECT_GE(count, 22U);
}

class AclMiscTest : public AclApiTest {};

TEST_F(AclMiscTest, ThereIsNoReplicationAndAnybodyMayAsk) {
  const Answer answer = GetAs("", "/v1/acl/replication");
  EXPECT_EQ(Ok(answer)["Enabled"], false);
  EXPECT_THAT(
      Members(answer.body),
      ElementsAre("Enabled", "Running", "SourceDatacenter", "ReplicationType", "ReplicatedIndex",
                  "ReplicatedRoleIndex", "ReplicatedTokenIndex", "LastSuccess", "LastError"));
}

TEST_F(AclMiscTest, RulesOfOldAreRulesAboutPrefixes) {
  const Answer answer =
      PostAs("management", "rules/translate",
             R"(service "web" { policy = "read" } key "" { policy = "write" } operator = "read")");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("service_prefix \"web\""));
  EXPECT_THAT(answer.body, HasSubstr("key_prefix \"\""));
  EXPECT_THAT(answer.body, HasSubstr("operator = \"read\""));
  EXPECT_THAT(Why(PostAs("management", "rules/translate", "sevice")),
              StartsWith("400 Failed to parse ACL rules: line 1"));
  EXPECT_EQ(Why(PostAs("", "rules/translate", "")), "403 Permission denied");
}

}  // namespace
}  // namespace rollcall::api
