#include "cli/table.h"

#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

TEST(TableTest, AlignsColumnsByWhatIsSeen) {
  Table table({"NAME", "TAGS"}, false);
  table.AddRow({"w", "a,b"});
  table.AddRow({"größer", ""});
  EXPECT_EQ(table.Text(),
            "NAME    TAGS\n"
            "w       a,b\n"
            "größer  -\n");
}

TEST(TableTest, ColoursOnlyTheStatusColumn) {
  Table table({"ID", "STATUS"}, true);
  table.AddRow({"passing", "passing"});
  table.AddRow({"b", "critical"});
  EXPECT_EQ(table.Text(),
            "ID       STATUS\n"
            "passing  \x1b[32mpassing\x1b[0m\n"
            "b        \x1b[31mcritical\x1b[0m\n");
}

TEST(TableTest, TakesControlCharactersOut) {
  Table table({"NAME"}, false);
  table.AddRow({"a\x1b[2Jb\nc"});
  EXPECT_EQ(table.Text(), "NAME\na [2Jb c\n");
}

}  // namespace
}  // namespace rollcall::cli
