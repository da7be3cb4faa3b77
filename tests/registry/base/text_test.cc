#include "registry/base/text.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rollcall {
namespace {

static_assert(sizeof(Text) == sizeof(void*));

TEST(TextTest, SaysWhatItWasMadeFrom) {
  const std::string with_zero("a\0b", 3);
  EXPECT_EQ(Text("web").view(), "web");
  EXPECT_EQ(Text(with_zero).str(), with_zero);
  EXPECT_EQ(Text(std::string_view("webserver").substr(0, 3)), "web");
  EXPECT_EQ(Text("web").size(), 3U);
  EXPECT_FALSE(Text("web").empty());
}

TEST(TextTest, EmptyHasNoCharacters) {
  for (const Text& text : {Text(), Text(""), Text(std::string())}) {
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(text.size(), 0U);
    EXPECT_EQ(text.view(), "");
    EXPECT_EQ(text.identity(), nullptr);
    EXPECT_TRUE(text.SharesWith(Text()));
  }
}

TEST(TextTest, CopiesShareAndOutliveTheirOriginal) {
  auto original = std::make_unique<Text>("a text that is longer than any small buffer");
  EXPECT_TRUE(original->IsOnlyReference());
  const Text copy = *original;
  EXPECT_TRUE(copy.SharesWith(*original));
  EXPECT_EQ(copy.identity(), original->identity());
  EXPECT_FALSE(copy.IsOnlyReference());
  original.reset();
  EXPECT_TRUE(copy.IsOnlyReference());
  EXPECT_EQ(copy, "a text that is longer than any small buffer");
}

TEST(TextTest, AssignmentDropsWhatWasThere) {
  Text text = "before";
  const Text kept = text;
  text = Text("after");
  EXPECT_EQ(text, "after");
  EXPECT_TRUE(kept.IsOnlyReference());
  Text& itself = text;
  text = itself;
  EXPECT_EQ(text, "after");
  const Text moved = std::move(text);
  EXPECT_EQ(moved, "after");
  EXPECT_TRUE(moved.IsOnlyReference());
}

TEST(TextTest, ComparesByItsCharacters) {
  const Text web = "web";
  EXPECT_EQ(web, Text("web"));
  EXPECT_FALSE(web.SharesWith(Text("web")));
  EXPECT_NE(web, Text("Web"));
  EXPECT_EQ(web, "web");
  EXPECT_EQ("web", web);
  EXPECT_EQ(web, std::string("web"));
  EXPECT_EQ(std::string_view("web"), web);
  EXPECT_NE(web, "we");
  EXPECT_LT(Text("we"), web);
  EXPECT_LT(Text(), web);
  EXPECT_GT(web, "weaver");
  EXPECT_GT(Text("\xff"), Text("a"));  // as bytes
}

TEST(TextTest, IsAStringToThoseWhoTakeOne) {
  const Text web = "web";
  const std::string_view view = web;
  EXPECT_EQ(view.data(), web.identity());
  EXPECT_EQ("<" + web + ">", "<web>");
  EXPECT_EQ(web + web, "webweb");
  std::string appended = "a ";
  appended += web;
  EXPECT_EQ(appended, "a web");
  std::ostringstream out;
  out << web;
  EXPECT_EQ(out.str(), "web");
  std::map<Text, int> map = {{"web", 1}};
  EXPECT_EQ(map[web], 1);
  EXPECT_EQ(std::hash<Text>()(web), std::hash<Text>()(Text("web")));
}

TEST(TextTest, IsAStringInJson) {
  nlohmann::ordered_json object = {{"Name", Text("web")}, {"None", Text()}};
  object["Tags"] = TextList{"a", "b"};
  object["NoTags"] = TextList();
  EXPECT_EQ(object.dump(), R"({"Name":"web","None":"","Tags":["a","b"],"NoTags":[]})");
}

TEST(TextTest, ThreadsMayCopyAndDropOneText) {
  for (int round = 0; round < 50; ++round) {
    std::vector<std::thread> threads;
    {
      const Text shared = "shared by all threads";
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([text = shared] {
          for (int j = 0; j < 200; ++j) {
            const Text copy = text;
            EXPECT_EQ(copy, "shared by all threads");
          }
        });
      }
    }
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace rollcall
