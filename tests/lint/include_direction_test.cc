#include "tests/lint/include_direction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace rollcall::lint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Rule {
  const char* file;
  const char* includes;
};

std::string IncludeLine(const Rule& rule) {
  const std::string target = rule.includes;
  return "#include " + (target.starts_with('<') ? target : '"' + target + '"') + "\n";
}

TEST(IncludeDirectionTest, LetsALayerSeeWhatIsBelowIt) {
  constexpr Rule kRules[] = {
      {"registry/base/result.cc", "registry/base/result.h"},
      {"registry/acl/rule_parser.cc", "registry/base/result.h"},
      {"registry/acl/objects/grants.cc", "registry/acl/authorizer.h"},
      {"registry/acl/objects/stored.cc", "registry/model/records.h"},
      {"registry/acl/methods/requests.cc", "registry/jwt/method_config.h"},
      {"registry/jwt/key_set.cc", "registry/base/result.h"},
      {"registry/jwt/remote/exchange.cc", "<boost/asio/io_context.hpp>"},
      {"registry/model/json.cc", "registry/base/result.h"},
      {"registry/store/rocksdb_store.cc", "registry/model/mutation.h"},
      {"registry/store/rocksdb_store.cc", "<rocksdb/db.h>"},
      {"registry/store/etcd/etcd_log.cc", "registry/store/shared_log.h"},
      {"registry/store/etcd/etcd_log.cc", "<boost/asio/io_context.hpp>"},
      {"registry/catalog/catalog.cc", "registry/store/store.h"},
      {"dns/lookup.cc", "registry/catalog/snapshot.h"},
      {"dns/udp_server.cc", "<sys/socket.h>"},
      {"api/routes.cc", "registry/catalog/snapshot.h"},
      {"api/routes.cc", "api/http/router.h"},
      {"api/routes.cc", "api/filter/filter.h"},
      {"api/filter/filter.cc", "registry/catalog/snapshot.h"},
      {"api/acl_login/binding.cc", "api/filter/filter.h"},
      {"api/acl_login/binding.cc", "registry/acl/methods/methods.h"},
      {"api/http/router.cc", "registry/base/result.h"},
      {"api/http/tls_files.cc", "registry/pki/certificate.h"},
      {"agent/agent.cc", "registry/model/json.h"},
      {"agent/agent.cc", "api/http/server.h"},
      {"agent/agent.cc", "agent/probe/http_probe.h"},
      {"agent/probe/http_probe.cc", "registry/model/records.h"},
      {"cli/server_command.cc", "dns/udp_server.h"},
      {"cli/tls_ca_command.cc", "registry/pki/authority.h"},
      {"cli/server_command.cc", "registry/store/rocksdb_store.h"},
      {"agent/agent_main.cc", "cli/console.h"},
  };
  for (const Rule& rule : kRules) {
    EXPECT_THAT(CheckFile(rule.file, IncludeLine(rule)), IsEmpty());
  }
}

