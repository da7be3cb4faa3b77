// What docs/agent.md says there is, is what the agent has: its options and keys, its kinds of
// checks with an example of each, and examples that load as they stand there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <sstream>

#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::IsSupersetOf;
using Names = std::set<std::string>;

// What `pattern` captures first, everywhere in `text`.
Names Captured(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  Names names;
  for (std::sregex_iterator each(text.begin(), text.end(), regex), end; each != end; ++each) {
    names.insert((*each)[1]);
  }
  return names;
}

// "node_ttl" and "NodeTTL" are one key.
std::string Folded(const std::string& key) {
  std::string folded;
  for (const char c : key) {
    if (c != '_') folded += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return folded;
}
Names Folded(const Names& keys) {
  Names folded;
  for (const std::string& key : keys) folded.insert(Folded(key));
  return folded;
}

class AgentPageTest : public ::testing::Test {
 protected:
  // The rows of the table that begins with `heading`, each from its first "|" to its last.
  std::vector<std::string> Rows(const std::string& heading) const {
    std::vector<std::string> rows;
    const size_t table = page_.find("\n| " + heading + " |");
    EXPECT_NE(table, std::string::npos) << heading;
    std::istringstream lines(page_.substr(std::min(table + 1, page_.size())));
    for (std::string line; std::getline(lines, line) && line.starts_with("|");) {
      rows.push_back(line);
    }
    EXPECT_GT(rows.size(), 3u) << heading;
    rows.erase(rows.begin(), rows.begin() + std::min<std::ptrdiff_t>(2, std::ssize(rows)));
    return rows;
  }
  // Its cells; "|" within one is written "\|".
  static std::string Cell(const std::string& row, size_t column) {
    const std::string escaped = std::regex_replace(row, std::regex(R"(\\\|)"), "/");
    std::istringstream cells(escaped);
    std::string cell;
    for (size_t i = 0; i <= column + 1; ++i) std::getline(cells, cell, '|');
    return cell;
  }

  // Everything in its blocks of JSON.
  std::vector<std::string> Blocks() const {
    std::vector<std::string> blocks;
    const std::string begin = "\n```json\n";
    for (size_t at = 0; (at = page_.find(begin, at)) != std::string::npos;) {
      at += begin.size();
      blocks.push_back(page_.substr(at, page_.find("\n```\n", at) + 1 - at));
    }
    EXPECT_GT(blocks.size(), 1u);
    return blocks;
  }

  Finished Validate(const std::string& json) {
    dir_.Write("agent.json", json);
    return RunToEnd({.argv = {ROLLCALL_AGENT_PROGRAM, "validate", dir_.File("agent.json"),
                              "--enable-local-script-checks", "true"},
                     .output_path = dir_.File("out"),
                     .error_path = dir_.File("err")});
  }

  const std::string page_ = ReadFile(ROLLCALL_AGENT_PAGE);
  const TempDir dir_;
};

TEST_F(AgentPageTest, EveryOptionIsInTheTableAndNoOther) {
  const Finished help =
      RunToEnd({.argv = {ROLLCALL_AGENT_PROGRAM, "--help"}, .output_path = dir_.File("help")});
  Names options = Captured(help.output, "\n *(?:-[a-z],)?(--[a-z-]+)");
  EXPECT_EQ(options.erase("--help"), 1u);
  EXPECT_EQ(options.erase("--version"), 1u);
  Names in_table;
  for (const std::string& row : Rows("flag"))
    in_table.merge(Captured(Cell(row, 0), "`(--[a-z-]+)"));
  EXPECT_EQ(in_table, options);
}

TEST_F(AgentPageTest, EveryKeyOfAFileIsInTheTablesAndNoOther) {
  Names in_tables = {"service", "services", "check", "checks"};
  for (const std::string& key : in_tables)
    EXPECT_NE(page_.find("`" + key + "`"), std::string::npos);
  for (const std::string& row : Rows("flag"))
    in_tables.merge(Captured(Cell(row, 1), "`([a-z_]+)`"));
  // Each name in the source is that of a key.
  const Names keys = Captured(ReadFile(ROLLCALL_AGENT_KEYS), "\"([A-Z][A-Za-z]+)\"");
  EXPECT_EQ(Folded(in_tables), Folded(keys));
  for (const std::string& key : in_tables) {
    const Finished checked = Validate("{\"" + key + "\": null}");
    EXPECT_EQ(checked.code, 0) << checked.errors;
  }
  EXPECT_EQ(Validate(R"({"nonsense": null})").code, 1);
}

TEST_F(AgentPageTest, FieldsOfAServiceAreRead) {
  for (const std::string& row : Rows("field of a service")) {
    const Names fields = Captured(Cell(row, 0), "`([a-z_]+)`");
    EXPECT_FALSE(fields.empty()) << row;
    for (const std::string& field : fields) {
      const std::string name = field == "name" ? "" : R"("name": "web", )";
      const std::string value = field == "name" ? "\"web\"" : "null";
      const Finished checked =
          Validate("{\"service\": {" + name + "\"" + field + "\": " + value + "}}");
      EXPECT_EQ(checked.code, 0) << checked.errors;
    }
  }
}

TEST_F(AgentPageTest, EachOfItsExamplesLoads) {
  for (const std::string& block : Blocks()) {
    const Finished checked = Validate(block);
    EXPECT_EQ(checked.code, 0) << block << checked.errors;
  }
}

TEST_F(AgentPageTest, EachKindOfCheckHasAnExample) {
  Names in_examples;
  const auto add = [&](const Json& check) {
    for (const auto& [key, value] : check.items()) in_examples.insert(key);
  };
  for (const std::string& block : Blocks()) {
    const Json all = Json::parse(block);
    for (const Json& check : all.value("checks", Json::array())) add(check);
  }
  Names kinds;
  for (const std::string& row : Rows("kind")) {
    // The first field of a kind is the one that makes it so.
    const std::string fields = Cell(row, 1);
    const Names first =
        Captured(fields.substr(0, fields.find('`', fields.find('`') + 1) + 1), "`([a-z0-9_]+)`");
    EXPECT_EQ(first.size(), 1u) << row;
    kinds.insert(first.begin(), first.end());
  }
  EXPECT_EQ(kinds.size(), 8u);
  EXPECT_THAT(in_examples, IsSupersetOf(kinds));
}

TEST_F(AgentPageTest, ItsErrorIsTheOneThatIsSaid) {
  const std::string block = BlockOf(ROLLCALL_AGENT_PAGE, "sh", "rollcall-agent validate");
  dir_.Write("web.json",
             "{\n  \"services\": [{\"name\": \"web\"},\n    {\"name\": \"db\", \"prot\": 1}]\n}");
  const std::string said = block.substr(block.find('\n') + 1);
  const Finished checked = RunToEnd({.argv = {ROLLCALL_AGENT_PROGRAM, "validate", dir_.path()},
                                     .output_path = dir_.path() + "/out",
                                     .error_path = dir_.path() + "/err"});
  EXPECT_EQ(checked.code, 1);
  EXPECT_EQ(checked.errors, With(said, "/etc/rollcall/agent.d", dir_.path()));
}

}  // namespace
}  // namespace rollcall::e2e
