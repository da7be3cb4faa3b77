#include "registry/model/coordinate_json.h"

#include <nlohmann/json.hpp>
#include <string>

#include "registry/model/json_fields.h"

namespace rollcall::model {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

Result<void> ParseNumber(const json& value, const std::string& path, double* out) {
  if (!value.is_number()) return InvalidArgument(path + ": expected a number");
  *out = value.get<double>();
  return {};
}

// `*count` is how many numbers there were, of which those that have a place are kept.
Result<void> ParseVector(const json& value, const std::string& path, Coordinate* out,
                         size_t* count) {
  if (!value.is_array()) return InvalidArgument(path + ": expected an array of numbers");
  *count = value.size();
  for (size_t i = 0; i < value.size(); ++i) {
    double number = 0;
    Result<void> ok = ParseNumber(value[i], path + "[" + std::to_string(i) + "]", &number);
    if (!ok) return ok;
    if (i < out->vec.size()) out->vec[i] = number;
  }
  return {};
}

Result<void> ParseCoord(const json& value, const std::string& path, Coordinate* out,
                        size_t* dimensions) {
  const auto into = [](double* number) {
    return [number](const json& v, const std::string& p) { return ParseNumber(v, p, number); };
  };
  FieldReader reader(value, path);
  reader
      .ReadNested("Vec", [&](const json& v,
                             const std::string& p) { return ParseVector(v, p, out, dimensions); })
      .ReadNested("Error", into(&out->error))
      .ReadNested("Adjustment", into(&out->adjustment))
      .ReadNested("Height", into(&out->height));
  return reader.Finish();
}

}  // namespace

ordered_json CoordinateJson(const Coordinate& coordinate) {
  return {{"Node", coordinate.node},
          {"Segment", coordinate.segment},
          {"Coord",
           {{"Vec", coordinate.vec},
            {"Error", coordinate.error},
            {"Adjustment", coordinate.adjustment},
            {"Height", coordinate.height}}}};
}

Result<UpdateCoordinate> ParseUpdateCoordinate(std::string_view body, std::string_view datacenter) {
  const auto decode_failed = [](const Error& error) {
    return InvalidArgument("Request decode failed: " + error.message);
  };
  const Result<json> parsed = ParseJson(body);
  if (!parsed) return decode_failed(parsed.error());
  Coordinate coordinate;
  size_t dimensions = 0;
  std::string asked_datacenter;
  FieldReader reader(*parsed, "");
  reader.Read("Node", &coordinate.node)
      .Read("Segment", &coordinate.segment)
      .Read("Datacenter", &asked_datacenter)
      .ReadNested("Coord", [&](const json& v, const std::string& p) {
        return ParseCoord(v, p, &coordinate, &dimensions);
      });
  for (const char* unused : {"Token", "WriteRequest", "Namespace", "Partition"}) {
    reader.Ignore(unused);
  }
  if (Result<void> ok = reader.Finish(); !ok) return decode_failed(ok.error());
  if (!asked_datacenter.empty() && asked_datacenter != datacenter) {
    return InvalidArgument("No path to datacenter");
  }
  if (coordinate.node.empty()) return InvalidArgument("Must provide node");
  if (dimensions != Coordinate::kDimensions) {
    return InvalidArgument("incompatible coordinate: Vec has " + std::to_string(dimensions) +
                           " numbers where " + std::to_string(Coordinate::kDimensions) +
                           " are expected");
  }
  return UpdateCoordinate{std::move(coordinate)};
}

}  // namespace rollcall::model
