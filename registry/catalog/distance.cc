#include "registry/catalog/distance.h"

#include <cmath>
#include <limits>

namespace rollcall::catalog {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

}  // namespace

double Distance(const model::Coordinate& a, const model::Coordinate& b) {
  double squares = 0;
  for (size_t i = 0; i < a.vec.size(); ++i) {
    const double difference = a.vec[i] - b.vec[i];
    squares += difference * difference;
  }
  // May overflow, but is a number whatever the terms are (a NaN has no place in an order): each is
  // finite, and they are added one after the other.
  const double raw = std::sqrt(squares) + a.height + b.height;
  const double adjusted = raw + a.adjustment + b.adjustment;
  return adjusted > 0 ? adjusted : raw;
}

double Distance(const CoordinateSet* a, const CoordinateSet* b) {
  if (a == nullptr || b == nullptr) return kInfinite;
  std::string_view segment;
  for (const CoordinateSet* set : {a, b}) {
    if (set->coordinates.size() == 1) segment = set->coordinates.front()->segment;
  }
  const model::Coordinate* in_a = a->Find(segment);
  const model::Coordinate* in_b = b->Find(segment);
  return in_a == nullptr || in_b == nullptr ? kInfinite : Distance(*in_a, *in_b);
}

}  // namespace rollcall::catalog
