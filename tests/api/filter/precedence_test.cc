#include <gtest/gtest.h>

#include <string_view>

#include "api/filter/filter.h"
#include "registry/model/records.h"

namespace rollcall::api::filter {
namespace {

// An expression over `a`, `b` and `c` (each: the tag is there) and what it must be equal to.
struct Case {
  std::string_view text;
  bool (*meaning)(bool a, bool b, bool c);
};

// Also that evaluation leads through the right clauses: all eight combinations are tried.
TEST(FilterPrecedenceTest, NotBindsTighterThanAndTighterThanOr) {
  constexpr Case kCases[] = {
      {"a in Tags", [](bool a, bool, bool) { return a; }},
      {"not a in Tags", [](bool a, bool, bool) { return !a; }},
      {"not not a in Tags", [](bool a, bool, bool) { return a; }},
      {"not not not a in Tags", [](bool a, bool, bool) { return !a; }},
      {"a not in Tags", [](bool a, bool, bool) { return !a; }},
      {"not a not in Tags", [](bool a, bool, bool) { return a; }},
      {"a in Tags and b in Tags and c in Tags", [](bool a, bool b, bool c) { return a && b && c; }},
      {"a in Tags or b in Tags or c in Tags", [](bool a, bool b, bool c) { return a || b || c; }},
      {"a in Tags or b in Tags and c in Tags",
       [](bool a, bool b, bool c) { return a || (b && c); }},
      {"a in Tags and b in Tags or c in Tags",
       [](bool a, bool b, bool c) { return (a && b) || c; }},
      {"(a in Tags or b in Tags) and c in Tags",
       [](bool a, bool b, bool c) { return (a || b) && c; }},
      {"a in Tags and (b in Tags or c in Tags)",
       [](bool a, bool b, bool c) { return a && (b || c); }},
      {"not a in Tags and b in Tags or c in Tags",
       [](bool a, bool b, bool c) { return (!a && b) || c; }},
      {"not (a in Tags and b in Tags) or c in Tags",
       [](bool a, bool b, bool c) { return !(a && b) || c; }},
      {"not (a in Tags or b in Tags or c in Tags)",
       [](bool a, bool b, bool c) { return !(a || b || c); }},
      {"not (a in Tags and not (b in Tags or not c in Tags))",
       [](bool a, bool b, bool c) { return !(a && !(b || !c)); }},
      {"not a in Tags or not b in Tags and not c in Tags",
       [](bool a, bool b, bool c) { return !a || (!b && !c); }},
      {"((a in Tags))", [](bool a, bool, bool) { return a; }},
      {"(a in Tags) and (b in Tags)", [](bool a, bool b, bool) { return a && b; }},
      {"( not ( not ( a in Tags ) ) )", [](bool a, bool, bool) { return a; }},
  };
  for (const Case& c : kCases) {
    const auto filter = Filter<model::Instance>::Parse(c.text);
    ASSERT_TRUE(filter.has_value()) << c.text << ": " << filter.error().message;
    for (unsigned bits = 0; bits < 8; ++bits) {
      const bool a = (bits & 1) != 0;
      const bool b = (bits & 2) != 0;
      const bool has_c = (bits & 4) != 0;
      std::vector<std::string> tags;
      if (a) tags.emplace_back("a");
      if (b) tags.emplace_back("b");
      if (has_c) tags.emplace_back("c");
      model::Instance instance;
      instance.tags = tags;
      EXPECT_EQ(filter->Matches(instance), c.meaning(a, b, has_c)) << c.text << " with " << bits;
    }
  }
}

}  // namespace
}  // namespace rollcall::api::filter
