#include "tests/e2e/harness/page.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/e2e/harness/files.h"

namespace rollcall::e2e {

std::string BlockOf(const std::string& path, const std::string& language,
                    const std::string& words) {
  const std::string page = ReadFile(path);
  const std::string begin = "\n```" + language + "\n";
  std::string found;
  for (size_t at = 0; (at = page.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    const std::string block = page.substr(at, page.find("\n```\n", at) + 1 - at);
    if (block.find(words) == std::string::npos) continue;
    EXPECT_EQ(found, "") << path << " has more than one " << language << " with " << words;
    found = block;
  }
  EXPECT_NE(found, "") << path << " has no " << language << " with " << words;
  return found;
}

std::string With(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from << " is not in:\n" << text;
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

int ExpectMetricsOnPage(const std::string& metrics, const std::string& path) {
  const std::string page = ReadFile(path);
  std::istringstream lines(metrics);
  int families = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash;
    std::string kind;
    std::string name;
    std::string type;
    words >> hash >> kind >> name >> type;
    if (kind != "TYPE") continue;
    ++families;
    const std::string row = "| `" + name + "` | " + type + " |";
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
  return families;
}

}  // namespace rollcall::e2e
