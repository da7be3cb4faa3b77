#include "registry/model/coordinate_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace rollcall::model {
namespace {

using nlohmann::json;

TEST(CoordinateJsonTest, ReadsWhatItShows) {
  Coordinate coordinate;
  coordinate.node = "n";
  coordinate.segment = "s";
  coordinate.vec = {0.1, -2, 3e-9, 4, 5, 6, 7, 1e300};
  coordinate.error = 1.5;
  coordinate.adjustment = -0.25;
  coordinate.height = 1e-5;
  const std::string text = CoordinateJson(coordinate).dump();
  EXPECT_EQ(json::parse(text), json::parse(R"({"Node": "n", "Segment": "s", "Coord": {
      "Vec": [0.1, -2, 3e-9, 4, 5, 6, 7, 1e300], "Error": 1.5, "Adjustment": -0.25,
      "Height": 1e-5}})"));
  const auto parsed = ParseUpdateCoordinate(text, "dc1");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_TRUE(SameContent(parsed->coordinate, coordinate));
}

TEST(CoordinateJsonTest, TakesWhatConsulsClientsSend) {
  const auto parsed = ParseUpdateCoordinate(
      R"({"Datacenter": "dc1", "node": "n", "Token": "", "Coord": {"Adjustment": 0, "Error": 1.5,
          "Height": 0, "Vec": [0, 0, 0, 0, 0, 0, 0, -1]}})",
      "dc1");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->coordinate.vec[7], -1);
  EXPECT_EQ(parsed->coordinate.segment, "");
}

TEST(CoordinateJsonTest, SaysWhatIsWrong) {
  const std::string eight = "[1, 2, 3, 4, 5, 6, 7, 8]";
  const struct {
    std::string body;
    std::string message;
  } cases[] = {
      {"", "Request decode failed: unexpected end of JSON at byte 0"},
      {"[]", "Request decode failed: expected an object, found an array"},
      {R"({"Coord": {"Vec": )" + eight + "}}", "Must provide node"},
      {R"({"Node": "n"})", "incompatible coordinate: Vec has 0 numbers where 8 are expected"},
      {R"({"Node": "n", "Coord": {"Vec": [1, 2]}})",
       "incompatible coordinate: Vec has 2 numbers where 8 are expected"},
      {R"({"Node": "n", "Coord": {"Vec": [1, 2, 3, 4, 5, 6, 7, 8, 9]}})",
       "incompatible coordinate: Vec has 9 numbers where 8 are expected"},
      {R"({"Node": "n", "Coord": {"Vec": [1, "2"]}})",
       "Request decode failed: Coord.Vec[1]: expected a number"},
      {R"({"Node": "n", "Coord": {"Vec": 1}})",
       "Request decode failed: Coord.Vec: expected an array of numbers"},
      {R"({"Node": "n", "Coord": {"Height": true}})",
       "Request decode failed: Coord.Height: expected a number"},
      {R"({"Node": "n", "Coord": {"Height": 1e999}})",
       "Request decode failed: a number is out of range"},
      {R"({"Node": "n", "Coord": {"Vec": [NaN]}})",
       "Request decode failed: invalid JSON at byte 33"},
      {R"({"Node": "n", "Coord": {"Depth": 1}})",
       "Request decode failed: unknown field \"Coord.Depth\""},
      {R"({"Node": "n", "Datacenter": "dc2", "Coord": {"Vec": )" + eight + "}}",
       "No path to datacenter"},
  };
  for (const auto& c : cases) {
    const auto parsed = ParseUpdateCoordinate(c.body, "dc1");
    ASSERT_FALSE(parsed) << c.body;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(parsed.error().message, c.message);
  }
}

}  // namespace
}  // namespace rollcall::model