TEST(IncludeDirectionTest, FindsWhatALayerMustNotSee) {
  constexpr Rule kRules[] = {
      {"registry/base/clock.cc", "registry/model/records.h"},
      {"registry/pki/authority.cc", "registry/model/records.h"},
      {"registry/pki/authority.cc", "<sys/socket.h>"},
      {"registry/acl/authorizer.cc", "registry/model/records.h"},
      {"registry/acl/authorizer.cc", "registry/acl/objects/objects.h"},
      {"registry/acl/objects/grants.cc", "registry/catalog/snapshot.h"},
      {"registry/acl/objects/grants.cc", "registry/acl/methods/methods.h"},
      {"registry/acl/methods/requests.cc", "registry/jwt/remote/fetcher.h"},
      {"registry/jwt/key_set.cc", "registry/model/json.h"},
      {"registry/jwt/key_set.cc", "registry/jwt/remote/fetcher.h"},
      {"registry/jwt/key_set.cc", "<boost/asio/io_context.hpp>"},
      {"registry/jwt/remote/exchange.cc", "api/http/router.h"},
      {"registry/model/json.cc", "registry/acl/objects/objects.h"},
      {"registry/model/json.cc", "registry/store/store.h"},
      {"registry/store/rocksdb_store.cc", "registry/catalog/catalog.h"},
      {"registry/store/rocksdb_store.cc", "registry/store/etcd/etcd_log.h"},
      {"registry/catalog/catalog.cc", "registry/store/etcd/etcd_log.h"},
      {"registry/store/etcd/etcd_log.cc", "<rocksdb/db.h>"},
      {"registry/catalog/catalog.cc", "dns/lookup.h"},
      {"api/acl_login/binding.cc", "api/routes.h"},
      {"api/filter/filter.cc", "api/acl_login/binding.h"},
      {"api/filter/filter.cc", "api/routes.h"},
      {"api/filter/filter.cc", "api/http/router.h"},
      {"registry/catalog/catalog.cc", "api/routes.h"},
      {"registry/catalog/catalog.cc", "<boost/asio.hpp>"},
      {"registry/catalog/catalog.cc", "<rocksdb/db.h>"},
      {"dns/lookup.cc", "api/routes.h"},
      {"dns/lookup.cc", "api/http/router.h"},
      {"api/routes.cc", "dns/lookup.h"},
      {"api/routes.cc", "agent/agent.h"},
      {"api/http/router.cc", "registry/model/json.h"},
      {"api/http/router.cc", "api/routes.h"},
      {"agent/agent.cc", "registry/catalog/catalog.h"},
      {"agent/agent.cc", "api/routes.h"},
      {"agent/agent.cc", "dns/lookup.h"},
      {"agent/agent.cc", "<rocksdb/db.h>"},
      {"agent/probe/http_probe.cc", "agent/agent.h"},
      {"agent/probe/http_probe.cc", "api/http/server.h"},
      {"dns/lookup.cc", "cli/console.h"},
      {"dns/lookup.cc", "lookup.h"},
      {"api/routes.cc", "tests/support/temp_dir.h"},
  };
  for (const Rule& rule : kRules) {
    EXPECT_THAT(CheckFile(rule.file, IncludeLine(rule)),
                ElementsAre(HasSubstr(rule.file + std::string(":1: "))))
        << rule.file << " includes " << rule.includes;
  }
}

TEST(IncludeDirectionTest, NamesFileAndLineOfWhatItFinds) {
  EXPECT_THAT(CheckFile("dns/lookup.cc", "// Lookup.\n\n  #  include  \"api/routes.h\"  // why\n"),
              ElementsAre("dns/lookup.cc:3: dns must not see api (\"api/routes.h\")"));
}

TEST(IncludeDirectionTest, TakesTheDeepestFolderAsTheLayer) {
  EXPECT_EQ(LayerOf("api/routes.cc"), "api");
  EXPECT_EQ(LayerOf("api/http/router.cc"), "api/http");
  EXPECT_EQ(LayerOf("api/httpx/router.cc"), "api");
  EXPECT_EQ(LayerOf("tests/dns/lookup_test.cc"), "");
}

TEST(IncludeDirectionTest, AsksForPragmaOnceInEveryHeader) {
  EXPECT_THAT(CheckFile("tests/support/temp_dir.h", "// A directory.\n"),
              ElementsAre("tests/support/temp_dir.h:1: no #pragma once"));
  EXPECT_THAT(CheckFile("dns/lookup.h", "// Lookup.\n#pragma once\n"), IsEmpty());
  EXPECT_THAT(CheckFile("dns/lookup.cc", "// Lookup.\n"), IsEmpty());
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The tree itself. That each layer was met shows that the scan looked at the right place.
TEST(IncludeDirectionTest, HoldsInThisTree) {
  const std::filesystem::path root = ROLLCALL_SOURCE_DIR;
  std::set<std::string> layers_met;
  for (const char* folder : {"registry", "dns", "api", "agent", "cli", "examples", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      const std::string path = std::filesystem::relative(entry.path(), root).string();
      if (const auto layer = LayerOf(path); !layer.empty()) layers_met.emplace(layer);
      for (const Finding& finding : CheckFile(path, ReadFile(entry.path()))) {
        ADD_FAILURE() << finding;
      }
    }
  }
  for (const char* layer :
       {"registry/base", "registry/acl", "registry/acl/objects", "registry/pki", "registry/model",
        "registry/store", "registry/catalog", "dns", "api", "api/http", "agent", "cli"}) {
    EXPECT_TRUE(layers_met.contains(layer)) << layer;
  }
}

}  // namespace
}  // namespace rollcall::lint
